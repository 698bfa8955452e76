const parameters = new Set<string>();

/**
 * Query parameters that hold API keys, as `byApiKey({ query })` names them. They are kept for the
 * process, because an application's own function may call `byApiKey()` out of sight. In lower case.
 */
export const KEY_PARAMETERS: ReadonlySet<string> = parameters;

/** Adds a query parameter whose value is redacted from now on. */
export function addKeyParameter(name: string): void {
  parameters.add(name.toLowerCase());
}

/** Whether a decoded name is that of a parameter with a key: `api`, `API`, `api[]`, `api[x]`. */
export function isKeyParameter(name: string): boolean {
  if (parameters.size === 0) return false;
  const bracket = name.indexOf('[');
  return parameters.has((bracket <= 0 ? name : name.slice(0, bracket)).toLowerCase());
}
