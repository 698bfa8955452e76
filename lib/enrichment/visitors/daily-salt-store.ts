/** Where the processes of an application share the salts of daily visitors. */
export interface DailySaltStore {
  /**
   * The salt of a day: the one that is stored, or else `proposed`, which is stored. Of processes
   * that ask at once, all get the same.
   *
   * @param day `2026-11-23`.
   */
  dailySalt(day: string, proposed: string): Promise<string>;
  /** Deletes the salts of the days before. */
  forgetDailySalts(before: string): Promise<void>;
}
