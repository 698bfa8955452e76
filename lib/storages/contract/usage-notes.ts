/**
 * The kinds of texts that the library keeps beside the data. The names of each kind:
 *
 * - `routes`: a digest of a service's name; the text lists the routes that the service has declared
 * - `process`: the id of a process; the text says which routes it serves, how its tracking stands, and
 *   when it last reported
 *
 * @publicApi
 */
export type NoteKind = 'routes' | 'process';

/**
 * Makes a new text of the stored one. Called again if another process changes the text meanwhile.
 *
 * @param text Null: none is stored.
 * @returns The text to store; null deletes the stored one, undefined keeps it.
 *
 * @publicApi
 */
export type NoteChange = (text: string | null) => string | null | undefined;
