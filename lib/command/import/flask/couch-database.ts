import { PORTION, type FlaskDatabase, type FlaskRow, type FlaskSum } from './flask-rows.js';

interface Answer {
  readonly rows?: readonly { readonly id: string; readonly doc?: Record<string, unknown> }[];
  readonly reason?: string;
}

/** The documents of `CouchDBStorage`. */
export class FlaskCouchDatabase implements FlaskDatabase {
  private readonly headers: Record<string, string>;
  private readonly url: string;

  /** @param address With the database as its path: `http://user:password@host:5984/usage`. */
  constructor(address: string) {
    const url = new URL(address);
    const user = decodeURIComponent(url.username);
    const password = decodeURIComponent(url.password);
    const basic = Buffer.from(`${user}:${password}`).toString('base64');
    this.headers = user === '' ? {} : { authorization: `Basic ${basic}` };
    url.username = url.password = '';
    this.url = url.href.replace(/\/+$/, '');
    if (url.pathname === '/')
      throw new Error(`--source: expected CouchDB's database as the path of ${this.url}.`);
  }

  async *rows(): AsyncIterable<FlaskRow[]> {
    for (let after: string | null = null; ;) {
      const start: string =
        after === null ? '' : `&skip=1&startkey=${encodeURIComponent(JSON.stringify(after))}`;
      const rows = await this.page(`_all_docs?include_docs=true&limit=${PORTION}${start}`);
      yield rows
        .filter(({ id, doc }) => doc !== undefined && !id.startsWith('_design/'))
        .map(({ id, doc }) => ({ place: id, usage: doc! }));
      if (rows.length < PORTION) return;
      after = rows.at(-1)!.id;
    }
  }

  async sums(): Promise<FlaskSum[]> {
    return [];
  }

  async close(): Promise<void> {}

  private async page(path: string): Promise<NonNullable<Answer['rows']>> {
    const response = await fetch(`${this.url}/${path}`, { headers: this.headers });
    const answer = (await response.json()) as Answer;
    if (response.ok && answer.rows) return answer.rows;
    throw new Error(`--source: ${this.url} cannot be read: ${answer.reason ?? response.status}.`);
  }
}
