import { MongoMemoryReplSet, MongoMemoryServer } from 'mongodb-memory-server-core';
import { describe } from 'vitest';

// A server's program of the machine; nothing is downloaded.
const binary = process.env['MONGOMS_SYSTEM_BINARY'];
process.env['MONGOMS_RUNTIME_DOWNLOAD'] = 'false';
process.env['MONGOMS_SYSTEM_BINARY_VERSION_CHECK'] ??= 'false';

/** A group of specs that starts servers of its own; skipped, or failed in CI, without a program. */
export function describeWithMongod(title: string, define: () => void): void {
  if (binary) describe(title, define);
  else if (process.env['CI'] === 'true')
    throw new Error(`${title}: MONGOMS_SYSTEM_BINARY names no program.`);
  else describe.skip(`${title} (skipped: set MONGOMS_SYSTEM_BINARY)`, define);
}

/** @param args More for the command line of the server. */
export function startStandalone(args: string[] = []): Promise<MongoMemoryServer> {
  return MongoMemoryServer.create({ instance: { storageEngine: 'wiredTiger', args } });
}

export function startReplicaSet(count: number): Promise<MongoMemoryReplSet> {
  return MongoMemoryReplSet.create({
    replSet: {
      count,
      storageEngine: 'wiredTiger',
      // An election soon after a loss.
      configSettings: { electionTimeoutMillis: 1000 },
    },
  });
}
