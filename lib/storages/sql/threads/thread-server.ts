import type { SqlRowValues } from '../dialects/dialect.js';
import { ROWS_IN_PART } from '../engines/run-script.js';
import type { SqlStatement } from '../sql-statement.js';
import { BetterSqlite3Handle } from '../sqlite/better-sqlite3.handle.js';
import type { SqliteFileHandle } from '../sqlite/sqlite-file.handle.js';
import { fileHolds } from '../sqlite/sqlite-files.js';
import {
  packResult,
  type PackedResult,
  type ThreadAnswer,
  type ThreadRequest,
} from './thread-messages.js';

/** Rows that were read and are not all sent yet. */
interface Cursor {
  readonly columns: readonly string[];
  readonly rows: readonly SqlRowValues[];
  at: number;
}

/** The answer to a request. */
export type Reply = Pick<ThreadAnswer, 'result' | 'cursor' | 'holds'>;

/** Answers the requests to a thread, except `batch` and `close`. */
export class ThreadServer {
  private readonly sessions = new Map<number, BetterSqlite3Handle>();
  private readonly cursors = new Map<number, Cursor>();
  private lastCursor = 0;

  /** @param another Opens another connection, for a session. */
  constructor(
    private readonly path: string,
    private readonly handle: SqliteFileHandle,
    private readonly another: () => BetterSqlite3Handle,
  ) {}

  answer(request: Exclude<ThreadRequest, { kind: 'batch' | 'close' }>): Reply {
    switch (request.kind) {
      case 'renew':
        this.handle.renew();
        return {};
      case 'begin':
        return this.begin(request.session);
      case 'holds':
        return { holds: fileHolds(this.path, request.text) };
      case 'run':
        return { result: this.run(this.connection(request.session), request.statement) };
      case 'end':
        return this.end(request.session, request.commits);
      case 'read':
        return this.read(request.statement);
      case 'next':
        return this.next(request.cursor);
      case 'drop':
        this.cursors.delete(request.cursor);
        return {};
    }
  }

  close(): void {
    for (const session of this.sessions.values()) session.close();
    this.handle.close();
  }

  private begin(session: number | null): Reply {
    if (session === null) {
      this.handle.renew();
      // The requesting thread gave up a transaction without ending it.
      if (this.handle.inTransaction) this.handle.run({ sql: 'rollback', values: [] });
      this.handle.run({ sql: 'begin immediate', values: [] });
    } else {
      const connection = this.another();
      this.sessions.set(session, connection);
      connection.run({ sql: 'begin', values: [] });
    }
    return {};
  }

  private end(session: number | null, commits: boolean): Reply {
    const connection = this.connection(session);
    if (connection.inTransaction)
      connection.run({ sql: commits ? 'commit' : 'rollback', values: [] });
    if (session !== null) {
      this.sessions.delete(session);
      connection.close();
    }
    return {};
  }

  private run(connection: BetterSqlite3Handle, statement: SqlStatement): PackedResult {
    const { columns, rows, changes } = connection.raw(statement);
    return packResult(columns, rows, changes);
  }

  private read(statement: SqlStatement): Reply {
    const { columns, rows } = this.connection(null).raw(statement);
    if (rows.length <= ROWS_IN_PART) return { result: packResult(columns, rows, 0) };
    const cursor = ++this.lastCursor;
    this.cursors.set(cursor, { columns, rows, at: 0 });
    return this.next(cursor);
  }

  private next(id: number): Reply {
    const cursor = this.cursors.get(id)!;
    const part = cursor.rows.slice(cursor.at, (cursor.at += ROWS_IN_PART));
    const result = packResult(cursor.columns, part, 0);
    if (cursor.at < cursor.rows.length) return { result, cursor: id };
    this.cursors.delete(id);
    return { result };
  }

  private connection(session: number | null): BetterSqlite3Handle {
    if (session !== null) return this.sessions.get(session)!;
    this.handle.renew();
    return this.handle.current;
  }
}
