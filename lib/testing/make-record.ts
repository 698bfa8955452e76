import { randomBytes } from 'node:crypto';
import { AS_IS, toRecord, type UsageRecord } from '../record/index.js';

const BASE = Date.UTC(2026, 5, 15, 12);

/** A random part of this process's ids, so that several processes never create the same id. */
const OWN = randomBytes(3).toString('hex');

let made = 0;

/**
 * Creates a record of an ordinary request with the given fields. Each record has its own `id`,
 * `date` and `url`. Without a `date`, each record is newer than the one before and has a greater
 * id.
 *
 * @param fields Fields that replace those of the ordinary request.
 *
 * @example
 * const failed = makeRecord({ route: '/cats/:id', status: 500 });
 *
 * @publicApi
 */
export function makeRecord(fields: Partial<UsageRecord> = {}): UsageRecord {
  const number = ++made;
  const date = fields.date ?? new Date(BASE + number);
  const ordinary = {
    date,
    url: `http://shop.example/cats/${number}?q=1`,
    path: `/cats/${number}`,
    method: 'GET',
    protocol: 'HTTP/1.1',
    route: '/cats/:id',
    blueprint: 'CatsController',
    handler: 'findOne',
    viewArgs: { id: String(number) },
    urlArgs: { q: '1' },
    status: 200,
    outcome: 'completed',
    speed: 0.012345,
    contentLength: 512,
    remoteAddr: '192.0.2.7',
    authorization: false,
    serverName: 'api-1',
    weight: 1,
  };
  const agent = { browser: 'curl', version: '8.5.0', string: 'curl/8.5.0', kind: 'library' };
  // All other fields are null.
  return Object.assign(toRecord(idOf(date, number), ordinary, agent, AS_IS), fields);
}

/**
 * Creates several records with `makeRecord`.
 *
 * @param count Number of records.
 * @param fields Fields of every record, or a function that returns the fields for an index.
 *
 * @example
 * const records = makeRecords(100, (index) => ({ consumer: `shop-${index % 5}` }));
 *
 * @publicApi
 */
export function makeRecords(
  count: number,
  fields: Partial<UsageRecord> | ((index: number) => Partial<UsageRecord>) = {},
): UsageRecord[] {
  return Array.from({ length: count }, (_, index) =>
    makeRecord(typeof fields === 'function' ? fields(index) : fields),
  );
}

/** A UUIDv7 of an instant. Ids of one instant sort by number. */
function idOf(date: Date, number: number): string {
  const time = hex(Math.min(Math.max(date.getTime(), 0), 2 ** 48 - 1));
  const own = [`7${OWN.slice(0, 3)}`, `8${OWN.slice(3)}`];
  return [time.slice(0, 8), time.slice(8), ...own, hex(number)].join('-');
}

function hex(number: number): string {
  return number.toString(16).padStart(12, '0');
}
