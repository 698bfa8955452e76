const DUPLICATE_KEY = 11_000;
// A unique index of the application's refuses a record that is not there.
const OTHER_INDEX = / index: (?!_id_ )/;

// Values, names of fields, sizes, keys of shards, validators, unique and other indexes.
const ABOUT_RECORDS = new Set([
  2, 9, 14, 15, 16, 17, 22, 28, 40, 52, 53, 54, 55, 56, 57, 61, 66, 121, 10_334, 11_000, 11_001,
  16_755, 16_804, 17_280, 17_419, 17_420,
]);

/** Whether a server's code speaks of a record, and not of the server. */
export function isAboutRecords(code: number): boolean {
  return ABOUT_RECORDS.has(code);
}

/** One operation of a bulk that the server refused. */
export interface WriteRefusal {
  /** Position of the operation in the bulk. */
  readonly index: number;
  readonly code: number;
  readonly message: string;
  readonly isDuplicate: boolean;
}

/**
 * The operations that the server refused, when all of a bulk were carried out or refused; null
 * for any other error, after which nothing is known of what was carried out.
 */
export function refusalsOf(error: unknown): WriteRefusal[] | null {
  const { name, writeErrors, result } = error as {
    name?: unknown;
    writeErrors?: unknown;
    result?: { getWriteConcernError?(): unknown };
  };
  if (name !== 'MongoBulkWriteError' || writeErrors === undefined) return null;
  if (result?.getWriteConcernError?.()) return null;
  const list = [writeErrors].flat() as { index: number; code: number; errmsg?: string }[];
  if (list.length === 0 || list.some(({ index }) => typeof index !== 'number')) return null;
  return list.map(({ index, code, errmsg }) => ({
    index,
    code,
    message: errmsg ?? `error ${code}`,
    isDuplicate: code === DUPLICATE_KEY && !OTHER_INDEX.test(errmsg ?? ''),
  }));
}

/** Whether a single write was refused because its key is there already. */
export function isDuplicate(error: unknown): boolean {
  return (error as { code?: unknown }).code === DUPLICATE_KEY;
}
