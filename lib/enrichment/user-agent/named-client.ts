/** A client that is known by name. The pattern's first group, if it has one, is the version. */
export interface NamedClient {
  readonly name: string;
  readonly pattern: RegExp;
}

/** Finds clients by the product token `Name/version` in their own spelling. */
export function byProduct(...names: string[]): NamedClient[] {
  return names.map((name) => ({
    name,
    pattern: new RegExp(`\\b${name.replace(/[.+!]/g, '\\$&')}(?:[/ ]v?(\\d[\\w.+-]*))?`, 'i'),
  }));
}

/**
 * A client by what its header begins with: these are never dressed up as a browser.
 *
 * @param token Its spelling there, as a pattern.
 */
export function byStart(name: string, token = name): NamedClient {
  return { name, pattern: new RegExp(`^${token}(?:[/ ]v?(\\d[\\w.+-]*))?(?![\\w-])`, 'i') };
}
