import type { Command } from '../command.js';
import { deleteRecords } from './delete.js';
import { doctor } from './doctor.js';
import { exportRecords } from './export.js';
import { forget } from './forget.js';
import { importRequests } from './import.js';
import { migrate } from './migrate.js';
import { prune } from './prune.js';
import { rebuild } from './rebuild.js';
import { report } from './report.js';
import { routes } from './routes.js';
import { serve } from './serve.js';
import { tail } from './tail.js';
import { top } from './top.js';
import { verify } from './verify.js';

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  report,
  routes,
  top,
  tail,
  exportRecords,
  importRequests,
  verify,
  rebuild,
  prune,
  forget,
  deleteRecords,
  migrate,
  serve,
  doctor,
];
