import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A sample in a process of its own, as `npm run sample` starts it once `builtLibrary()` has made it. */
export class RunningSample {
  /** What it has printed so far. */
  output = '';

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(
    name: string,
    cwd: string,
    env: NodeJS.ProcessEnv = {},
  ): Promise<RunningSample> {
    const child = spawn(process.execPath, [`${root}scripts/sample.mjs`, name], {
      cwd,
      env: { ...process.env, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    let onOutput = () => undefined as void;
    const url = await new Promise<string>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        printed += chunk.toString();
        onOutput();
        const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? [];
        if (found !== undefined) resolve(found);
      };
      child.stdout?.on('data', read);
      child.stderr?.on('data', read);
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`sample ${name} ended: ${printed}`)));
    });
    const sample = new RunningSample(child, url);
    onOutput = () => void (sample.output = printed);
    onOutput();
    return sample;
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<any> {
    const response = await fetch(this.url + path, { headers });
    return response.json();
  }

  /** Asks it to end as a supervisor would, and waits until it has. */
  async stop(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const [code, signal] = (await ended) as [number | null, NodeJS.Signals | null];
    return { code, signal };
  }
}
