import type { ComponentChildren, JSX } from 'preact';

export interface Column {
  readonly name: string;
  readonly label: string;
  /** Whether only those who cannot see the table need the label. */
  readonly isQuiet?: boolean;
  readonly isNumber?: boolean;
  /** Stands in a second line where there is little room, and tells its label there. */
  readonly isMinor?: boolean;
  /** Orders the table by this column; absent if it cannot. */
  readonly href?: string;
  readonly isSorted?: boolean;
}

export interface Row {
  readonly key: string;
  readonly head: ComponentChildren;
  /** Filters by the row. */
  readonly href?: string | undefined;
  readonly isOn?: boolean | undefined;
  /** The length of the bar behind the row's name, from 0 to 1. */
  readonly share?: number;
  readonly cells: readonly ComponentChildren[];
}

/** A table whose rows are its own chart: behind each name stands a bar. */
export function DataTable({
  name,
  label,
  columns,
  rows,
  foot,
}: {
  name: string;
  label: string;
  columns: readonly Column[];
  rows: readonly Row[];
  foot?: Pick<Row, 'head' | 'cells'> | null;
}): JSX.Element {
  const [first, ...others] = columns;
  const classOf = ({ isNumber, isMinor }: Column) =>
    [isNumber && 'n', isMinor && 'minor'].filter(Boolean).join(' ') || undefined;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`${label}, table`}>
      <table class={`list ${name}`}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.name}
                scope="col"
                class={classOf(column)}
                aria-sort={column.isSorted ? 'descending' : undefined}
              >
                {column.href === undefined ? (
                  <span class={column.isQuiet ? 'sr' : undefined}>{column.label}</span>
                ) : (
                  <a href={column.href}>
                    {column.label}
                    {column.isSorted && <span aria-hidden="true"> ↓</span>}
                  </a>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key} class={row.isOn ? 'on' : undefined} data-row>
              <th scope="row" class={first && classOf(first)}>
                {row.share !== undefined && <Bar share={row.share} />}
                <RowName href={row.href} isOn={row.isOn}>
                  {row.head}
                </RowName>
              </th>
              {row.cells.map((cell, at) => (
                <td
                  key={at}
                  class={others[at] && classOf(others[at])}
                  data-label={others[at] && lineLabel(others[at])}
                >
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        {foot && (
          <tfoot>
            <tr>
              <th scope="row">{foot.head}</th>
              {foot.cells.map((cell, at) => (
                <td
                  key={at}
                  class={others[at] && classOf(others[at])}
                  data-label={others[at] && lineLabel(others[at])}
                >
                  {cell}
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}

/** The label of a cell that stands in a row's second line, where no head stands over it. */
function lineLabel({ label, isMinor, isQuiet }: Column): string | undefined {
  return isMinor && !isQuiet ? label : undefined;
}

/** What a row is of. Its link is that of the whole row. */
export function RowName({
  href,
  isOn,
  children,
}: Pick<Row, 'href' | 'isOn'> & { children: ComponentChildren }): JSX.Element {
  if (href === undefined) return <span class="name">{children}</span>;
  return (
    <a class="name" href={href} aria-current={isOn ? 'true' : undefined}>
      {children}
    </a>
  );
}

function Bar({ share }: { share: number }): JSX.Element {
  return (
    <svg class="bar" aria-hidden="true">
      <rect width={`${Math.round(share * 1000) / 10}%`} height="100%" rx="4" />
    </svg>
  );
}
