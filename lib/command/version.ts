import { createRequire } from 'node:module';
import { argv } from 'node:process';

/** The version of the package that the process runs. */
export function versionText(): string {
  try {
    const { version } = createRequire(argv[1]!)('nestjs-track-usage/package.json') as {
      version: string;
    };
    return version;
  } catch {
    return 'unknown';
  }
}
