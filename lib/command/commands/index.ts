import type { Command } from '../command.js';
import { report } from './report.js';

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [report];
