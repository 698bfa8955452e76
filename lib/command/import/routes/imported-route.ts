/** A route of the application that is looked for in logs. */
export interface ImportedRoute {
  /** In upper case; `ALL` for any. */
  readonly method: string;
  /** As declared: `/cats/:id`. */
  readonly path: string;
  readonly blueprint: string | null;
  readonly handler: string | null;
  readonly apiVersion: string | null;
}
