import { shownValue } from './shown-value.js';

/** What else the message of a `TrackUsageOptionsError` says. */
export interface OptionsErrorDetails extends ErrorOptions {
  /**
   * Whose option it is: `RedisStorage`.
   * @default 'TrackUsageModule'
   */
  readonly owner?: string;
  /**
   * What was given, in words.
   * @default the value, as `shownValue` shows it
   */
  readonly given?: string;
  /** What to do, as sentences. */
  readonly hint?: string;
}

/**
 * An option of the module or of a storage was given something that it does not take. Stops the
 * start of the application.
 *
 * @publicApi
 */
export class TrackUsageOptionsError extends TypeError {
  override readonly name = 'TrackUsageOptionsError';

  /**
   * @param option The option at fault: `mode`, `storages[1].name`; '' for a storage's options as a whole.
   * @param value What was given.
   * @param expected What is allowed.
   */
  constructor(
    readonly option: string,
    readonly value: unknown,
    expected: string,
    { owner, given = shownValue(value), hint, ...options }: OptionsErrorDetails = {},
  ) {
    const where = owner === undefined ? ['TrackUsageModule', `option ${option}`] : [owner, option];
    const path = where.filter((each) => each !== '').join(': ');
    super(`${path}: expected ${expected}, but got ${given}.${hint ? ` ${hint}` : ''}`, options);
  }
}
