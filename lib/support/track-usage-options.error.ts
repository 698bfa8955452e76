import { shownValue } from './shown-value.js';

/** Further details in the message of a `TrackUsageOptionsError`. */
export interface OptionsErrorDetails extends ErrorOptions {
  /**
   * The owner of the option: `RedisStorage`.
   * @default 'TrackUsageModule'
   */
  readonly owner?: string;
  /**
   * The given value in words.
   * @default the value, as `shownValue` shows it
   */
  readonly given?: string;
  /**
   * Sentences that say what to do.
   * @default of a storage's option that is undefined: what may be missing
   */
  readonly hint?: string;
}

const UNDEFINED_HINT = 'Is an environment variable or a provider missing?';

/**
 * An option of the module or of a storage has a value that is not allowed. Stops the start of the
 * application.
 *
 * @publicApi
 */
export class TrackUsageOptionsError extends TypeError {
  override readonly name = 'TrackUsageOptionsError';

  /**
   * @param option The wrong option: `mode`, `storages[1].name`; '' for all options of a storage.
   * @param value The given value. Loggers may show it, so never pass a secret.
   * @param expected The allowed values, in words.
   */
  constructor(
    readonly option: string,
    readonly value: unknown,
    expected: string,
    { owner, given, hint, ...options }: OptionsErrorDetails = {},
  ) {
    const where = owner === undefined ? ['TrackUsageModule', `option ${option}`] : [owner, option];
    const path = where.filter((each) => each !== '').join(': ');
    const isMissing = owner !== undefined && value === undefined && given === undefined;
    const more = hint ?? (isMissing ? UNDEFINED_HINT : '');
    const message = `${path}: expected ${expected}, but got ${given ?? shownValue(value)}. ${more}`;
    super(message.trimEnd(), options);
  }
}

/** Creates the function that makes the errors about the options of one owner. */
export function optionErrorOf(
  owner: string,
): (option: string, expected: string, value: unknown) => TrackUsageOptionsError {
  return (option, expected, value) =>
    new TrackUsageOptionsError(option, value, expected, { owner });
}
