const BASIC = /^basic +([A-Za-z0-9+/_-]+=*) *$/i;
/** Where applications keep the name of a user, most telling first. */
const USER_NAME_PROPERTIES = ['username', 'name', 'sub', 'id'] as const;

/**
 * The user of an `Authorization: Basic` header: UTF-8, or Latin-1 where it is not. Null for
 * another scheme, or what is no name and password in base64. Clients that send an API key send it
 * as a user without a password, so such a user is null too.
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

/** What `request.user` is called. Its getters may throw. */
export function nameOfUser(user: unknown): string | null {
  if (typeof user !== 'object' || user === null) return null;
  for (const name of USER_NAME_PROPERTIES) {
    const text = toName((user as Record<string, unknown>)[name]);
    if (text !== null) return text;
  }
  return null;
}

/** A string, a number or a bigint that names somebody. */
export function toName(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  const isNumber = typeof value === 'bigint' || (typeof value === 'number' && isFinite(value));
  return isNumber ? String(value) : null;
}
