import { dateContract } from './dates.contract.js';
import { has } from './features.js';
import { filterContract } from './filters.contract.js';
import { forgettingContract } from './forgetting.contract.js';
import { hookContract } from './sums.contract.js';
import { noteContract } from './notes.contract.js';
import { opening } from './opening.js';
import { queryContract } from './queries.contract.js';
import { recordContract } from './records.contract.js';
import { reportContract } from './reports.contract.js';
import { retentionContract } from './retention.contract.js';
import type { StorageSubject, TestTools } from './subject.js';
import { visitorContract } from './visitors.contract.js';
import { zoneChangeContract } from './zone-changes.contract.js';

export type { StorageSubject, TestTools } from './subject.js';

/**
 * Defines the tests that every storage must pass, this package's and others'. Each test uses a
 * place of its own, so that tests can run at the same time.
 *
 * @param tools `describe`, `it` and `afterEach` of the test runner.
 * @param name Name of the group of tests.
 * @param subject Creates the storages and names the features that they support.
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
    if (has(subject, 'reading')) {
      queryContract(tools, open);
      filterContract(tools, open);
    }
    reportContract(tools, open, subject);
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
    if (has(subject, 'reading', 'notes')) noteContract(tools, open, subject);
  });
}
