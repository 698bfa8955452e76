/**
 * Who calls, in the application's own terms.
 *
 * @publicApi
 */
export interface UsageConsumer {
  /** Value of `record.consumer`: a user, a tenant, the id of a key. Never a secret. */
  readonly id: string;
  /** Value of `record.consumerGroup`: a plan, a tenant or a team. */
  readonly group?: string | null;
}

/**
 * Names the consumer of a request: a text, `{ id, group? }`, or null if nobody is verified.
 *
 * @publicApi
 */
export type UsageConsumerReader = (
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- Express's or Fastify's, as it comes
  request: any,
) =>
  | string
  | number
  | bigint
  | { readonly id: string | number | bigint | null | undefined; readonly group?: unknown }
  | null
  | undefined;
