import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { devNull } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Answer } from './serve-commands.js';

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A process of the bench that is told what to do. Its output goes nowhere, its errors here. */
export class Child {
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private ended = false;

  private constructor(
    private readonly process: ChildProcess,
    private readonly title: string,
  ) {
    process.on('message', ({ id, result, error }: Answer) => {
      const waiting = this.waiting.get(id);
      this.waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(`${title}: ${error}`));
    });
    process.on('exit', (code, signal) => {
      this.ended = true;
      for (const { reject } of this.waiting.values())
        reject(new Error(`${title} ended before it had answered (${signal ?? code}).`));
    });
  }

  /** @param script Path of a compiled script, from the root of the build. */
  static async start(
    script: string,
    args: readonly string[],
    { execArgv = [], env = {} }: { execArgv?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
  ): Promise<Child> {
    const process_ = fork(fileURLToPath(new URL(`../${script}`, import.meta.url)), args, {
      execArgv: [...execArgv],
      env: { ...process.env, ...env },
      stdio: ['ignore', openSync(devNull, 'w'), 'inherit', 'ipc'],
    });
    const child = new Child(process_, `${script} ${args.slice(0, 2).join(' ')}`);
    await child.answer(0);
    return child;
  }

  call<T>(command: string, argument?: unknown): Promise<T> {
    const id = ++this.lastId;
    const answer = this.answer<T>(id);
    this.process.send({ id, command, argument });
    return answer;
  }

  async stop(): Promise<void> {
    if (this.ended) return;
    const exit = once(this.process, 'exit');
    this.process.disconnect();
    await exit;
  }

  private answer<T>(id: number): Promise<T> {
    if (this.ended) return Promise.reject(new Error(`${this.title} has ended.`));
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve: (result) => resolve(result as T), reject });
    });
  }
}
