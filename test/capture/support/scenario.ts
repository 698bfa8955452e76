import type {
  DynamicModule,
  INestApplication,
  NestApplicationOptions,
  Provider,
  Type,
} from '@nestjs/common';
import type { CaptureOptions, TrackUsageMode } from 'nestjs-track-usage';
import type { CapturedRequest } from '../../../lib/capture/index.js';
import type { RawClient } from './raw-client.js';

export type { CapturedRequest };
export type AdapterKind = 'express' | 'fastify';
export const ADAPTERS: readonly AdapterKind[] = ['express', 'fastify'];
export const MODES: readonly TrackUsageMode[] = ['exclude', 'include'];

type PerAdapter<T> = T | ((kind: AdapterKind) => T);

/** One application and what is asked of it. */
export interface Scenario {
  /** Heading in the manual's table. */
  readonly title: string;
  readonly controllers?: PerAdapter<Type[]>;
  readonly providers?: PerAdapter<Provider[]>;
  /** @param capture The tracking module, or null in the twin that goes without. */
  readonly imports?: (capture: DynamicModule | null, kind: AdapterKind) => (DynamicModule | Type)[];
  /** Runs before the application is started. */
  readonly prepare?: (app: INestApplication, kind: AdapterKind) => unknown;
  readonly application?: NestApplicationOptions;
  readonly express?: (app: INestApplication) => void;
  /** What `FastifyAdapter` is given. */
  readonly fastify?: Record<string, unknown>;
  readonly options?: CaptureOptions;
  readonly cases: readonly ConformanceCase[];
}

/** What must be recorded; the fields that every record has are filled in by the runner. */
export interface ExpectedRecord extends Partial<CapturedRequest> {
  readonly blueprint: string | null;
  readonly handler: string | null;
  readonly route: string | null;
  readonly viewArgs: Record<string, string> | null;
  readonly status: number;
}

type Expectation = ExpectedRecord | null;

export interface ConformanceCase {
  /** The row's name in the manual's table. */
  readonly title: string;
  /**
   * Request line without the version, such as `GET /cats`; or a conversation that returns what
   * came, up to where it is the same each time.
   */
  readonly send: string | ((client: RawClient) => Promise<Buffer>);
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
  /** Requests that go before and are not looked at; what it returns joins the headers. */
  readonly before?: (client: RawClient) => Promise<Record<string, string>>;
  /** Method of the request, where `send` is a conversation. */
  readonly method?: string;
  /** Null: nothing. An array: in the `exclude` and in the `include` mode. */
  readonly record: Expectation | readonly [exclude: Expectation, include: Expectation];
  readonly only?: AdapterKind;
}

/** Recorded with its handler, in both modes. */
export function handled(
  place: `${string}.${string}`,
  route: string,
  status: number,
  more: Partial<CapturedRequest> = {},
): ExpectedRecord {
  const [blueprint = '', handler = ''] = place.split('.');
  return {
    blueprint,
    handler,
    route,
    status,
    ...more,
    viewArgs: (more.viewArgs ?? {}) as Record<string, string>,
  };
}

/** Recorded in the `include` mode only, without a handler. */
export function unknownHandler(
  status: number,
  more: Partial<CapturedRequest> = {},
): readonly [null, ExpectedRecord] {
  return [null, { blueprint: null, handler: null, route: null, status, ...more, viewArgs: null }];
}
