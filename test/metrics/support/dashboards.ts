import { readFileSync } from 'node:fs';

export interface DashboardQuery {
  readonly panel: string;
  readonly text: string;
}

export interface Dashboard {
  readonly variables: readonly { readonly name: string; readonly type: string; query: any }[];
  readonly queries: readonly DashboardQuery[];
  readonly json: any;
}

/** One of the dashboards that the package has for Grafana. */
export function readDashboard(file: string): Dashboard {
  const url = new URL(`../../../grafana/${file}`, import.meta.url);
  const json = JSON.parse(readFileSync(url, 'utf8'));
  return {
    json,
    variables: json.templating.list,
    queries: json.panels.flatMap(({ title, targets }: any) =>
      targets.map(({ expr, rawSql }: any) => ({ panel: title, text: expr ?? rawSql })),
    ),
  };
}

/** Puts values in the places of variables, as Grafana does. */
export function interpolated(text: string, values: Record<string, string | number>): string {
  const filled = text.replace(/\$\{(\w+)(?::(\w+))?\}|\$(\w+)/g, (_, braced, format, plain) => {
    const name: string = braced ?? plain;
    const value = values[name];
    if (value === undefined) throw new Error(`${text}: no value for ${name}`);
    return format === 'sqlstring' ? `'${String(value).replaceAll("'", "''")}'` : String(value);
  });
  return filled;
}
