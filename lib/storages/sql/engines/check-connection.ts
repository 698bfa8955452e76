import { inspect, isDeepStrictEqual } from 'node:util';
import type { SqlRow } from '../dialects/shapes.js';
import type { SqlScript } from '../sql-statement.js';

/** A script that checks, before a connection's first use, that values pass through it unchanged. */
export type ConnectionCheck = () => SqlScript;

// Characters that drivers escape, that few encodings have, and one that takes two units of UTF-16.
const TEXT = 'a\\b é € 漢 😀';
const BYTES = Buffer.from(TEXT).toString('hex').toUpperCase();
const NUMBER = Number.MAX_SAFE_INTEGER;
const MYSQL_CAUSE = "mysql2's options rowsAsArray, typeCast, jsonStrings, nestTables, queryFormat";
const POSTGRES_CAUSE = 'type parsers that pg.types.setTypeParser or the option types set';

/**
 * Checks a connection of mysql2. mysql2 writes values into the statement, escaped by the rules of
 * one encoding and one mode. Under another encoding or mode, text is garbled, and a value can end
 * its quotes and be read as SQL.
 *
 * @throws {Error} if the connection's encoding or sql_mode differs, or a value comes back changed.
 */
export function* checkMysql(): SqlScript {
  const { rows } = yield {
    sql:
      'select @@sql_mode as mode, @@character_set_client as charset, hex(?) as bytes, ' +
      `? as text, ${NUMBER} as number, json_array(?) as json`,
    values: [TEXT, TEXT, TEXT],
  };
  const { mode, charset, bytes } = rows[0] ?? {};
  if (typeof mode !== 'string' || typeof bytes !== 'string')
    throw alteredValueError(bytes, BYTES, MYSQL_CAUSE);
  const bad = /NO_BACKSLASH_ESCAPES|EMPTY_STRING_IS_NULL/.exec(mode)?.[0];
  if (bad)
    throw new Error(
      `SqlStorage: the connection's sql_mode has ${bad}, with which mysql2 cannot send text ` +
        `safely. Take ${bad} out of sql_mode, for the server or for the sessions of this user.`,
    );
  if (bytes !== BYTES)
    throw new Error(
      `SqlStorage: the connection's character set is ${String(charset)}, or the driver has ` +
        "another one: text arrives garbled, and unsafely escaped. Set charset: 'utf8mb4' on the " +
        'connection, and leave SET NAMES out.',
    );
  checkReading(rows[0], MYSQL_CAUSE);
}

/**
 * @throws {Error} if the encoding of the database or the connection is not UTF-8, or a value comes
 * back changed.
 */
export function* checkPostgres(): SqlScript {
  const { rows: settings } = yield {
    sql: "select getdatabaseencoding() as encoding, current_setting('client_encoding') as client",
    values: [],
  };
  const { encoding, client } = settings[0] ?? {};
  // A type parser that converts text converts these settings too. `checkReading()` then reports it.
  if (typeof encoding === 'string' && encoding !== 'UTF8')
    throw new Error(
      `SqlStorage: the database's encoding is ${encoding}, which cannot hold all text of ` +
        "requests. Use a database that was made with: create database … encoding 'UTF8' " +
        'template template0',
    );
  if (typeof client === 'string' && client !== 'UTF8')
    throw new Error(
      `SqlStorage: the connection's client_encoding is ${client}, but pg sends UTF-8. Leave ` +
        'client_encoding out of the connection, the role and the database.',
    );
  const { rows } = yield {
    sql: `select $1::text as text, ${NUMBER} as number, jsonb_build_array($1::text) as json`,
    values: [TEXT],
  };
  checkReading(rows[0], POSTGRES_CAUSE);
}

// The library reads numbers that arrive as text or BigInt, and JSON that arrives as text. It cannot
// read other conversions.
function checkReading(row: SqlRow | undefined, cause: string): void {
  const { text, number, json } = row ?? {};
  if (text !== TEXT) throw alteredValueError(text, TEXT, cause);
  const isNumber = /^(number|string|bigint)$/.test(typeof number) && Number(number) === NUMBER;
  if (!isNumber) throw alteredValueError(number, NUMBER, cause);
  if (!isDeepStrictEqual(jsonValue(json), [TEXT])) throw alteredValueError(json, [TEXT], cause);
}

function jsonValue(value: unknown): unknown {
  try {
    return typeof value === 'string' ? JSON.parse(value) : value;
  } catch {
    return value;
  }
}

function alteredValueError(got: unknown, sent: unknown, cause: string): Error {
  const options = { breakLength: Infinity, maxStringLength: 80, maxArrayLength: 8 };
  return new Error(
    `SqlStorage: the connection gives back ${inspect(got, options)} for ` +
      `${inspect(sent, options)}. See ${cause}, and give the storage a connection without them.`,
  );
}
