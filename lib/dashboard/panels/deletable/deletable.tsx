import { MoreLink } from '../../components/panel-parts.js';
import { shownReview } from '../../data/shown-review.js';
import type { Panel } from '../panel.js';
import { rowsOf } from '../ranked.js';
import { DeprecatedRoutes } from './deprecated-routes.js';
import { GoneQuiet } from './gone-quiet.js';
import { NeverCalled } from './never-called.js';
import { VersionShares } from './version-shares.js';

const NAME = 'deletable';
const FEW = 6;

/** Which routes can be deleted, and who stands in the way. */
export const deletable: Panel = {
  name: NAME,
  title: 'Routes to delete',
  size: 'row',
  async load(context) {
    const { visible, names } = context.parts;
    const where = context.whereOfService;
    const { startDate, endDate } = context.range;
    const review = shownReview(
      await context.reviewRoutes({ startDate, endDate, ...(where && { where }) }),
      visible,
    );
    if (review.routes === 0)
      return {
        body: (
          <p class="empty">
            No application has told which routes it declares. This version does when it starts.
          </p>
        ),
      };
    const { neverCalled, goneQuiet, deprecated, versions } = review;
    const limit = rowsOf(context, NAME, FEW);
    const callers = (deprecated ?? []).slice(0, limit).flatMap((route) => route.callers ?? []);
    const described = await names.of(callers.map(({ consumer }) => consumer));
    const isCut = [neverCalled, goneQuiet, deprecated ?? []].some((list) => list.length > limit);
    return {
      note: `of ${review.routes} that are declared and tracked; callers of the shown range, whatever the filters`,
      side: <MoreLink context={context} panel={NAME} rest={isCut} />,
      body: (
        <>
          <NeverCalled context={context} review={review} limit={limit} />
          <GoneQuiet context={context} routes={goneQuiet} limit={limit} />
          {deprecated && (
            <DeprecatedRoutes
              context={context}
              routes={deprecated}
              late={review.pastSunset ?? []}
              limit={limit}
              names={described}
              isWhole={context.state.more === NAME}
            />
          )}
          {versions !== null && versions.length > 0 && (
            <VersionShares context={context} versions={versions} />
          )}
        </>
      ),
    };
  },
};
