import Sqlite from 'better-sqlite3';

export type Span = readonly [first: number, last: number];

interface Question {
  readonly groups: string;
  readonly also?: string;
  /** Whether the span before is asked for as well. */
  readonly isCompared?: true;
}

/** What each panel counts from records, as one would write it by hand. */
const QUESTIONS: Readonly<Record<string, Question>> = {
  traffic: { groups: '"release"', also: 'min(date)' },
  consumers: { groups: 'consumer, ua_browser, ua_version' },
  clients: { groups: 'ua_kind' },
  statuses: { groups: 'method, route, status' },
  'by-country': { groups: `json_extract(ip_info, '$.country')`, isCompared: true },
  'by-release': { groups: '"release"', isCompared: true },
  'by-apiVersion': { groups: 'api_version', isCompared: true },
};

/** The panels that no summary of `forRoot()` answers as a whole. */
export const COUNTED_PANELS = Object.keys(QUESTIONS);

/** Asks SQLite by hand for what panels count from records. */
export class RawPanels {
  private readonly database: Sqlite.Database;

  constructor(
    file: string,
    private readonly table: string,
  ) {
    this.database = new Sqlite(file, { readonly: true });
  }

  ask(panel: string, now: Span, before: Span): void {
    const { groups, also, isCompared } = QUESTIONS[panel]!;
    const columns = [groups, 'count(*) as hits', ...(also ? [also] : [])].join(', ');
    const statement = this.database.prepare(
      `select ${columns} from ${this.table} where date >= ? and date <= ? ` +
        `group by ${groups} order by hits desc`,
    );
    statement.all(...now);
    if (isCompared) statement.all(...before);
  }

  close(): void {
    this.database.close();
  }
}
