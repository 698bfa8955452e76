/** What a clock on the wall of a zone shows, read from Intl one instant at a time. */
export class WallClock {
  private readonly format: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    this.format = new Intl.DateTimeFormat('sv-SE', {
      timeZone,
      dateStyle: 'short',
      timeStyle: 'medium',
    });
  }

  /** `2011-12-31 14:20:00`. */
  read(instant: number): string {
    return this.format.format(instant);
  }
}
