import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import nano from 'nano';
import { CouchDbStorage } from 'nestjs-track-usage/couchdb';
import { afterEach, describe, expect, it } from 'vitest';
import { StorageUnavailableError, sumUrls } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { couch } from './places.js';

const CONTEXT = contextOf([sumUrls], { maxKeys: 100 });

let ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

type Answer = [status: number, body: unknown];

/** A server that answers in its own way. */
async function answering(answer: (request: IncomingMessage) => Answer): Promise<string> {
  const server = createServer((request, response) => {
    const [status, body] = answer(request);
    const isText = typeof body === 'string';
    request.resume().on('end', () => {
      response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json' });
      response.end(isText ? body : JSON.stringify(body));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const open = (url: string) => new CouchDbStorage({ url, database: 'usage' }).open(CONTEXT);

describe('CouchDbStorage and a server that is not right', () => {
  it.each<[string, Answer, RegExp]>([
    ['a proxy says 200 in HTML', [200, '<html>Welcome</html>'], /is not CouchDB.*<html>/],
    ['a proxy says 502 in HTML', [502, '<html>Bad gateway</html>'], /is not CouchDB.*502/],
    ['another service says 200', [200, { status: 'fine' }], /is not a database of CouchDB/],
    [
      'it does not know the user',
      [401, { error: 'unauthorized', reason: 'Name or password is incorrect.' }],
      /401 unauthorized.*Name or password is incorrect.*{ username, password }/,
    ],
    ['it is starting', [503, { error: 'starting', reason: 'busy' }], /503 starting: busy/],
  ])('says at start that %s', async (_, answer, told) => {
    const url = await answering(() => answer);
    await expect(open(url)).rejects.toThrow(told);
  });

  it('says at start that nothing answers', async () => {
    await expect(open('http://127.0.0.1:1')).rejects.toThrow(/127\.0\.0\.1:1.*cannot be reached/);
  });

  it('says at start that the user may not make the database', async () => {
    const url = await answering(({ method }) =>
      method === 'PUT'
        ? [403, { error: 'forbidden', reason: 'no admin' }]
        : [404, { error: 'not_found', reason: 'no_db_file' }],
    );
    await expect(open(url)).rejects.toThrow(/may not make the database 'usage'.*with an admin/);
  });

  it('tells what may pass from what it refuses', async () => {
    let answer: Answer = [201, []];
    const url = await answering(({ url: path }) =>
      path?.includes('_bulk_docs')
        ? answer
        : [200, { db_name: 'usage', rows: [], views: {}, ok: true }],
    );
    const storage = new CouchDbStorage({ url, database: 'usage' });
    await storage.open(CONTEXT);
    const failure = (given: Answer) => {
      answer = given;
      return storage.store(makeRecords(1)).catch((error: unknown) => error as Error);
    };
    for (const status of [401, 403, 404, 429, 500, 503])
      expect(await failure([status, { error: 'e', reason: 'r' }])).toBeInstanceOf(
        StorageUnavailableError,
      );
    expect(await failure([200, '<html>Sign in</html>'])).toBeInstanceOf(StorageUnavailableError);
    const refused = await failure([201, [{ id: 'x', error: 'forbidden', reason: 'too odd' }]]);
    expect(refused).not.toBeInstanceOf(StorageUnavailableError);
    expect((refused as Error).message).toMatch(/record x: forbidden, too odd/);
    expect(await failure([201, [{ id: 'x', error: 'conflict', reason: 'there' }]])).toBeUndefined();
    await storage.close();
  });
});

describeWithServer('COUCHDB', 'The design documents of CouchDbStorage', (url) => {
  it('take the place of another version without being waited for', async () => {
    const database = `designs${process.pid}`;
    ends.push(() => couch(url, 'DELETE', `/${database}`));
    await couch(url, 'PUT', `/${database}`);
    const old = `/${database}/_design/track-usage-sums-0123456789ab`;
    const other = `/${database}/_design/reports`;
    const views = { v: { map: 'function (doc) { emit(1); }' } };
    for (const path of [old, other]) await couch(url, 'PUT', path, { views });

    // On a server of the application's, several at once.
    const server = nano(url);
    const storages = [1, 2, 3].map(() => new CouchDbStorage({ server, database }));
    await Promise.all(storages.map((storage) => storage.open(CONTEXT)));
    const records = makeRecords(5);
    await storages[0]!.store(records);
    expect(await storages[1]!.getUsage()).toEqual(records.toReversed());
    while (!('error' in (await couch(url, 'GET', old))))
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await couch(url, 'GET', other)).toMatchObject({ _id: '_design/reports' });
    expect((await storages[2]!.getSum('url')).day).toHaveLength(5);
    await Promise.all(storages.map((storage) => storage.close()));
  });

  it('leave alone those that an older or a newer version may use at the same time', async () => {
    const database = `designsbeside${process.pid}`;
    ends.push(() => couch(url, 'DELETE', `/${database}`));
    await couch(url, 'PUT', `/${database}`);
    const path = (name: string) => `/${database}/_design/track-usage${name}`;
    const used = ['-records-05833dea4803', '-sums-0a5557c7ad96', '.99.sums-0123456789ab'];
    const obsolete = '-sums-0123456789ab';
    const views = { v: { map: 'function (doc) { emit(1); }' } };
    for (const name of [...used, obsolete]) await couch(url, 'PUT', path(name), { views });

    const storage = new CouchDbStorage({ url, database });
    await storage.open(CONTEXT);
    while (!('error' in (await couch(url, 'GET', path(obsolete)))))
      await new Promise((resolve) => setTimeout(resolve, 10));
    await storage.close();
    for (const name of used) expect(await couch(url, 'GET', path(name))).toHaveProperty('_rev');
    // What version 0.1.0 deletes when it starts: all that begins like its own.
    const bounds = new URLSearchParams({
      startkey: '"_design/track-usage-"',
      endkey: '"_design/track-usage-\uffff"',
    });
    const { rows } = await couch(url, 'GET', `/${database}/_all_docs?${bounds}`);
    expect((rows as { id: string }[]).map(({ id }) => id)).toEqual(
      used.slice(0, 2).map((name) => `_design/track-usage${name}`),
    );
  });
});

describe('The options of CouchDbStorage', () => {
  it.each([
    [{ url: undefined }, /url: expected .* undefined.*environment variable/],
    [{ url: 'couchdb://secret' }, /url: expected http:/],
    [{ url: 'secret' }, /url: expected http:.*not a URL/],
    [{ url: 'http://a:5984/usage' }, /database: 'usage'/],
    [{ server: undefined }, /server: expected a server of nano/],
    [{ server: { request() {} }, username: 'ada' }, /server: expected none of .* got username/],
    [{ database: undefined }, /database: expected .* undefined/],
    [{ database: 'Usage' }, /database: expected a lower-case letter.*'Usage'/],
    [{ database: '_users' }, /database: expected/],
    [{ password: 5 }, /password: expected text/],
  ])('refuse %o', (options, message) => {
    expect(() => new CouchDbStorage(options as object)).toThrow(message);
    expect(() => new CouchDbStorage(options as object)).not.toThrow(/secret/);
  });
});
