import {
  checkOptions,
  isOneOf,
  isText,
  type OptionCheck,
  type OptionTable,
} from '../../support/option-checks.js';
import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';

/**
 * A journal on disk for the records that no storage has yet.
 *
 * @publicApi
 */
export interface JournalOptions {
  /**
   * Folder of the journal's segments. It is created with mode 0700 if it is missing. Processes,
   * applications and containers may share one.
   * @default '.track-usage' beside the embedded SQLite's file, else in the working directory
   */
  directory?: string;
  /**
   * When segments are synchronised with the disk. `'never'`: records survive the death of the
   * process, and not that of the machine. `'interval'`: each second. `'always'`: after each write.
   * @default 'never'
   */
  sync?: 'never' | 'interval' | 'always';
  /**
   * The most bytes of all segments of this application together, from 1 MiB. Beyond them `overflow`
   * says which record is dropped. The default is 1 GiB.
   * @default 1_073_741_824
   */
  maxBytes?: number;
}

const MIN_BYTES = 1024 * 1024;

const isJournalSize: OptionCheck = (option, value) => {
  if (!Number.isSafeInteger(value) || (value as number) < MIN_BYTES)
    throw new TrackUsageOptionsError(option, value, `bytes as a whole number from ${MIN_BYTES}`);
};

/** Checks, defaults and units of the journal's options. */
export const JOURNAL_OPTIONS = {
  directory: {
    check: isText,
    defaultText: "'.track-usage' beside the embedded SQLite's file, else in the working directory",
  },
  sync: { check: isOneOf('never', 'interval', 'always'), default: 'never' },
  maxBytes: { check: isJournalSize, default: 1024 * MIN_BYTES, unit: 'bytes' },
} as const satisfies OptionTable<JournalOptions>;

/** Checks the value of the option `journal`. */
export function checkJournal(option: string, value: unknown): void {
  if (typeof value === 'boolean') return;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TrackUsageOptionsError(
      option,
      value,
      'true, false or an object such as { directory, sync, maxBytes }',
    );
  checkOptions(value, JOURNAL_OPTIONS, `${option}.`);
}
