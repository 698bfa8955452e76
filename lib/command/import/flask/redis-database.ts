import type { Redis } from 'ioredis';
import { missingPackage } from '../../../support/optional-packages.js';
import { PORTION, type FlaskDatabase, type FlaskRow, type FlaskSum } from './flask-rows.js';
import { readLiteral } from './python-literal.js';

const INDEX = 'usage_data_keys';
const HASHES = 'usage_data:*';
const SCANNED_AT_ONCE = 10_000;

/** The hashes of `RedisStorage`, one for each day. */
export class FlaskRedisDatabase implements FlaskDatabase {
  private constructor(
    private readonly client: Redis,
    private readonly prefix: string,
  ) {}

  /** @throws {Error} if the server does not answer. */
  static async open(address: string, prefix = ''): Promise<FlaskRedisDatabase> {
    const { Redis } = await import('ioredis').catch(
      missingPackage('Importing from Flask-Track-Usage', 'ioredis'),
    );
    const client = new Redis(address, { lazyConnect: true, maxRetriesPerRequest: 1 });
    // Without a listener the client prints what the command says.
    client.on('error', () => undefined);
    await client.connect();
    return new FlaskRedisDatabase(client, prefix);
  }

  async *rows(): AsyncIterable<FlaskRow[]> {
    for (const key of await this.keys()) {
      const fields = (await this.client.hkeys(key)).sort((one, other) => +one - +other);
      for (let at = 0; at < fields.length; at += PORTION) {
        const names = fields.slice(at, at + PORTION);
        const texts = await this.client.hmget(key, ...names);
        yield names.flatMap((name, index) => {
          const text = texts[index];
          return text === null || text === undefined ? [] : [rowOf(`${key}:${name}`, text)];
        });
      }
    }
  }

  async sums(): Promise<FlaskSum[]> {
    return [];
  }

  async close(): Promise<void> {
    this.client.disconnect();
  }

  /** Those of the index; if there is none, those of its form. */
  private async keys(): Promise<string[]> {
    const named = await this.client.smembers(this.prefix + INDEX);
    const keys = new Set(named.map((key) => this.prefix + key));
    if (keys.size > 0) return [...keys].sort();
    let cursor = '0';
    do {
      const [next, found] = await this.client.scan(
        cursor,
        'MATCH',
        this.prefix + HASHES,
        'COUNT',
        SCANNED_AT_ONCE,
      );
      for (const key of found) keys.add(key);
      cursor = next;
    } while (cursor !== '0');
    return [...keys].sort();
  }
}

/** What is no dictionary has no date either, and so is rejected. */
function rowOf(place: string, text: string): FlaskRow {
  const read = readLiteral(text)?.value;
  const isObject = typeof read === 'object' && read !== null && !Array.isArray(read);
  return { place, usage: isObject ? read : { text } };
}
