/**
 * The summaries of the application's own by name, with the texts that their keys may be. The library
 * declares none: an application adds its names, so that the compiler knows them in `where` and
 * `dimensions`, and their values in the rows of reports.
 *
 * @example
 * declare module 'nestjs-track-usage' {
 *   interface OwnSummaries {
 *     tenant: string;
 *     plan: 'free' | 'pro';
 *   }
 * }
 *
 * @publicApi
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- applications add to it
export interface OwnSummaries {}

/** The name of a declared summary. */
export type OwnSummary = Extract<keyof OwnSummaries, string>;

/** The value of a declared summary: its key as text, null if a record has none. */
export type OwnValue<Name extends OwnSummary> = Extract<OwnSummaries[Name], string> | null;
