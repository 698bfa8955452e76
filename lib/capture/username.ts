const BASIC = /^basic +([A-Za-z0-9+/_-]+=*) *$/i;
/** Properties in which applications keep the name of a user, in order of preference. */
const USER_NAME_PROPERTIES = ['username', 'name', 'sub', 'id'] as const;

/**
 * The user in an `Authorization: Basic` header, decoded as UTF-8, or as Latin-1 if it is not valid
 * UTF-8. Null for another scheme, or if the value is not a name and a password in base64. Null also
 * for a user without a password, because clients send API keys in this form.
 */
export function basicUser(authorization: string | undefined): string | null {
  const encoded = authorization === undefined ? undefined : BASIC.exec(authorization)?.[1];
  if (encoded === undefined) return null;
  const bytes = Buffer.from(encoded, 'base64');
  const colon = bytes.indexOf(':');
  if (colon <= 0 || colon === bytes.length - 1) return null;
  const user = bytes.subarray(0, colon);
  const text = user.toString('utf8');
  return text.includes('\ufffd') ? user.toString('latin1') : text;
}

/** The name in `request.user`; null if it has none. Its getters may throw. */
export function nameOfUser(user: unknown): string | null {
  if (typeof user !== 'object' || user === null) return null;
  for (const name of USER_NAME_PROPERTIES) {
    const text = toName((user as Record<string, unknown>)[name]);
    if (text !== null) return text;
  }
  return null;
}

/** Converts a string, a number or a bigint to a name. Null for other and for empty values. */
export function toName(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  const isNumber = typeof value === 'bigint' || (typeof value === 'number' && isFinite(value));
  return isNumber ? String(value) : null;
}
