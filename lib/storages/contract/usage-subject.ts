/**
 * The person whose records are meant, by visitor id, user name or address, as stored. Give exactly
 * one of the three.
 *
 * @publicApi
 */
export type UsageSubject =
  | { readonly visitorId: string; readonly username?: never; readonly remoteAddr?: never }
  | { readonly username: string; readonly visitorId?: never; readonly remoteAddr?: never }
  | { readonly remoteAddr: string; readonly visitorId?: never; readonly username?: never };
