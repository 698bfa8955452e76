import { Console } from 'node:console';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { OutputWriter, PrintWriter, StorageUnavailableError } from 'nestjs-track-usage';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';

// A failure that is nobody's fails the run, as it would end a process.
const uncaught: unknown[] = [];
const note = (error: unknown) => void uncaught.push(error);

describe('A failure of the stream is a rejection of store and nothing else', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'track-usage-writers-'));
    uncaught.length = 0;
    process.on('uncaughtExceptionMonitor', note);
  });
  afterEach(() => {
    process.off('uncaughtExceptionMonitor', note);
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
    rmSync(folder, { recursive: true, force: true });
    expect(uncaught).toEqual([]);
  });

  const failing = async (writer: OutputWriter | PrintWriter, message: RegExp) => {
    const failure = await writer.store(makeRecords(2)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StorageUnavailableError);
    expect((failure as Error).message).toMatch(message);
  };
  /** Once more, when whatever was to come has come. */
  const failingForGood = async (writer: OutputWriter | PrintWriter, message: RegExp) => {
    await failing(writer, message);
    await new Promise((resolve) => setImmediate(resolve));
    await failing(writer, message);
  };

  it('when the file cannot be opened, though nothing has been written yet', async () => {
    const output = createWriteStream(join(folder, 'missing', 'usage.log'));
    const writer = new OutputWriter({ output });
    const closed = new Promise<void>((resolve) => output.once('close', () => resolve()));
    await closed;
    await failingForGood(writer, /OutputWriter: .*ENOENT/);
  });

  it.runIf(existsSync('/dev/full'))('when the disk is full', async () => {
    const output = createWriteStream('/dev/full');
    await failingForGood(new OutputWriter({ output }), /ENOSPC/);
  });

  it('when the stream is destroyed between two calls, by an error or without one', async () => {
    for (const reason of [new Error('gone'), undefined]) {
      const output = new PassThrough().resume();
      const writer = new OutputWriter({ output });
      await writer.store([makeRecord()]);
      output.destroy(reason);
      await once(output, 'close').catch(() => {});
      await failingForGood(writer, reason ? /gone/ : /destroyed/);
    }
  });

  it('when the stream is destroyed during a call that never ends by itself', async () => {
    for (const reason of [new Error('gone'), undefined]) {
      const output = new Writable({ write() {} });
      const writer = new OutputWriter({ output });
      const stored = failing(writer, reason ? /gone/ : /closed|destroyed/);
      output.destroy(reason);
      await stored;
    }
  });

  it('when the stream has been ended', async () => {
    const output = new PassThrough().resume();
    const writer = new OutputWriter({ output });
    output.end();
    await failingForGood(writer, /write after end/);
  });

  it('when the other side of a socket is gone', async () => {
    const server = createServer((socket: Socket) => socket.resetAndDestroy()).listen(0);
    const output = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const writer = new OutputWriter({ output });
    await once(output, 'close').catch(() => {});
    await failingForGood(writer, /ECONNRESET|EPIPE|destroyed|ended/);
    server.close();
  });

  it('when write or transform throw at once, or the stream emits an error of its own', async () => {
    const output = Object.assign(new PassThrough(), {
      write() {
        throw new Error('no write');
      },
    });
    await failingForGood(new OutputWriter({ output }), /no write/);
    const transform = () => {
      throw new Error('no text');
    };
    for (const writer of [new OutputWriter({ transform }), new PrintWriter({ transform })]) {
      const stored = writer.store([makeRecord()]);
      await expect(stored).rejects.toThrow('no text');
    }
    const noisy = new PassThrough({ autoDestroy: false }).resume();
    const writer = new OutputWriter({ output: noisy });
    noisy.emit('error', new Error('by the way'));
    await writer.store([makeRecord()]);
  });

  it('adds two listeners to a stream, whatever writes to it', async () => {
    const output = new PassThrough().resume();
    for (let at = 0; at < 20; at++)
      await new OutputWriter({ output, name: `output${at}` }).store([makeRecord()]);
    expect(output.listenerCount('error')).toBe(1);
  });

  const printingOn = (output: Writable) => {
    vi.spyOn(process, 'stdout', 'get').mockReturnValue(output as never);
    vi.stubGlobal('console', new Console({ stdout: output }));
    return new PrintWriter();
  };

  it.runIf(existsSync('/dev/full'))('when the disk of standard output is full', async () => {
    await failingForGood(printingOn(createWriteStream('/dev/full')), /PrintWriter: .*ENOSPC/);
  });

  it('when the pipe of standard output is closed', async () => {
    const output = new PassThrough().resume();
    const writer = printingOn(output);
    await writer.store([makeRecord()]);
    output.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    await failingForGood(writer, /EPIPE/);
  });

  it('and what works is written', async () => {
    const file = join(folder, 'usage.log');
    const output = createWriteStream(file);
    await new OutputWriter({ output }).store(makeRecords(3));
    await printingOn(output).store(makeRecords(2));
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(6);
    output.destroy();
  });
});
