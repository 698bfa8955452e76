import { describe } from 'vitest';

/** Servers that specs talk to, by the middle of their variables' names. */
export type ServerName =
  'POSTGRES' | 'MARIADB' | 'MYSQL' | 'REDIS' | 'MONGODB' | 'COUCHDB' | 'CLICKHOUSE';

/** The address of a server; undefined where there is none. */
export function server(name: ServerName): string | undefined {
  return process.env[`TRACK_USAGE_TEST_${name}_URL`] || undefined;
}

/**
 * A group of specs that needs a server. Without its address the group is skipped, with a line that
 * says so; in CI that is a failure.
 */
export function describeWithServer(
  name: ServerName,
  title: string,
  define: (url: string) => void,
): void {
  const url = server(name);
  if (url !== undefined) {
    describe(title, () => define(url));
    return;
  }
  const variable = `TRACK_USAGE_TEST_${name}_URL`;
  if (process.env['CI'] === 'true') throw new Error(`${title}: ${variable} has no address.`);
  describe.skip(`${title} (skipped: set ${variable})`, () => define('unused://'));
}
