import { makeRecords } from 'nestjs-track-usage/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { newPlace, releasedDatabases } from '../faults/databases.js';
import { describeDatabases } from '../faults/with-databases.js';
import { ReleasedVersion } from '../upgrade/released-version.js';
import { flagsOf } from './places.js';
import { runCommand } from './run-command.js';

const HOOKS = ['sumBasic', 'sumRoutes'];
/** CouchDB builds its views twice, beside whatever else the machine does. */
const TIMEOUT_MS = 180_000;
const SETTINGS = { timeZone: 'Europe/Berlin', maxKeys: 1000, hooks: HOOKS };

describe('What version 0.1.0 has stored', () => {
  describeDatabases(releasedDatabases, (database, url) => {
    const place = newPlace();
    afterEach(() => database.remove(url, place));

    it(
      'is read, or has to be migrated first, and nothing changes it unasked',
      async () => {
        const recipe = database.recipe(url, place);
        const released = await ReleasedVersion.start('0.1.0');
        await released.open(recipe, SETTINGS);
        await released.store(makeRecords(40));
        await released.close();
        released.end();
        const run = async (...args: string[]) => runCommand([...args, ...flagsOf(recipe.options)]);
        const pending = async () =>
          (JSON.parse((await run('migrate', '--status', '--json')).stdout) as { pending: string[] })
            .pending;

        const before = await pending();
        expect(before.length).toBeGreaterThan(0);
        const read = await run('report', '--json');
        if (read.code === 0)
          expect(JSON.parse(read.stdout)).toMatchObject({ totals: { hits: 40 } });
        else
          expect(read).toMatchObject({
            code: 3,
            stderr: expect.stringMatching(/ migrate /) as string,
          });
        const deleted = await run('delete', '--last', '520w', '--yes');
        expect(deleted).toMatchObject({
          code: 3,
          stderr: expect.stringMatching(/ migrate /) as string,
        });
        expect((await run('doctor')).code).toBe(1);
        expect(await pending()).toEqual(before);

        expect(await run('migrate')).toMatchObject({ code: 0, stderr: '' });
        expect(await pending()).toEqual([]);
        const { stdout } = await run('report', '--by', 'route', '--json');
        expect(JSON.parse(stdout)).toMatchObject({ rows: [{ route: 'GET /cats/:id', hits: 40 }] });
        expect(await run('verify')).toMatchObject({ code: 0 });
        expect((await run('verify', '--time-zone', 'UTC')).code).toBe(2);
      },
      TIMEOUT_MS,
    );
  });
});
