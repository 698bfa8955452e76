import { createRequire } from 'node:module';
import { cpus, totalmem, type } from 'node:os';

/** What a measurement was made on and with: enough to tell what it says of another machine. */
export interface Environment {
  readonly cpu: string;
  readonly cores: number;
  /** GiB. */
  readonly memory: number;
  readonly system: string;
  readonly node: string;
  readonly versions: Record<string, string>;
}

const PACKAGES = [
  '@nestjs/core',
  'express',
  'fastify',
  'typeorm',
  'better-sqlite3',
  'pg',
  'mysql2',
  'mongodb',
  'ioredis',
  'prom-client',
  'nestjs-pino',
  'swagger-stats',
  'apitally',
];

const require = createRequire(import.meta.url);

export function environment(): Environment {
  const all = cpus();
  return {
    cpu: all[0]?.model ?? 'unknown',
    cores: all.length,
    memory: Math.round(totalmem() / 2 ** 30),
    system: type(),
    node: process.version,
    versions: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
  };
}

function versionOf(name: string): string {
  for (const folder of require.resolve.paths(name) ?? [])
    try {
      return (require(`${folder}/${name}/package.json`) as { version: string }).version;
    } catch {
      // Not in this folder.
    }
  return 'missing';
}
