/**
 * Parameters of a route or of a query, by name: a string, or an array if the name is repeated.
 *
 * @publicApi
 */
export type RequestArgs = Record<string, string | string[]>;
