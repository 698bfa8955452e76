import type { ConnectionOptions } from 'node:tls';
import { TrackUsageOptionsError } from '../../../support/track-usage-options.error.js';

/** A server to connect to. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  readonly tls?: ConnectionOptions;
}

/** The options that name a server. */
interface GivenAddress {
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly tls?: boolean | ConnectionOptions;
}

/** The address in messages. */
export function shownAddress({ host, port, db }: RedisAddress): string {
  return `${host}:${port}${db === 0 ? '' : `/${db}`}`;
}

/**
 * The address that a URL names. Other options come before its parts.
 *
 * @throws {TrackUsageOptionsError} if it is not a URL of Redis.
 */
export function urlAddress(url: string, given: GivenAddress): RedisAddress {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const path = parsed?.pathname.replace(/^\//, '') ?? '';
  if (!parsed || !/^rediss?:$/.test(parsed.protocol) || !parsed.hostname || !/^\d*$/.test(path))
    // An unparsable URL may hold a password anywhere.
    throw new TrackUsageOptionsError(
      'url',
      parsed?.protocol,
      'redis://user:password@host:6379/0, or rediss://… for TLS',
      {
        owner: 'RedisStorage',
        given: parsed
          ? `one that begins with '${parsed.protocol}//'`
          : 'something that is not a URL',
      },
    );
  const { username, password, hostname, port, protocol } = parsed;
  return addressOf(
    {
      ...(username && { username: decodeURIComponent(username) }),
      ...(password && { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' && { tls: true }),
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    },
    hostname.replace(/^\[(.*)\]$/, '$1'),
    port ? Number(port) : 6379,
    Number(path),
  );
}

/** The address that options name. What they leave out is the default. */
export function addressOf(
  { host, port, db, username, password, tls }: GivenAddress,
  defaultHost: string,
  defaultPort: number,
  defaultDb: number,
): RedisAddress {
  return {
    host: host ?? defaultHost,
    port: port ?? defaultPort,
    db: db ?? defaultDb,
    ...(username && { username }),
    ...(password && { password }),
    ...(tls && { tls: tls === true ? {} : tls }),
  };
}
