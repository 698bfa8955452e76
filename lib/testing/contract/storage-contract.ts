import { hookContract } from './sums.contract.js';
import { opening } from './opening.js';
import { queryContract } from './queries.contract.js';
import { recordContract } from './records.contract.js';
import { retentionContract } from './retention.contract.js';
import type { StorageSubject, TestTools } from './subject.js';

export type { StorageSubject, TestTools } from './subject.js';

/**
 * What every storage has to pass, ours and others'. Reading, sums and retention are asked of
 * storages that offer them.
 *
 * @param tools `describe`, `it` and `afterEach` of the test runner.
 * @param subject Makes the storages.
 */
export function storageContract(tools: TestTools, name: string, subject: StorageSubject): void {
  tools.describe(name, () => {
    const open = opening(tools, subject);
    recordContract(tools, open, subject);
    queryContract(tools, open);
    hookContract(tools, open, subject);
    retentionContract(tools, open, subject);
  });
}
