import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Settings } from '../settings.js';
import type { StartTaken } from './startup.process.js';

/** What the starts of one round took, in processes of their own. */
export interface StartRound {
  readonly bare: StartTaken;
  readonly ours: StartTaken;
  /** The same with as few routes as there can be: what the module itself takes. */
  readonly bareOfFew: StartTaken;
  readonly oursOfFew: StartTaken;
}

export interface StartupResult {
  readonly routes: number;
  readonly few: number;
  readonly rounds: readonly StartRound[];
}

const ROUTES = 1000;
const FEW = 10;
const PROCESS = fileURLToPath(new URL('startup.process.js', import.meta.url));
const run = promisify(execFile);

/** Starts an application of a thousand routes, bare and tracked, one after the other. */
export async function measureStartup({ rounds, nodeFlags }: Settings): Promise<StartupResult> {
  const start = async (kind: 'bare' | 'ours', routes: number): Promise<StartTaken> => {
    const args = [...nodeFlags, PROCESS, kind, String(routes)];
    const { stdout } = await run(process.execPath, args, {
      env: { ...process.env, NODE_ENV: 'production' },
    });
    return JSON.parse(stdout) as StartTaken;
  };
  const all: StartRound[] = [];
  for (let round = 0; round < rounds; round++)
    all.push({
      bare: await start('bare', ROUTES),
      ours: await start('ours', ROUTES),
      bareOfFew: await start('bare', FEW),
      oursOfFew: await start('ours', FEW),
    });
  return { routes: ROUTES, few: FEW, rounds: all };
}
