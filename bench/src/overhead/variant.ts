import type { DynamicModule, INestApplication, Provider } from '@nestjs/common';
import type { PlatformName } from '../settings.js';

/** What a server was sent, by the place of each request in the traffic. */
export type Tally = readonly number[];

/** One way to watch an application's requests. */
export interface Variant {
  /** As the report calls it. */
  readonly title: string;
  /** What it keeps of a request. */
  readonly keeps: string;
  /** Where it works. Default: everywhere. */
  readonly platforms?: readonly PlatformName[];
  /** @param scratch A folder of this process alone. */
  modules?(scratch: string): DynamicModule[];
  providers?: Provider[];
  configure?(app: INestApplication, scratch: string): void | Promise<void>;
  /** Finishes what it does after the responses, so that it counts. */
  settle?(app: INestApplication): Promise<void>;
  /** Says what is missing of all that was sent. */
  check?(app: INestApplication, sent: Tally, scratch: string): string[] | Promise<string[]>;
}
