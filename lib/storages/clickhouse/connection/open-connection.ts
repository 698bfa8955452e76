import { missingPackage } from '../../../support/optional-packages.js';
import type { ClickHouseTarget } from '../clickhouse-storage.options.js';
import { ClickHouseDatabase } from './clickhouse-database.js';

/** Pruning and counting hours of many records takes its time. Delivery and queries have their own. */
const REQUEST_TIMEOUT_MS = 600_000;

/**
 * Opens the connection, on the application's client or on the storage's own. Sends nothing yet.
 *
 * @throws {Error} if `@clickhouse/client` is needed and not installed.
 */
export async function openConnection(target: ClickHouseTarget): Promise<ClickHouseDatabase> {
  if ('client' in target)
    return new ClickHouseDatabase(target.client, false, "the application's client");
  const { createClient, ClickHouseLogLevel } = await import('@clickhouse/client').catch(
    missingPackage('ClickHouseStorage', '@clickhouse/client'),
  );
  const { url, username, password } = target;
  const client = createClient({
    url,
    ...(username && { username }),
    ...(password && { password }),
    application: 'nestjs-track-usage',
    request_timeout: REQUEST_TIMEOUT_MS,
    // It would write every error of the server to standard error. Whoever calls is told already.
    log: { level: ClickHouseLogLevel.OFF },
  });
  return new ClickHouseDatabase(client, true, url);
}
