import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { utimes } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { join, relative } from 'node:path';
import type { JsonObject, JsonValue } from '../../record/index.js';
import { withTimeLimit } from '../../support/time-limit.js';

/** Answers what another process of the directory asks. */
export type AskListener = (question: JsonObject) => Promise<JsonValue>;

const LOCK_FILE = /^([0-9a-z]{8}-[0-9a-f]{16})\.lock$/;
/** A host of its own: of a directory where no socket can be made. */
const NO_SOCKET = 'nosocket';
const BEAT_MS = 10_000;
/** An owner on another host is dead if its lock was not touched for so long. */
const SILENCE_MS = 60_000;
const CONNECT_TIMEOUT_MS = 2000;
/** Longer paths do not fit into the address of a socket. */
const MAX_SOCKET_PATH_BYTES = 100;

/**
 * A lock in the journal's directory that dies with its owner: a listening Unix socket. Node has no
 * `flock`, process ids repeat in containers, and a time stamp outlives its process. A socket is
 * closed by the kernel when the process dies, however it does, and connecting to it tells at once.
 * It is found by its file, so that containers that share the folder, and neither processes nor
 * network, see each other. A process that is stopped or busy still holds it.
 *
 * A socket says nothing to another machine that shares the folder, nor where the file system takes
 * no sockets. There the file's time tells: its owner touches it.
 */
export class OwnerLock {
  /** The kernel it runs on, then a random number: `1f0c22ab-9d…`. */
  readonly owner: string;
  private readonly path: string;
  private server: Server | null = null;
  private folder: number | null = null;
  private readonly beat: NodeJS.Timeout;

  /** @throws {Error} if the directory cannot be written. */
  constructor(
    private readonly directory: string,
    private readonly answer: AskListener,
  ) {
    const random = randomBytes(8).toString('hex');
    const kernel = kernelId();
    const socketOwner = `${kernel}-${random}`;
    const isListening = this.listen(socketOwner);
    this.owner = isListening ? socketOwner : `${NO_SOCKET}-${random}`;
    this.path = join(directory, `${this.owner}.lock`);
    if (isListening && process.platform !== 'win32') chmodSync(this.path, 0o600);
    else writeFileSync(this.path, '', { mode: 0o600 });
    this.beat = setInterval(() => {
      const now = new Date();
      utimes(this.path, now, now).catch(() => undefined);
    }, BEAT_MS).unref();
  }

  /** Whether the lock is still in the directory. */
  isThere(): boolean {
    return statSync(this.path, { throwIfNoEntry: false }) !== undefined;
  }

  /** Whether another owner lives. True if that cannot be told. */
  async isAlive(owner: string): Promise<boolean> {
    if (owner === this.owner) return true;
    const [kernel] = owner.split('-');
    if (kernel !== kernelId()) return this.hasBeaten(owner);
    const socket = await this.connectTo(owner).catch((error: NodeJS.ErrnoException) => error);
    if (!(socket instanceof Error)) {
      socket.destroy();
      return true;
    }
    return socket.code !== 'ECONNREFUSED' && socket.code !== 'ENOENT';
  }

  /**
   * Asks another owner.
   *
   * @throws {Error} if it does not answer in time. Undefined if it is dead.
   */
  async ask(owner: string, question: JsonObject, timeoutMs: number): Promise<unknown> {
    let socket: Socket;
    try {
      socket = await this.connectTo(owner);
    } catch (error) {
      if (!(await this.isAlive(owner))) return undefined;
      throw error;
    }
    try {
      socket.write(`${JSON.stringify(question)}\n`);
      return await withTimeLimit(readJson(socket), timeoutMs, () => {
        throw new Error(`it did not answer within ${timeoutMs} ms`);
      });
    } finally {
      socket.destroy();
    }
  }

  /** Deletes what dead owners have left of their locks. */
  async removeDead(): Promise<void> {
    for (const owner of lockOwnersIn(this.directory)) {
      const path = join(this.directory, `${owner}.lock`);
      const stat = statSync(path, { throwIfNoEntry: false });
      // A lock is not reachable in the moment in which it is made.
      if (!stat || Date.now() - stat.mtimeMs < SILENCE_MS || (await this.isAlive(owner))) continue;
      try {
        unlinkSync(path);
      } catch {
        // Another process was faster.
      }
    }
  }

  release(): void {
    clearInterval(this.beat);
    this.server?.close();
    try {
      unlinkSync(this.path);
    } catch {
      // The server has deleted it, or the folder is gone.
    }
    if (this.folder !== null) closeSync(this.folder);
    this.folder = null;
  }

  private listen(owner: string): boolean {
    const server = createServer((socket) => void this.serve(socket));
    let failed: Error | null = null;
    server.on('error', (error) => (failed ??= error));
    // In a cluster the primary would listen, and outlive its worker.
    server.listen({ path: this.socketPath(owner, true), exclusive: true });
    server.unref();
    if (!server.listening || failed) {
      server.close();
      return false;
    }
    this.server = server;
    return true;
  }

  private async serve(socket: Socket): Promise<void> {
    socket.unref();
    socket.on('error', () => socket.destroy());
    try {
      const answer = await this.answer((await readJson(socket)) as JsonObject);
      socket.end(`${JSON.stringify(answer)}\n`);
    } catch {
      socket.destroy();
    }
  }

  private connectTo(owner: string): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.socketPath(owner, false));
      socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error('timed out')));
      socket.once('connect', () => {
        socket.setTimeout(0);
        resolve(socket);
      });
      socket.once('error', reject);
    });
  }

  private hasBeaten(owner: string): boolean {
    const now = new Date();
    try {
      utimesSync(this.path, now, now);
    } catch {
      return true;
    }
    const theirs = statSync(join(this.directory, `${owner}.lock`), { throwIfNoEntry: false });
    const ours = statSync(this.path, { throwIfNoEntry: false });
    return theirs !== undefined && ours !== undefined && ours.mtimeMs - theirs.mtimeMs < SILENCE_MS;
  }

  private socketPath(owner: string, keep: boolean): string {
    const name = `${owner}.lock`;
    if (process.platform === 'win32') {
      const place = createHash('sha256').update(this.directory).digest('hex').slice(0, 16);
      return `\\\\.\\pipe\\nestjs-track-usage-${place}-${owner}`;
    }
    const paths = [join(this.directory, name), relative(process.cwd(), join(this.directory, name))];
    const fitting = paths.find((path) => Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES);
    if (fitting !== undefined) return fitting;
    if (process.platform !== 'linux') return paths[0]!;
    // The kernel follows an open folder to the socket in it, however long its path is.
    if (keep || this.folder === null) this.folder ??= openSync(this.directory, 'r');
    return `/proc/self/fd/${this.folder}/${name}`;
  }
}

/** The owners, living and dead, whose locks are in a directory. */
export function lockOwnersIn(directory: string): string[] {
  try {
    return readdirSync(directory).flatMap((name) => LOCK_FILE.exec(name)?.[1] ?? []);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Processes under one kernel can tell by a socket whether another lives; containers included. */
function kernelId(): string {
  let text: string;
  try {
    text = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1');
  } catch {
    text = hostname();
  }
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

function readJson(socket: Socket): Promise<unknown> {
  return new Promise<string>((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(text);
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the connection was closed')));
  }).then((text) => JSON.parse(text) as unknown);
}
