import { randomUUID } from 'node:crypto';
import type { ClickHouseDatabase } from '../connection/clickhouse-database.js';
import { literal } from '../format/clickhouse-text.js';
import type { Tables } from '../format/tables.js';
import { ofMoves } from './sum-conditions.js';
import { StateChanged, type IsExpected, type SumState, type SumStates } from './sum-state.js';

/** The tables whose rows are moved. */
type MovedTable = 'sums' | 'hours' | 'days';

/** How the moves of a table are changed in the state. */
type ChangeMoves = (moves: readonly string[]) => readonly string[];

/** Stores rows that begin to count all at once: when the state names their move. */
export class Moves {
  constructor(
    private readonly database: ClickHouseDatabase,
    private readonly tables: Tables,
    private readonly states: SumStates,
  ) {}

  /**
   * Stores rows and changes the state, by which they count.
   *
   * @param isExpected Whether a state is the one that the rows were made by.
   * @param insert Inserts the rows, under a move.
   * @returns Whether they count. If the state has changed meanwhile, they are deleted again.
   */
  async store(
    table: MovedTable,
    isExpected: IsExpected,
    insert: (move: string) => Promise<void>,
    change: (state: SumState) => SumState,
  ): Promise<boolean> {
    const move = randomUUID();
    await insert(move);
    try {
      await this.states.change(
        (state) => withMoves(change(state), table, (moves) => [...moves, move]),
        isExpected,
      );
    } catch (error) {
      if (!(error instanceof StateChanged)) throw error;
      await this.alter(table, 'DELETE', move);
      return false;
    }
    // They count for ever then, so that the move need not be known any more.
    await this.alter(table, "UPDATE move = ''", move);
    await this.states.change((state) =>
      withMoves(state, table, (moves) => moves.filter((each) => each !== move)),
    );
    return true;
  }

  /** Whether work that has failed or been ended has left rows or moves. */
  async isUntidy(state: SumState): Promise<boolean> {
    for (const table of ['hours', 'days'] as const) {
      const { moves } = state[table];
      if (moves.length > 0) return true;
      const [row] = await this.database.rows(
        `SELECT count() FROM ${this.tables.path(table)} WHERE NOT ${ofMoves(moves)}`,
      );
      if (Number(row![0]) > 0) return true;
    }
    return false;
  }

  /**
   * Deletes the rows of hours and days that never came to count, and makes those count for ever whose
   * moves are named. Nobody else may be counting.
   */
  async tidy(state: SumState): Promise<void> {
    for (const table of ['hours', 'days'] as const) {
      const { moves } = state[table];
      await this.tables.deleteIfAny(this.database, table, `NOT ${ofMoves(moves)}`);
      if (moves.length === 0) continue;
      await this.tables.alter(
        this.database,
        table,
        `UPDATE move = '' WHERE move IN (${moves.map(literal).join(', ')})`,
      );
      await this.states.change((now) =>
        withMoves(now, table, (all) => all.filter((each) => !moves.includes(each))),
      );
    }
  }

  private alter(table: MovedTable, change: string, move: string): Promise<void> {
    return this.tables.alter(this.database, table, `${change} WHERE move = ${literal(move)}`);
  }
}

function withMoves(state: SumState, table: MovedTable, change: ChangeMoves): SumState {
  if (table === 'sums') return { ...state, moves: change(state.moves) };
  return { ...state, [table]: { ...state[table], moves: change(state[table].moves) } };
}
