/** How much memory a process takes while it does something, in megabytes. */
export interface Weight {
  readonly before: number;
  readonly most: number;
}

const EVERY_MS = 50;

/** Weighs the memory of this process, time and again. */
export class Scales {
  private readonly before = megabytes();
  private most = this.before;
  private readonly timer = setInterval(() => this.look(), EVERY_MS);

  stop(): Weight {
    clearInterval(this.timer);
    this.look();
    return { before: this.before, most: this.most };
  }

  private look(): void {
    this.most = Math.max(this.most, megabytes());
  }
}

function megabytes(): number {
  return process.memoryUsage().rss / 1e6;
}
