import { StorageUnavailableError } from 'nestjs-track-usage';
import { expect, it } from 'vitest';
import { toStorageError as describedClickHouseFailure } from '../../lib/storages/clickhouse/connection/failures.js';
import {
  toStorageError as describedCouchFailure,
  refusedDocument,
} from '../../lib/storages/couchdb/connection/failures.js';
import { withOutageMarked } from '../../lib/storages/mongo/connection/failures.js';
import { toStorageError } from '../../lib/storages/redis/connection/failures.js';

// The servers' own words, as their drivers hand them on; specs of each storage have real ones say
// some of them.
const named = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name, ...more });
const isOutage = (error: unknown) => error instanceof StorageUnavailableError;

it('MongoDB blames a record only for what is said of records', () => {
  const marked = (error: Error) => isOutage(withOutageMarked('mongo', error));
  const code = (code: number) => marked(named('MongoServerError', 'made', { code }));
  for (const each of [2, 9, 14, 52, 53, 56, 57, 121, 10_334, 11_000, 17_280, 17_419])
    expect([each, code(each)]).toEqual([each, false]);
  // Rights, time-outs, locks, conflicts, the loss of a primary, a full disk, an unknown one.
  for (const each of [
    1, 6, 7, 11, 13, 18, 20, 24, 26, 43, 46, 50, 59, 63, 64, 79, 89, 91, 112, 134, 149, 189, 202,
    225, 251, 262, 279, 317, 357, 8000, 9001, 10_058, 10_107, 11_600, 11_602, 13_388, 13_435,
    13_436, 14_031, 16_500, 50_915, 999_999,
  ])
    expect([each, code(each)]).toEqual([each, true]);
  for (const name of ['NetworkError', 'ServerSelectionError', 'PoolClearedError', 'ExpiredSession'])
    expect(marked(named(`Mongo${name}`, 'made'))).toBe(true);
  expect(marked(named('PoolClearedOnNetworkError', 'made'))).toBe(true);
  for (const name of ['BSONError', 'MongoInvalidArgumentError', 'ValidationError', 'TypeError'])
    expect(marked(named(name, 'made'))).toBe(false);
});

it('Redis blames a record only for what is said of records', () => {
  const said = (message: string) => isOutage(toStorageError(named('ReplyError', message), 'r'));
  for (const message of [
    'WRONGTYPE Operation against a key holding the wrong kind of value',
    'ERR string exceeds maximum allowed size (proto-max-bulk-len)',
    'ERR value is not an integer or out of range',
    'ERR user_script:12: attempt to index a nil value script: 5a, on @user_script:12.',
  ])
    expect([message, said(message)]).toEqual([message, false]);
  for (const message of [
    'LOADING Redis is loading the dataset in memory',
    "READONLY You can't write against a read only replica.",
    "OOM command not allowed when used memory > 'maxmemory'.",
    'ERR user_script:3: OOM command not allowed when used memory script: 5a, on @user_script:3.',
    'BUSY Redis is busy running a script.',
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    'MISCONF Redis is configured to save RDB snapshots',
    'NOREPLICAS Not enough good replicas to write.',
    'TRYAGAIN Multiple keys request during rehashing of slot',
    'CLUSTERDOWN Hash slot not served',
    'MOVED 866 127.0.0.1:7001',
    'NOAUTH Authentication required.',
    'ERR max number of clients reached',
    'ERR upstream failure',
    'UNKILLABLE Sorry the script already executed write commands',
    'INPROG Failover already in progress.',
    'IOERR error or timeout writing to target instance',
    'ERR Script killed by user with SCRIPT KILL... script: 5a, on @user_script:1.',
  ])
    expect([message, said(message)]).toEqual([message, true]);
});

it('CouchDB blames a record only for what is said of records', () => {
  const status = (statusCode: number) =>
    isOutage(describedCouchFailure(named('Error', 'made', { statusCode, error: 'made' }), 'c'));
  for (const each of [400, 409, 412, 413, 415]) expect([each, status(each)]).toEqual([each, false]);
  for (const each of [401, 403, 404, 405, 408, 410, 421, 423, 425, 429, 500, 502, 503, 504, 507])
    expect([each, status(each)]).toEqual([each, true]);
  const row = (error: string) => isOutage(refusedDocument({ id: 'x', error, reason: 'made' }, 'c'));
  for (const each of ['forbidden', 'bad_request', 'doc_validation', 'document_too_large'])
    expect([each, row(each)]).toEqual([each, false]);
  for (const each of ['unauthorized', 'timeout', 'internal_server_error', 'unknown_error'])
    expect([each, row(each)]).toEqual([each, true]);
});

it('ClickHouse blames a record only for what is said of records', () => {
  const code = (code: number) =>
    isOutage(
      describedClickHouseFailure(named('ClickHouseError', 'made', { code: `${code}` }), 'c'),
    );
  for (const each of [6, 26, 27, 33, 38, 41, 53, 69, 70, 72, 117, 131, 349, 469])
    expect([each, code(each)]).toEqual([each, false]);
  // Rights, limits, time-outs, a full disk, missing tables, too many parts, Keeper, a shutdown.
  for (const each of [
    60, 81, 159, 164, 192, 193, 201, 202, 209, 210, 225, 236, 241, 242, 243, 252, 285, 319, 394,
    425, 439, 497, 516, 734, 999, 1001, 9999,
  ])
    expect([each, code(each)]).toEqual([each, true]);
  for (const each of ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT'])
    expect(isOutage(describedClickHouseFailure(named('Error', each, { code: each }), 'c'))).toBe(
      true,
    );
});
