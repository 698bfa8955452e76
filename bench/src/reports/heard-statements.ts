import { Worker } from 'node:worker_threads';
import type { DatabaseName } from '../databases/index.js';

/** A statement that was sent to a database. */
export interface HeardStatement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** Prototypes whose method sends statements. A method of any of them. */
type Sender = Record<string, (...args: unknown[]) => unknown>;

/**
 * Listens to the statements that a storage of this process sends to its database, so that the bench
 * can ask for their plans. Null where statements cannot be heard.
 *
 * @returns Ends it, and returns the statements, each text once.
 */
export async function hearStatements(name: DatabaseName): Promise<(() => HeardStatement[]) | null> {
  const found = await senderOf(name);
  if (!found) return null;
  const { sender, method } = found;
  const heard = new Map<string, HeardStatement>();
  const sent = sender[method]!;
  sender[method] = function (this: unknown, ...args: unknown[]) {
    for (const statement of statementsIn(args)) heard.set(statement.sql, statement);
    return sent.apply(this, args);
  };
  return () => {
    sender[method] = sent;
    return [...heard.values()].filter(({ sql }) => /^\s*select/i.test(sql));
  };
}

async function senderOf(name: DatabaseName): Promise<{ sender: Sender; method: string } | null> {
  switch (name) {
    case 'sqlite':
      return { sender: Worker.prototype as unknown as Sender, method: 'postMessage' };
    case 'postgres': {
      const { default: pg } = await import('pg');
      return { sender: pg.Client.prototype as unknown as Sender, method: 'query' };
    }
    case 'mariadb':
    case 'mysql': {
      const { default: mysql } = await import('mysql2');
      const { Connection } = mysql as unknown as { Connection: { prototype: Sender } };
      // The class of all connections has the methods.
      return { sender: Object.getPrototypeOf(Connection.prototype) as Sender, method: 'query' };
    }
    default:
      return null;
  }
}

/** The statements among the arguments of a call: a text with values, or an object that has both. */
function* statementsIn(args: readonly unknown[]): Generator<HeardStatement> {
  const [first, second] = args;
  if (typeof first === 'string') yield { sql: first, values: Array.isArray(second) ? second : [] };
  else yield* statementsOf(first, 0);
}

function* statementsOf(value: unknown, depth: number): Generator<HeardStatement> {
  if (typeof value !== 'object' || value === null || depth > 4) return;
  const { sql, text, values, params } = value as Record<string, unknown>;
  const statement = typeof sql === 'string' ? sql : text;
  if (typeof statement === 'string') {
    const given = values ?? params;
    yield { sql: statement, values: Array.isArray(given) ? given : [] };
    return;
  }
  for (const each of Object.values(value)) yield* statementsOf(each, depth + 1);
}
