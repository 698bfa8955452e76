import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { UsageRecord } from 'nestjs-track-usage';
import type { StorageRecipe } from '../faults/databases.js';

/** How a storage of a released version is opened. */
export interface ReleasedOptions {
  /** Names of hooks that the version exports. */
  readonly hooks: readonly string[];
  readonly timeZone: string;
  readonly maxKeys: number;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const RELEASES = fileURLToPath(new URL('./releases/', import.meta.url));
const FIXTURE = fileURLToPath(new URL('./fixtures/released-version.mjs', import.meta.url));
// Below node_modules, so that the package finds what it depends on.
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/released/', import.meta.url));

/** A released version of the library, in a process of its own with one storage. */
export class ReleasedVersion {
  private lastId = 0;

  private constructor(private readonly child: ChildProcess) {}

  /** @param version Such as `0.1.0`; its package is in `test/upgrade/releases`. */
  static start(version: string): Promise<ReleasedVersion> {
    return ReleasedVersion.startFolder(unpacked(version));
  }

  /** Starts what has been built here, as if it were released. */
  static startBuilt(): Promise<ReleasedVersion> {
    return ReleasedVersion.startFolder(ROOT);
  }

  private static async startFolder(folder: string): Promise<ReleasedVersion> {
    const child = fork(FIXTURE, [folder], {
      execArgv: [],
      serialization: 'advanced',
    });
    const released = new ReleasedVersion(child);
    await released.answer(0);
    return released;
  }

  open(recipe: StorageRecipe, options: ReleasedOptions): Promise<void> {
    return this.call('open', recipe, options) as Promise<void>;
  }

  store(records: readonly UsageRecord[]): Promise<void> {
    return this.call('store', records) as Promise<void>;
  }

  close(): Promise<void> {
    return this.call('close') as Promise<void>;
  }

  /** Calls any function of the storage. */
  call(name: string, ...args: unknown[]): Promise<unknown> {
    const id = ++this.lastId;
    const answered = this.answer(id);
    this.child.send({ id, call: name, args });
    return answered;
  }

  end(): void {
    this.child.kill('SIGKILL');
  }

  private answer(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        this.child.off('message', listen);
        this.child.off('exit', exited);
        act();
      };
      const listen = (answer: Answer) => {
        if (answer.id !== id) return;
        if (answer.error === undefined) settle(() => resolve(answer.result));
        else settle(() => reject(new Error(`the released version: ${answer.error}`)));
      };
      const exited = () => settle(() => reject(new Error('the released version has ended')));
      this.child.on('message', listen);
      this.child.on('exit', exited);
    });
  }
}

/** Where the package of a version is unpacked; done once, however many specs ask. */
function unpacked(version: string): string {
  const folder = join(CACHE, version);
  if (!existsSync(folder)) {
    mkdirSync(CACHE, { recursive: true });
    const scratch = mkdtempSync(join(CACHE, 'unpacking-'));
    execFileSync('tar', [
      'xzf',
      join(RELEASES, `nestjs-track-usage-${version}.tgz`),
      '-C',
      scratch,
    ]);
    try {
      renameSync(join(scratch, 'package'), folder);
    } catch (error) {
      // Another process was faster.
      if (!existsSync(folder)) throw error;
    }
    rmSync(scratch, { recursive: true, force: true });
  }
  return folder;
}
