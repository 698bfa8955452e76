import type { RedisTarget } from '../redis-storage.options.js';
import { shownAddress } from './redis-address.js';

interface Address {
  readonly host?: string;
  readonly port?: number;
  readonly db?: number;
}

/** The server and the database of a storage, without credentials. */
export function serverOf(target: RedisTarget): string {
  if ('address' in target) return shownAddress(target.address);
  if ('ioredis' in target) return serverOfIoredis(target.ioredis);
  const { options } = target.nodeRedis as {
    options?: { url?: string; database?: number; socket?: Address };
  };
  const url = options?.url !== undefined && URL.canParse(options.url) ? new URL(options.url) : null;
  const db = Number(url?.pathname.slice(1)) || options?.database;
  return shown({
    host: url?.hostname ?? options?.socket?.host,
    port: Number(url?.port) || options?.socket?.port,
    db,
  });
}

function serverOfIoredis(client: object): string {
  const { options, startupNodes } = client as { options?: Address; startupNodes?: unknown[] };
  // A cluster has many servers, and is named by those that it was given.
  if (!Array.isArray(startupNodes)) return shown(options ?? {});
  const nodes = startupNodes.map((node) =>
    typeof node === 'object' && node !== null ? shown(node) : String(node).replace(/^.*@/, ''),
  );
  return nodes.sort().join(',');
}

function shown({
  host = 'localhost',
  port = 6379,
  db = 0,
}: Partial<Record<keyof Address, unknown>>) {
  return shownAddress({ host: String(host), port: Number(port), db: Number(db) });
}
