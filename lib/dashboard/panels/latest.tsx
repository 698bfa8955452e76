import { Empty } from '../components/empty.js';
import { RequestRow, requestColumns } from '../components/request-row.js';
import { linkTo } from '../state/page-state.js';
import type { Panel } from './panel.js';

const PAGE = 25;

/** The latest requests, newest first. Live ones are put on top of them. */
export const latest: Panel = {
  name: 'latest',
  title: 'Latest requests',
  size: 'row',
  async load(context) {
    const { parts, range, state, where, dates } = context;
    const { visible } = parts;
    const records = await context.getUsage({
      startDate: range.startDate,
      endDate: range.endDate,
      ...(where && { where }),
      limit: PAGE + 1,
      ...(state.after && { after: state.after }),
    });
    const shown = records.slice(0, PAGE);
    const hides = (name: string) => visible.hides(name);
    const names = hides('consumer')
      ? new Map<string, never>()
      : await parts.names.of(shown.map(({ consumer }) => consumer));
    const last = shown.at(-1);
    return {
      note: state.after ? `before ${dates.moment(state.after.date)}` : 'newest first',
      side: context.isOpen ? (
        <button type="button" class="script" data-live aria-pressed="false">
          live <kbd>l</kbd>
        </button>
      ) : (
        state.after && <a href={`${linkTo(state, {})}#latest`}>newest</a>
      ),
      body: (
        <>
          <div class="scroll" tabIndex={0} role="region" aria-label="Latest requests, table">
            <table class="list latest" data-latest={context.isOpen ? '' : undefined}>
              <thead>
                <tr>
                  {requestColumns(hides).map(({ label, isNumber, isMinor }) => (
                    <th
                      key={label}
                      scope="col"
                      class={
                        [isNumber && 'n', isMinor && 'minor'].filter(Boolean).join(' ') || undefined
                      }
                    >
                      {label}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {shown.map((record) => (
                  <RequestRow
                    key={record.id}
                    id={record.id}
                    record={visible.shown(record)}
                    state={state}
                    dates={dates}
                    names={names}
                    hides={hides}
                  />
                ))}
              </tbody>
            </table>
          </div>
          {shown.length === 0 && <Empty context={context} />}
          {last && records.length > PAGE && (
            <p class="more">
              <a href={`${linkTo(state, { after: { date: last.date, id: last.id } })}#latest`}>
                older
              </a>
            </p>
          )}
        </>
      ),
    };
  },
};
