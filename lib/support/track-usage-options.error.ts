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
  /**
   * What to do, as sentences.
   * @default of a storage's option that is undefined: what may be missing
   */
  readonly hint?: string;
}

const UNDEFINED_HINT = 'Is an environment variable or a provider missing?';

/**
 * An option of the module or of a storage was given something that it does not take. Stops the
 * start of the application.
 *
 * @publicApi
 */
export class TrackUsageOptionsError extends TypeError {
  override readonly name = 'TrackUsageOptionsError';

  /**
   * @param option The option at fault: `mode`, `storages[1].name`; '' for those of a storage together.
   * @param value What was given; loggers may show it, so none of a secret.
   * @param expected What is allowed.
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
