import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { UsageRecord } from 'nestjs-track-usage';
import type { SqlStorageOptions } from 'nestjs-track-usage/sql';

const VERSION = '0.1.0';
const root = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** Version 0.1.0 in a process of its own, with one storage on SQL. */
export class Released {
  private lastId = 0;

  private constructor(private readonly child: ChildProcess) {}

  static async start(options: SqlStorageOptions): Promise<Released> {
    const fixture = root('test/upgrade/fixtures/released-version.mjs');
    const released = new Released(
      fork(fixture, [unpacked()], { execArgv: [], serialization: 'advanced' }),
    );
    await released.answer(0);
    const recipe = { entry: 'nestjs-track-usage/sql', className: 'SqlStorage', options };
    const settings = { hooks: ['sumRoutes', 'sumStatuses'], timeZone: 'UTC', maxKeys: 1000 };
    await released.call('open', recipe, settings);
    return released;
  }

  store(records: readonly UsageRecord[]): Promise<void> {
    return this.call('store', records);
  }

  async end(): Promise<void> {
    await this.call('close');
    this.child.kill();
  }

  private call(name: string, ...args: unknown[]): Promise<void> {
    const id = ++this.lastId;
    const answered = this.answer(id);
    this.child.send({ id, call: name, args });
    return answered;
  }

  private answer(id: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const listen = (answer: { id: number; error?: string }) => {
        if (answer.id !== id) return;
        this.child.off('message', listen);
        if (answer.error === undefined) resolve();
        else reject(new Error(answer.error));
      };
      this.child.on('message', listen);
    });
  }
}

/** The folder of the package, below `node_modules`, so that it finds what it depends on. */
function unpacked(): string {
  const cache = root('node_modules/.cache/released/');
  const folder = join(cache, VERSION);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(cache, 'unpacking-'));
  const file = root(`test/upgrade/releases/nestjs-track-usage-${VERSION}.tgz`);
  execFileSync('tar', ['xzf', file, '-C', scratch]);
  renameSync(join(scratch, 'package'), folder);
  return folder;
}
