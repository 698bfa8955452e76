/** What capture knows of the request whose consumer is being read. */
export interface CurrentCall {
  /** The name that `options.username` or `request.user` gives; null if neither does. */
  readonly username: string | null;
  /** Whether all guards of the handler let the request pass. */
  readonly hasPassedGuards: boolean;
  /** Set by `byUser()`: what it has returned last. */
  userId: string | null;
}

let current: CurrentCall | null = null;

/**
 * Calls a function of the application that reads a request's consumer. Meanwhile `byUser()` and
 * `byApiKey()` see what capture knows of the request, also where the application's function calls
 * them.
 */
export function duringCall<T>(call: CurrentCall, read: () => T): T {
  const outer = current;
  current = call;
  try {
    return read();
  } finally {
    current = outer;
  }
}

/** The request whose consumer is being read; null if capture reads none now. */
export function currentCall(): CurrentCall | null {
  return current;
}
