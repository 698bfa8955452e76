import { dateContract } from './dates.contract.js';
import { has } from './features.js';
import { forgettingContract } from './forgetting.contract.js';
import { hookContract } from './sums.contract.js';
import { opening } from './opening.js';
import { queryContract } from './queries.contract.js';
import { recordContract } from './records.contract.js';
import { retentionContract } from './retention.contract.js';
import type { StorageSubject, TestTools } from './subject.js';
import { visitorContract } from './visitors.contract.js';
import { zoneChangeContract } from './zone-changes.contract.js';

export type { StorageSubject, TestTools } from './subject.js';

/**
 * What every storage has to pass, ours and others'. Defines tests in the runner that it is given;
 * each works at a place of its own, so that they can run at once.
 *
 * @param tools `describe`, `it` and `afterEach` of the test runner.
 * @param name Of the group of tests.
 * @param subject Makes the storages, and says what they do.
 *
 * @example
 * storageContract({ describe, it, afterEach }, 'FolderStorage', {
 *   shared: true,
 *   create: (place, options) => new FolderStorage(join(folder, place), options),
 * });
 *
 * @publicApi
 */
export function storageContract(tools: TestTools, name: string, subject: StorageSubject): void {
  tools.describe(name, () => {
    const open = opening(tools, subject);
    recordContract(tools, open, subject);
    if (has(subject, 'reading')) queryContract(tools, open);
    if (has(subject, 'sums')) hookContract(tools, open, subject);
    if (
      subject.shared &&
      !subject.ignoresZoneChange &&
      has(subject, 'reading', 'sums', 'retention')
    )
      zoneChangeContract(tools, open);
    if (has(subject, 'retention')) retentionContract(tools, open, subject);
    if (has(subject, 'reading', 'sums', 'retention')) dateContract(tools, open);
    if (has(subject, 'reading', 'sums', 'retention', 'forgetting'))
      forgettingContract(tools, open, subject);
    if (has(subject, 'reading', 'sums', 'visitors')) visitorContract(tools, open, subject);
  });
}
