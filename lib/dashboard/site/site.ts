import type { CheckedDashboardOptions } from '../dashboard-options.js';
import type { SiteParts } from '../panels/panel-context.js';
import type { SeveralServices } from './several-services.js';
import type { Turns } from './turns.js';

/** The options that a site needs: all but those of the application around it. */
export type SiteOptions = Pick<
  CheckedDashboardOptions,
  'title' | 'describeConsumers' | 'records' | 'hide' | 'dimensions'
>;

/** What the answers of a site are made of. */
export interface Site {
  readonly parts: SiteParts;
  readonly options: SiteOptions;
  readonly services: SeveralServices;
  /** Each panel of all viewers is written in a turn of its own. */
  readonly turns: Turns;
}
