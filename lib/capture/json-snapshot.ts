import { copyJson, type JsonObject } from '../record/index.js';

/** A copy of what handlers left, as JSON carries it. Never throws. Null if nothing was left. */
export function snapshotJson(vars: Record<string, unknown> | undefined): JsonObject | null {
  const copy = vars && copyJson(vars);
  if (typeof copy !== 'object' || copy === null || Array.isArray(copy)) return null;
  for (const _name in copy) return copy;
  return null;
}
