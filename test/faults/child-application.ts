import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { JournalStats, StorageStats, TrackUsageModuleOptions } from 'nestjs-track-usage';
import type { StorageRecipe } from './databases.js';

export interface ChildSettings {
  readonly recipe: StorageRecipe | { readonly className: 'dead' | 'kept' };
  /** Options of the module whose values are JSON. */
  readonly delivery?: TrackUsageModuleOptions;
  /** Whether the storage keeps `sumRoutes` and `sumStatuses`. */
  readonly sums?: boolean;
  /** Further flags of node. */
  readonly execArgv?: readonly string[];
  readonly platform?: 'express' | 'fastify';
  /** A program that runs it, and its arguments. */
  readonly within?: readonly string[];
}

/** By a signal, by `app.close()`, or by its own fault. */
export type Ending = 'SIGTERM' | 'SIGKILL' | 'close' | 'exit' | 'exception' | 'memory';

/** The shop of the fixtures, in a process of its own, on what `builtLibrary()` has made. */
export class ChildApplication {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    private readonly errors: () => string,
  ) {}

  static async start(settings: ChildSettings): Promise<ChildApplication> {
    const fixture = fileURLToPath(new URL('./fixtures/shop.mjs', import.meta.url));
    const flags = ['--expose-gc', ...(settings.execArgv ?? []), fixture];
    const node = [process.execPath, ...flags, JSON.stringify(settings)];
    const [program, ...args] = [...(settings.within ?? []), ...node] as [string, ...string[]];
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const url = await new Promise<string>((resolve, reject) => {
      child.once('message', ({ answer }: any) => resolve(answer));
      child.once('exit', () => reject(new Error(`the application did not start: ${errors}`)));
    });
    return new ChildApplication(child, url, () => errors);
  }

  stats(): Promise<StorageStats> {
    return this.ask('stats') as Promise<StorageStats>;
  }

  journal(): Promise<JournalStats> {
    return this.ask('journal') as Promise<JournalStats>;
  }

  /** Its process id, as it sees it itself. */
  pid(): Promise<number> {
    return this.ask('pid') as Promise<number>;
  }

  /** Bytes, after a forced collection. */
  heap(): Promise<number> {
    return this.ask('heap') as Promise<number>;
  }

  /** Ends the process, and waits until it has ended. */
  async end(by: Ending): Promise<{ code: unknown; signal: unknown; errors: string }> {
    // Once its output is closed too, whatever ran it has ended with it.
    const ended = once(this.child, 'close');
    if (by === 'SIGTERM' || by === 'SIGKILL') this.child.kill(by);
    else this.child.send(by);
    const [code, signal] = await ended;
    return { code, signal, errors: this.errors() };
  }

  /** For a test that has failed. */
  kill(): void {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
  }

  private ask(question: string): Promise<unknown> {
    const answered = new Promise((resolve) => {
      const listen = (message: any) => {
        if (message.question !== question) return;
        this.child.off('message', listen);
        resolve(message.answer);
      };
      this.child.on('message', listen);
    });
    this.child.send(question);
    return answered;
  }
}
