/**
 * The client's software, as the application names it.
 *
 * @publicApi
 */
export interface UsageClient {
  /** Value of `record.userAgent.browser`: `MyShop`. */
  readonly name: string;
  /** Value of `record.userAgent.version`: `4.12.0`. */
  readonly version?: string | null;
}

/**
 * Names the client of a request, or null if its user agent does.
 *
 * @publicApi
 */
export type UsageClientReader = (
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- Express's or Fastify's, as it comes
  request: any,
) => UsageClient | null | undefined;
