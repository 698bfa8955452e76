/** What the process's exit code says. */
export const EXIT = {
  /** Done. */
  ok: 0,
  /** `verify`, `routes` or `doctor` found something. */
  finding: 1,
  /** The command was given what it does not take. */
  usage: 2,
  /** The work could not be done. */
  failed: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
