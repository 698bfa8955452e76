import { isHttpAddress, shownAddress } from '../../support/http-address.js';
import { refuseBeside } from '../../support/options-beside.js';
import { optionErrorOf } from '../../support/track-usage-options.error.js';

/** The options of a storage whose server is asked over HTTP. */
export interface HttpOptions {
  url?: string;
  username?: string;
  password?: string;
}

/** The option that takes a client of the application instead. */
export interface ClientOption<Name extends string> {
  readonly name: Name;
  /** What it takes, in words. */
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
}

/**
 * Checks the address of a server and who asks it, or the client of the application.
 *
 * @param owner Whose options they are: `CouchDbStorage`.
 * @param example An address for the message.
 * @throws {TrackUsageOptionsError} if they contradict each other or one is invalid.
 */
export function checkHttpOptions<Name extends string>(
  owner: string,
  given: HttpOptions & Partial<Record<Name, unknown>>,
  client: ClientOption<Name>,
  example: string,
): void {
  const optionError = optionErrorOf(owner);
  const { name, expected, accepts } = client;
  if (name in given && !accepts(given[name])) throw optionError(name, expected, given[name]);
  if ('url' in given && !isHttpAddress(given.url))
    throw optionError('url', example, shownAddress(given.url));
  for (const option of ['username', 'password'] as const) {
    const value: unknown = given[option];
    if (value !== undefined && typeof value !== 'string')
      throw optionError(option, 'text', option === 'password' ? typeof value : value);
  }
  if (given[name] !== undefined)
    refuseBeside<HttpOptions & Partial<Record<Name, unknown>>>(
      owner,
      name,
      given,
      ['url', 'username', 'password'],
      `The ${name} has its own.`,
    );
}

/** Who asks a server: as the options say, else as its address says. */
export function credentialsOf({ username, password }: HttpOptions, address: URL) {
  return {
    username: username ?? decodeURIComponent(address.username),
    password: password ?? decodeURIComponent(address.password),
  };
}
