import { randomBytes } from 'node:crypto';
import { parseCookieOptions, type CookieSettings, type CookieOptions } from './cookie-options.js';

const ID_BYTES = 16;

const ID_PATTERN = /^[\w-]{22}$/;
/** Characters of a `Cookie` header that are searched: the most that a server accepts. */
const MAX_HEADER_LENGTH = 16_384;

/** Creates, writes and reads the cookie that identifies a returning visitor. */
export class VisitorCookie {
  private readonly settings: CookieSettings;

  /** @throws {TrackUsageOptionsError} if an option does not fit. Names the first one. */
  constructor(options: true | CookieOptions = true) {
    this.settings = parseCookieOptions(options === true ? {} : options);
  }

  get name(): string {
    return this.settings.name;
  }

  /** A random id for a new visitor: 128 bits. */
  createId(): string {
    return randomBytes(ID_BYTES).toString('base64url');
  }

  /** The id in a `Cookie` header; null if the header has none of the form of `createId`. */
  read(header: string | undefined): string | null {
    if (header === undefined || !header.includes(this.name)) return null;
    for (const pair of header.slice(0, MAX_HEADER_LENGTH).split(';')) {
      const at = pair.indexOf('=');
      if (at < 0 || pair.slice(0, at).trim() !== this.name) continue;
      const value = pair.slice(at + 1).trim();
      if (ID_PATTERN.test(value)) return value;
    }
    return null;
  }

  /**
   * The value of a `Set-Cookie` header.
   *
   * @param https Whether the request came over HTTPS.
   */
  write(id: string, https: boolean): string {
    const { name, attributes, secure } = this.settings;
    return `${name}=${id}${attributes}${(secure ?? https) ? '; Secure' : ''}`;
  }
}
