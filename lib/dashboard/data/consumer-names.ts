import { withTimeLimit } from '../../support/time-limit.js';
import type { ConsumerDescription, DescribeConsumers } from '../dashboard-options.js';

/** Descriptions of consumers by their ids. */
export type ConsumerNamesById = ReadonlyMap<string, ConsumerDescription>;

const PATIENCE_MS = 1000;

/** Asks the application for names of consumers, each time that they are shown: none is copied. */
export class ConsumerNames {
  /** @param onFailure Is told when the application's function fails. */
  constructor(
    private readonly describe: DescribeConsumers | null,
    private readonly onFailure: (error: unknown) => void = () => undefined,
  ) {}

  /** The descriptions of ids. Those without one are missing. */
  async of(ids: readonly unknown[]): Promise<ConsumerNamesById> {
    const asked = [...new Set(ids.filter((id): id is string => typeof id === 'string'))];
    if (!this.describe || asked.length === 0) return new Map();
    try {
      const work = Promise.resolve(this.describe(asked));
      work.catch(() => undefined);
      const given = await withTimeLimit(work, PATIENCE_MS, () => {
        throw new Error(`describeConsumers() took longer than ${PATIENCE_MS} ms.`);
      });
      return new Map(asked.flatMap((id) => described(id, given)));
    } catch (error) {
      this.onFailure(error);
      return new Map();
    }
  }
}

function described(
  id: string,
  given: Awaited<ReturnType<DescribeConsumers>>,
): [string, ConsumerDescription][] {
  const entries = given as Readonly<Record<string, ConsumerDescription | string>>;
  const found =
    given instanceof Map
      ? (given as ReadonlyMap<string, ConsumerDescription | string>).get(id)
      : Object.hasOwn(given ?? {}, id)
        ? entries[id]
        : undefined;
  if (typeof found === 'string') return [[id, { name: found }]];
  return typeof found?.name === 'string' ? [[id, found]] : [];
}
