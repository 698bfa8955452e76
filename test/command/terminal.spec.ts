import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sqlite } from '../faults/databases.js';
import { BUILD_TIMEOUT_MS, builtLibrary } from '../support/built.js';
import { describeWithProgram } from '../support/programs.js';
import { temporaryFolder } from '../storages/sql/places.js';
import { fillPlace, type FilledPlace } from './places.js';

const program = fileURLToPath(new URL('../../dist/command/bin.js', import.meta.url));
const TIMEOUT_MS = 120_000;
// What says that nobody looks, or looks without colours, is left out: the terminal is one of the spec.
const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...inherited } = process.env;

describeWithProgram(['script'], 'In a terminal', (script) => {
  let place: FilledPlace;
  beforeAll(async () => {
    await builtLibrary();
    place = await fillPlace(sqlite);
  }, BUILD_TIMEOUT_MS);
  afterAll(() => place.remove());

  /** Runs a command in a terminal of 100 columns, and presses each key when its text is shown. */
  async function shown(
    args: readonly string[],
    keys: readonly (readonly [text: string, key: string])[] = [],
    env: Readonly<Record<string, string>> = {},
    flags: readonly string[] = place.flags,
  ): Promise<{ text: string; code: unknown }> {
    const quoted = [process.execPath, program, ...args, ...flags].map((arg) => `'${arg}'`);
    const command = `stty cols 100 rows 40; exec ${quoted.join(' ')}`;
    const child = spawn(script, ['-qec', command, '/dev/null'], {
      env: { ...inherited, TERM: 'xterm', ...env },
    });
    let text = '';
    let pressed = 0;
    let from = 0;
    child.stdout.on('data', (part: Buffer) => {
      text += part.toString();
      for (; pressed < keys.length; pressed++) {
        const [wanted, key] = keys[pressed]!;
        const at = text.indexOf(wanted, from);
        if (at < 0) return;
        from = at + wanted.length;
        child.stdin.write(key);
      }
    });
    const [code] = (await once(child, 'close')) as unknown[];
    return { text, code };
  }

  it('draws bars in colours, and the course of each group', { timeout: TIMEOUT_MS }, async () => {
    const args = ['report', '--by', 'route', '--interval', 'day'];
    const { text, code } = await shown(args);
    expect(code).toBe(0);
    expect(text).toContain('\u001b[36m█');
    expect(text.replaceAll('\u001b[39m', '')).toMatch(/█ {2}[▁-█]{2,}/);
    const plain = await shown(args, [], { NO_COLOR: '1' });
    expect(plain.text).not.toContain('\u001b[');
    expect(plain.text).toContain('█');
  });

  it('shows top on a screen of its own, by keys', { timeout: TIMEOUT_MS }, async () => {
    const { text, code } = await shown(
      ['top', '--last', '520w'],
      [
        ['by hits', '>'],
        ['by errorRate', 'h'],
        ['this help', 'q'],
      ],
    );
    expect(code).toBe(0);
    expect(text).toContain('ROUTES');
    expect(text.indexOf('\u001b[?1049h')).toBeLessThan(text.indexOf('ROUTES'));
    expect(text.trimEnd().endsWith('\u001b[?1049l')).toBe(true);
  });

  it('asks before it deletes, and ends tail by Ctrl-C', { timeout: TIMEOUT_MS }, async () => {
    const where = ['--where', 'username=nobody'];
    const asked = await shown(['prune', '--records', '10000d'], [['[y/N]', 'n\n']]);
    expect(asked).toMatchObject({
      code: 0,
      text: expect.not.stringContaining('deleted') as string,
    });
    const agreed = await shown(['prune', '--records', '10000d'], [['[y/N]', 'y\n']]);
    expect(agreed).toMatchObject({ code: 0, text: expect.stringContaining('0 records') as string });
    const tail = await shown(['tail', '--follow', '--limit', '1'], [['/cats', '\u0003']]);
    expect(tail.code).toBe(0);
    expect((await shown(['tail', '--limit', '1', ...where])).text).toBe('');
  });

  it('tells how far long work is, and takes it away', { timeout: TIMEOUT_MS }, async () => {
    const folder = temporaryFolder();
    const file = `${folder.path}/all.ndjson`;
    const ended = '\r\u001b[K';
    const exported = await shown(['export', '--output', file]);
    expect(exported.code).toBe(0);
    expect(exported.text).toContain(`${ended}1 records exported`);
    expect(exported.text).toContain(`${ended}72 records exported to ${file}.`);
    const verified = await shown(['verify']);
    expect(verified.text).toContain(`${ended}comparing sums with records …${ended}Not verified`);
    const moved = ['--storage', `${folder.path}/two.sqlite`];
    const imported = await shown(['import', file], [], {}, moved);
    expect(imported.text).toContain(`${ended}72 read${ended}72 read: 72 stored.`);
    folder.remove();
  });
});
