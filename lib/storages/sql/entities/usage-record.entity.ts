// Deep imports load a small part of TypeORM 1 only: an SQLite file of the storage's own needs no
// more.
import { Column } from 'typeorm/decorator/columns/Column.js';
import { PrimaryColumn } from 'typeorm/decorator/columns/PrimaryColumn.js';
import { Entity } from 'typeorm/decorator/entity/Entity.js';
import type { ColumnOptions } from 'typeorm/decorator/options/ColumnOptions.js';
import { RECORD_FIELDS, type RecordField, type UsageRecord } from '../../../record/index.js';
import { columnName } from '../layout/record-columns.js';
import { instant, microseconds, wholeNumber } from './transformers.js';

type Writable<T> = { -readonly [name in keyof T]: T[name] };

/**
 * The records' table, for `@InjectRepository(UsageRecordEntity)`. Use it to read only: the storage
 * writes the table, and its migrations, not `synchronize`, define it.
 *
 * In the table, `date` is in milliseconds since 1970 and `speed_us` in whole microseconds.
 *
 * @publicApi
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- TypeORM sets them.
export class UsageRecordEntity {}
// The properties are those of a record. The columns follow from the table of fields.
// eslint-disable-next-line @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unsafe-declaration-merging
export interface UsageRecordEntity extends Writable<UsageRecord> {}

class UserAgentColumns {}

const TYPES: Record<RecordField['kind'], ColumnOptions> = {
  id: { type: 'varchar', length: 36 },
  instant: { type: 'bigint', transformer: instant },
  text: { type: 'text' },
  choice: { type: 'text' },
  microseconds: { type: 'bigint', transformer: microseconds },
  integer: { type: 'int' },
  bigInteger: { type: 'bigint', transformer: wholeNumber },
  real: { type: 'double precision' },
  flag: { type: Boolean },
  json: { type: 'simple-json' },
};

for (const field of RECORD_FIELDS) {
  const { path, kind, nullable } = field;
  const options: ColumnOptions = { name: columnName(field), ...TYPES[kind], nullable };
  const [parent, leaf] = path.split('.') as [string, string?];
  if (kind === 'id') PrimaryColumn(options as object)(UsageRecordEntity.prototype, path);
  else if (leaf === undefined) Column(options)(UsageRecordEntity.prototype, path);
  else if (parent === 'userAgent') Column(options)(UserAgentColumns.prototype, leaf);
}
Column(() => UserAgentColumns, { prefix: false })(UsageRecordEntity.prototype, 'userAgent');
Entity({ name: 'usage_records', synchronize: false })(UsageRecordEntity);
