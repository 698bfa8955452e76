import { renderToString } from 'preact-render-to-string';
import type { UsageRecord } from '../../record/index.js';
import { UsageQueryError } from '../../storages/contract/usage-query.error.js';
import type { UsageWhere } from '../../storages/contract/usage-where.js';
import { RequestRow } from '../components/request-row.js';
import { Dates } from '../format/dates.js';
import { answer, json, withHeaders, type Answer, type DashboardRequest } from '../http/answer.js';
import { readState, type PageState } from '../state/page-state.js';
import { pageContext } from './page-context.js';
import type { Site } from './site.js';

/** How often new records are read. */
const INTERVAL_MS = 1000;
/** How far back records are looked for: a request is stored after it has ended, not when it came. */
const BACK_MS = 60_000;
/** The most records that are read at once. */
const MOST = 500;
/** How often something is sent, so that proxies keep the connection. */
const HEARTBEAT_MS = 15_000;

interface Viewer {
  readonly state: PageState;
  readonly where: UsageWhere | undefined;
  /** Requests from this instant on are sent, in milliseconds since the epoch. */
  readonly since: number;
}

/** What a viewer has been told. */
interface Told {
  /** The requests that the last reading found. */
  ids: Set<string>;
  /** Whether all that came before the stream began has been told. */
  isUpToDate: boolean;
}

/**
 * Streams of new requests. They are read from the storage, and so come from all processes; viewers
 * with equal filters share what is read.
 */
export class LiveFeeds {
  constructor(private readonly site: Site) {}

  async answer(request: DashboardRequest): Promise<Answer> {
    if (!this.site.parts.records)
      return json({ statusCode: 404, message: 'This dashboard shows no single requests.' }, 404);
    const state = readState(request.query);
    const { context } = await pageContext(this.site, state, request, null);
    if (!context.isOpen)
      return json({ statusCode: 404, message: 'No request that comes now belongs to this.' }, 404);
    const since = readSince(request.query.get('since'));
    const events = this.events({ state, where: context.where, since }, request.signal);
    return withHeaders(answer('text/event-stream; charset=utf-8', events), {
      // Whatever compresses or buffers answers would keep events back.
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
      Connection: 'close',
    });
  }

  private async *events(viewer: Viewer, signal: AbortSignal): AsyncGenerator<string> {
    const told: Told = { ids: new Set(), isUpToDate: false };
    let lastSent = 0;
    yield 'retry: 3000\n\n';
    try {
      while (!signal.aborted) {
        const { text, failure } = await this.news(viewer, told, signal);
        if (failure) yield `event: failure\ndata: ${JSON.stringify(failure)}\n\n`;
        else if (text !== '') yield text;
        else if (Date.now() - lastSent > HEARTBEAT_MS) yield ': still here\n\n';
        else {
          await pause(INTERVAL_MS, signal);
          continue;
        }
        lastSent = Date.now();
        await pause(INTERVAL_MS, signal);
      }
    } catch (error) {
      // The viewer has gone, or the application closes.
      if (!signal.aborted) throw error;
    }
  }

  private async news(
    { state, where, since }: Viewer,
    told: Told,
    signal: AbortSignal,
  ): Promise<{ text: string; failure?: string }> {
    const { parts } = this.site;
    // Viewers who began at other times read the same second.
    const second = Math.floor(Date.now() / INTERVAL_MS) * INTERVAL_MS;
    const back = second - BACK_MS;
    const startDate = new Date(told.isUpToDate ? back : Math.min(since, back));
    const query = { startDate, limit: MOST, ...(where && { where }) };
    try {
      const records = await parts.pool.run(`live ${JSON.stringify(query)}`, signal, (pooled) =>
        parts.source.getUsage({ ...query, signal: pooled }),
      );
      const fresh = records.filter(({ id }) => !told.ids.has(id));
      told.ids = new Set(records.map(({ id }) => id));
      told.isUpToDate = true;
      const news = fresh.filter(({ date }) => date.getTime() >= since).reverse();
      return { text: news.length === 0 ? '' : await this.rows(state, news) };
    } catch (error) {
      if (signal.aborted) throw error;
      return { text: '', failure: `Storage '${parts.source.storage}' failed.` };
    }
  }

  private async rows(state: PageState, records: readonly UsageRecord[]): Promise<string> {
    const { visible, names, source } = this.site.parts;
    const hides = (name: string) => visible.hides(name);
    const described = hides('consumer')
      ? new Map<string, never>()
      : await names.of(records.map(({ consumer }) => consumer));
    const dates = new Dates(source.timeZone, Date.now());
    return records
      .map((record) => {
        const row = renderToString(
          <RequestRow
            id={record.id}
            record={visible.shown(record)}
            state={state}
            dates={dates}
            names={described}
            hides={hides}
          />,
        );
        return `id: ${record.id}\ndata: ${row.replaceAll(/[\r\n]+/g, ' ')}\n\n`;
      })
      .join('');
  }
}

/**
 * The date of the oldest request of the viewer's list. All from then on is sent, and what the list
 * has is not put into it twice: nothing is left out that came before the stream began, or while it
 * was paused.
 */
function readSince(given: string | null): number {
  if (given === null) return Date.now() - INTERVAL_MS;
  const since = Date.parse(given);
  if (Number.isNaN(since))
    throw new UsageQueryError('since', given, 'an instant such as 2026-11-30T12:00:00.000Z');
  return since;
}

/** Waits, or rejects as soon as the signal is aborted. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // The viewer may have gone while rows were sent, and nothing tells it again.
    signal.throwIfAborted();
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
