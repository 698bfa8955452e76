import type { CapturedConsumer, CapturedClient } from '../../record/captured-request.js';
import type { FailureLog } from '../../support/failure-log.js';
import type { CaptureOptions } from '../capture-options.js';
import { toName } from '../username.js';
import { isKeyConsumer } from './by-api-key.js';
import { duringCall, type CurrentCall } from './current-call.js';

type OptionName = 'skip' | 'username' | 'consumer' | 'client' | 'trackVar';

/** What happens to the request whose function threw. */
const CONSEQUENCES: Readonly<Record<OptionName, string>> = {
  skip: 'the request was recorded',
  username: 'the user was sought elsewhere',
  consumer: 'the request was recorded without a consumer',
  client: 'the client was read from the user agent',
  trackVar: 'the request was recorded without these variables',
};

/**
 * Calls the functions that the application gave as options, each with the framework's request after
 * the response has ended. Failures are logged once and never reach the request. A promise is not
 * waited for.
 */
export class OptionFunctions {
  constructor(
    private readonly options: Pick<CaptureOptions, OptionName>,
    private readonly log: FailureLog,
  ) {}

  isSkipped(request: object): boolean {
    return this.call('skip', () => this.options.skip?.(request)) === true;
  }

  username(request: object): string | null {
    const { username } = this.options;
    return username ? toName(this.call('username', () => username(request))) : null;
  }

  /** Who called. Without the option, the verified user. */
  consumer(request: object, call: CurrentCall): CapturedConsumer | null {
    const { consumer } = this.options;
    if (consumer === undefined)
      return call.username === null ? null : { id: call.username, group: null, from: 'user' };
    const answer = this.call('consumer', () => duringCall(call, () => consumer(request)));
    return this.attempt('consumer', () => this.readConsumer(answer, call)) ?? null;
  }

  client(request: object): CapturedClient | null {
    const { client } = this.options;
    if (client === undefined) return null;
    const answer = this.call('client', () => client(request));
    if (isNothing(answer)) return null;
    const name = this.attempt('client', () => toName((answer as { name?: unknown }).name));
    if (name === null || name === undefined) {
      this.warn('client', 'neither { name, version? } nor null', CONSEQUENCES.client);
      return null;
    }
    const version = this.attempt('client', () => (answer as { version?: unknown }).version);
    return { name, version: toName(version) };
  }

  /** The variables of the option; undefined if there are none. */
  trackVar(request: object): object | undefined {
    const { trackVar } = this.options;
    if (trackVar === undefined) return undefined;
    const answer = this.call('trackVar', () => trackVar(request));
    if (isNothing(answer)) return undefined;
    if (typeof answer === 'object' && !Array.isArray(answer)) return answer;
    this.warn('trackVar', 'neither an object nor null', CONSEQUENCES.trackVar);
    return undefined;
  }

  private readConsumer(answer: unknown, call: CurrentCall): CapturedConsumer | null {
    if (isNothing(answer)) return null;
    if (typeof answer !== 'object') return this.namedConsumer(answer, null, call);
    // The hash of a key is computed off the request's path.
    if (isKeyConsumer(answer)) {
      const key = answer as { readonly id: string };
      return {
        get id() {
          return key.id;
        },
        group: null,
        from: 'key',
      };
    }
    const { id, group } = answer as { id?: unknown; group?: unknown };
    if (isNothing(id) && 'id' in answer) return null;
    return this.namedConsumer(id, toName(group), call);
  }

  private namedConsumer(
    given: unknown,
    group: string | null,
    call: CurrentCall,
  ): CapturedConsumer | null {
    const id = toName(given);
    if (id === null) {
      this.warn('consumer', 'neither a text, { id, group? } nor null', CONSEQUENCES.consumer);
      return null;
    }
    return { id, group, from: id === call.userId ? 'user' : 'application' };
  }

  private call(option: OptionName, call: () => unknown): unknown {
    const answer = this.attempt(option, call);
    if (!(answer instanceof Promise)) return answer;
    answer.catch(() => undefined);
    this.log.warn(`The option ${option} returned a promise, which is not waited for.`);
    return undefined;
  }

  private attempt<T>(option: OptionName, part: () => T): T | undefined {
    try {
      return part();
    } catch (error) {
      this.log.once(`The option ${option} threw: ${CONSEQUENCES[option]}.`, error);
      return undefined;
    }
  }

  private warn(option: OptionName, what: string, consequence: string): void {
    this.log.warn(`The option ${option} returned ${what}: ${consequence}.`);
  }
}

function isNothing(answer: unknown): answer is null | undefined | '' {
  return answer === undefined || answer === null || answer === '';
}
