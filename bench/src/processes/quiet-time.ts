import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Settings } from '../settings.js';

const EVERY_MS = 1000;

/** Waits until there is the file that `--hold` names: whoever makes it says that the machine is quiet. */
export async function quietTime({ hold }: Pick<Settings, 'hold'>): Promise<void> {
  while (hold !== null && !existsSync(hold)) await delay(EVERY_MS);
}
