/** A pause that can be cut short. */
export class Pause {
  private begun = 0;
  private timer: NodeJS.Timeout | undefined;
  private resolve: (() => void) | undefined;

  /** Resolves after `delay` milliseconds, or when it is ended. */
  wait(delay: number): Promise<void> {
    this.begun = performance.now();
    return new Promise((resolve) => {
      this.resolve = resolve;
      this.timer = setTimeout(this.end, delay);
    });
  }

  /** Lets a pause that is under way last `delay` milliseconds from its beginning at most. */
  shorten(delay: number): void {
    if (this.resolve === undefined) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(this.end, Math.max(0, this.begun + delay - performance.now()));
  }

  /** Ends the pause that is under way, if there is one. */
  readonly end = (): void => {
    clearTimeout(this.timer);
    this.resolve?.();
    this.resolve = undefined;
  };
}
