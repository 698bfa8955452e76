import { dirname, join, resolve } from 'node:path';
import type { ResolvedDeliveryOptions } from '../../storages/contract/delivery-options.js';
import type { UsageStorage } from '../../storages/contract/usage-storage.js';
import type { QuietLogger } from '../../support/usage-logger.js';
import { messageOf } from '../../support/thrown-value.js';
import type { Backlog } from '../backlog.js';
import { JournalLink, type JournalLinkEvents } from './journal-link.js';
import { JOURNAL_OPTIONS, type JournalOptions } from './journal-options.js';
import { Journal } from './journal.js';

/** A storage as the journal needs it. */
export interface JournaledStorage {
  readonly storage: UsageStorage;
  readonly options: Pick<ResolvedDeliveryOptions, 'overflow'>;
}

/** A journal, and how to link a storage's backlog with it. */
export interface OpenJournal {
  readonly journal: Journal;
  link(
    storage: number,
    backlog: Backlog,
    overflow: ResolvedDeliveryOptions['overflow'],
    events: JournalLinkEvents,
  ): JournalLink;
}

const FOLDER = '.track-usage';

/**
 * Opens the journal of an application, and takes over what earlier processes have left. Never
 * rejects: a folder that cannot be used is tried again.
 *
 * @param storages In the order in which delivery has them.
 * @param file The embedded SQLite's file, beside which the default folder is; null: there is none.
 */
export async function openJournal(
  options: JournalOptions,
  storages: readonly JournaledStorage[],
  file: string | null,
  logger: QuietLogger,
): Promise<OpenJournal> {
  const folder = file === null ? FOLDER : join(dirname(file), FOLDER);
  const journal = new Journal(
    resolve(options.directory ?? folder),
    {
      sync: options.sync ?? JOURNAL_OPTIONS.sync.default,
      maxBytes: options.maxBytes ?? JOURNAL_OPTIONS.maxBytes.default,
    },
    storages.map(({ storage, options: { overflow } }) => ({
      identity: { name: storage.name, place: placeOf(storage, logger) },
      overflow,
    })),
    logger,
  );
  await journal.open();
  return {
    journal,
    link: (storage, backlog, overflow, events) =>
      new JournalLink(journal, storage, backlog, overflow === 'drop-newest', events),
  };
}

function placeOf(storage: UsageStorage, logger: QuietLogger): string | null {
  try {
    const place: unknown = storage.place?.();
    return typeof place === 'string' ? place : null;
  } catch (error) {
    logger.warn(`Storage '${storage.name}' cannot tell its place: ${messageOf(error)}`);
    return null;
  }
}
