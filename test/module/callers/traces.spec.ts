import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  context,
  ROOT_CONTEXT,
  trace,
  type ContextManager,
} from '@opentelemetry/api';
import { type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { platforms } from '../../support/platforms.js';
import { Shop } from './shop.js';

const OF_SPAN = '4bf92f3577b34da6a3ce929d0e0e4736';
const OF_HEADER = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = '00f067aa0ba902b7';
const traceparent = `00-${OF_HEADER}-${SPAN_ID}-01`;

/** As OpenTelemetry's own, which is another package. */
class LocalContexts implements ContextManager {
  private readonly storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.storage.getStore() ?? ROOT_CONTEXT;
  }
  with<Args extends unknown[], Call extends (...args: Args) => ReturnType<Call>>(
    active: Context,
    call: Call,
    self?: ThisParameterType<Call>,
    ...args: Args
  ): ReturnType<Call> {
    return this.storage.run(active, () => call.apply(self, args));
  }
  bind<Target>(_active: Context, target: Target): Target {
    return target;
  }
  enable(): this {
    return this;
  }
  disable(): this {
    return this;
  }
}

/** Handles each request within a span, as instrumentation of Node's servers does. */
function traceRequests(server: Server, traceId: string): void {
  const emit = server.emit.bind(server) as (...args: unknown[]) => boolean;
  const span = trace.wrapSpanContext({ traceId, spanId: SPAN_ID, traceFlags: 1 });
  server.emit = (...args: unknown[]) =>
    args[0] === 'request'
      ? context.with(trace.setSpan(context.active(), span), () => emit(...args))
      : emit(...args);
}

afterEach(() => context.disable());

describe.each(platforms)('the trace of a request on $name', (platform) => {
  async function traceIdOf(
    traceId: string | null,
    path: string,
    headers: Record<string, string> = {},
  ) {
    const shop = await Shop.start(platform, {}, (app) => {
      if (traceId !== null) traceRequests(app.getHttpServer() as Server, traceId);
    });
    const record = await shop.ask(path, headers);
    await shop.close();
    return record.traceId;
  }

  it('is that of the active span, also where nothing handles the request', async () => {
    context.setGlobalContextManager(new LocalContexts());
    expect(await traceIdOf(OF_SPAN, '/open')).toBe(OF_SPAN);
    expect(await traceIdOf(OF_SPAN, '/nowhere')).toBe(OF_SPAN);
    expect(await traceIdOf(OF_SPAN, '/open', { traceparent })).toBe(OF_SPAN);
  });

  it('is that of the header where no span is active, or an invalid one', async () => {
    context.setGlobalContextManager(new LocalContexts());
    expect(await traceIdOf(null, '/open', { traceparent })).toBe(OF_HEADER);
    expect(await traceIdOf('0'.repeat(32), '/open', { traceparent })).toBe(OF_HEADER);
    expect(await traceIdOf(null, '/open')).toBeNull();
  });

  it('is that of the header where tracing throws', async () => {
    const broken = new LocalContexts();
    broken.active = () => {
      throw new Error('on purpose');
    };
    context.setGlobalContextManager(broken);
    expect(await traceIdOf(null, '/open', { traceparent })).toBe(OF_HEADER);
  });
});
