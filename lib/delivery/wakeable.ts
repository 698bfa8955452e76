/** A pause that can be cut short. */
export class Wakeable {
  private end: (() => void) | undefined;

  /** Resolves after `delay` milliseconds, or when woken. */
  wait(delay: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake(), delay);
      this.end = () => {
        clearTimeout(timer);
        this.end = undefined;
        resolve();
      };
    });
  }

  wake(): void {
    this.end?.();
  }
}
