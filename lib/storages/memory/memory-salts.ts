/** The salts of daily visitors, in this process alone. */
export class MemorySalts {
  private readonly salts = new Map<string, string>();

  take(day: string, proposed: string): string {
    const salt = this.salts.get(day) ?? proposed;
    this.salts.set(day, salt);
    return salt;
  }

  forget(before: string): void {
    for (const day of this.salts.keys()) if (day < before) this.salts.delete(day);
  }
}
