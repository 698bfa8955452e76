/** A client with a known name. The pattern's first group, if it has one, is the version. */
export interface NamedClient {
  readonly name: string;
  readonly pattern: RegExp;
}

/** Patterns for clients that are found by the product token `Name/version`. Case is ignored. */
export function byProduct(...names: string[]): NamedClient[] {
  return names.map((name) => ({
    name,
    pattern: new RegExp(`\\b${name.replace(/[.+!]/g, '\\$&')}(?:[/ ]v?(\\d[\\w.+-]*))?`, 'i'),
  }));
}

/**
 * A pattern for a client whose header begins with its name. Such clients never imitate a browser.
 *
 * @param token The spelling of the name in the header, as a pattern.
 */
export function byStart(name: string, token = name): NamedClient {
  return { name, pattern: new RegExp(`^${token}(?:[/ ]v?(\\d[\\w.+-]*))?(?![\\w-])`, 'i') };
}
