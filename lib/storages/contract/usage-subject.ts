/**
 * Whose records: those that have this visitor, this user's name or this address, as it is stored.
 * Exactly one of the three.
 *
 * @publicApi
 */
export type UsageSubject =
  | { readonly visitorId: string; readonly username?: never; readonly remoteAddr?: never }
  | { readonly username: string; readonly visitorId?: never; readonly remoteAddr?: never }
  | { readonly remoteAddr: string; readonly visitorId?: never; readonly username?: never };
