import type { ClickHouseTarget } from '../clickhouse-storage.options.js';

/** The server's address without credentials; empty if the application's client does not tell it. */
export function serverOf(target: ClickHouseTarget): string {
  if ('url' in target) return target.url;
  const { connectionParams } = target.client as { connectionParams?: { url?: URL | string } };
  const given = String(connectionParams?.url ?? '');
  return URL.canParse(given) ? new URL(given).origin : '';
}
