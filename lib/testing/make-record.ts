import { randomBytes } from 'node:crypto';
import { AS_IS, toRecord, type UsageRecord } from '../record/index.js';

const BASE = Date.UTC(2026, 5, 15, 12);

/** Of this process: records that several make do not share their ids. */
const OWN = randomBytes(3).toString('hex');

let made = 0;

/**
 * A record of an ordinary request, with the fields that matter to a test. Every one differs from
 * those before it in `id`, `date` and `url`, and is newer and its id greater, unless you say when.
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
 * Several records, made one after the other.
 *
 * @param fields What all of them have, or a function of the index that says what each has.
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

/** A UUIDv7 of that instant, in the order of the numbers. */
function idOf(date: Date, number: number): string {
  const time = hex(Math.min(Math.max(date.getTime(), 0), 2 ** 48 - 1));
  const own = [`7${OWN.slice(0, 3)}`, `8${OWN.slice(3)}`];
  return [time.slice(0, 8), time.slice(8), ...own, hex(number)].join('-');
}

function hex(number: number): string {
  return number.toString(16).padStart(12, '0');
}
