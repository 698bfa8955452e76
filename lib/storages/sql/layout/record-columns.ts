import { RECORD_FIELDS, type RecordField, type RecordPath } from '../../../record/index.js';
import type { Column, ColumnKind } from '../dialects/shapes.js';

/** A column of the records' table. Its property is the path of the field. */
export interface RecordColumn extends Column {
  readonly property: RecordPath;
}

const KINDS: Record<RecordField['kind'], ColumnKind> = {
  id: 'id',
  instant: 'instant',
  text: 'text',
  choice: 'text',
  microseconds: 'bigint',
  integer: 'integer',
  bigInteger: 'bigint',
  real: 'real',
  flag: 'flag',
  json: 'json',
};

/** The columns of the records' table, in the order in which values are bound. */
export const RECORD_COLUMNS: readonly RecordColumn[] = RECORD_FIELDS.map((field) => ({
  name: columnName(field),
  property: field.path,
  kind: KINDS[field.kind],
  nullable: field.nullable,
}));

/**
 * The default name of a field's column: `ua_kind` for `userAgent.kind`, `remote_addr` for
 * `remoteAddr`, `speed_us` for `speed`.
 */
export function columnName({ path, kind }: RecordField): string {
  const snakeCase = path
    .replace('userAgent.', 'ua_')
    .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return kind === 'microseconds' ? `${snakeCase}_us` : snakeCase;
}

/** The columns of the notes' table: declared routes, and the processes that report. */
export const NOTE_COLUMNS = [
  { name: 'kind', property: 'kind', kind: 'word' },
  { name: 'name', property: 'name', kind: 'word' },
  { name: 'note', property: 'note', kind: 'text' },
] as const satisfies readonly Column[];

/** The columns of the salts' table: one salt for each day that is still kept. */
export const SALT_COLUMNS = [
  { name: 'day', property: 'day', kind: 'word' },
  { name: 'salt', property: 'salt', kind: 'word' },
] as const satisfies readonly Column[];
