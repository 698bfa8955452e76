import { UsageQueryError } from '../../storages/contract/usage-query.error.js';
import { script, style } from '../browser-files.js';
import { checkHide } from '../data/checked-hide.js';
import { ConsumerNames } from '../data/consumer-names.js';
import { OldestRecord } from '../data/oldest-record.js';
import { QueryPool } from '../data/query-pool.js';
import { Visibility } from '../data/visibility.js';
import type { DashboardSource } from '../dashboard-source.js';
import { thrownText } from '../format/failure.js';
import { answer, json, type Answer, type DashboardRequest } from '../http/answer.js';
import { dataAnswer } from './data-answers.js';
import { ICON } from './icon.js';
import { LiveFeeds } from './live-feeds.js';
import { failurePage, pageAnswer, panelAnswer } from './page-answers.js';
import { SeveralServices } from './several-services.js';
import type { Site, SiteOptions } from './site.js';
import { Turns } from './turns.js';

/** The most queries of all viewers that run at once. */
const QUERIES_AT_ONCE = 4;

/**
 * The page and its data, over any source: it knows neither NestJS nor a web server. It answers what
 * it is asked; who may ask is decided before.
 */
export class DashboardSite {
  private readonly site: Site;
  private readonly live: LiveFeeds;

  /**
   * @param onFailure Is told of failures that nobody sees on the page.
   * @throws {TrackUsageOptionsError} if the option `hide` names what cannot be hidden.
   */
  constructor(
    source: DashboardSource,
    options: SiteOptions,
    onFailure: (error: unknown) => void = () => undefined,
  ) {
    checkHide(options.hide, source.summaries);
    const pool = new QueryPool(QUERIES_AT_ONCE);
    const parts = {
      source,
      pool,
      oldest: new OldestRecord(source, pool),
      visible: new Visibility(hidden(source, options)),
      names: new ConsumerNames(options.describeConsumers, onFailure),
      records: options.records,
    };
    const services = new SeveralServices(source, pool);
    this.site = { parts, options, services, turns: new Turns() };
    this.live = new LiveFeeds(this.site);
  }

  /** Answers a request. Rejects only if the request's signal is aborted. */
  async answer(request: DashboardRequest): Promise<Answer> {
    const isPage = request.name === '';
    try {
      return await this.find(request);
    } catch (error) {
      if (request.signal.aborted) throw error;
      if (error instanceof UsageQueryError) {
        if (isPage) return failurePage(request, 400, error.message, error.field);
        return json({ statusCode: 400, message: error.message, field: error.field }, 400);
      }
      const message = `Storage '${this.site.parts.source.storage}' failed: ${thrownText(error)}`;
      return isPage ? failurePage(request, 500, message) : json({ statusCode: 500, message }, 500);
    }
  }

  private async find(request: DashboardRequest): Promise<Answer> {
    switch (request.name) {
      case '':
        return pageAnswer(this.site, request);
      case 'panel':
        return panelAnswer(this.site, request);
      case 'live':
        return this.live.answer(request);
      case 'style.css':
        return answer('text/css; charset=utf-8', style);
      case 'script.js':
        return answer('text/javascript; charset=utf-8', script);
      case 'icon.svg':
        return answer('image/svg+xml', ICON);
      default:
        return (
          (await dataAnswer(this.site, request)) ??
          json(
            { statusCode: 404, message: `There is no ${JSON.stringify(request.name)} here.` },
            404,
          )
        );
    }
  }
}

/** Where the consumer is the user, both have one name. */
function hidden({ namesUsers }: DashboardSource, { hide }: SiteOptions): readonly string[] {
  return namesUsers && hide.includes('username') ? [...hide, 'consumer'] : hide;
}
