// Known faults in what production installs. Not every registry answers that; then it says so.
import { spawnSync } from 'node:child_process';
import { root } from './surroundings.mjs';

export function checkAudit() {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--omit=peer', '--json'], {
    cwd: root,
    encoding: 'utf8',
  });
  const { metadata, message, error } = JSON.parse(stdout || '{}');
  if (metadata === undefined)
    return `SKIPPED: the registry gave no answer (${message ?? error?.summary ?? 'none'})`;
  const { total, ...counts } = metadata.vulnerabilities;
  if (total > 0) throw new Error(`npm audit: ${JSON.stringify(counts)}`);
  return 'nothing known';
}
