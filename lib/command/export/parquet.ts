import {
  fieldReader,
  RECORD_FIELDS,
  type RecordField,
  type UsageRecord,
} from '../../record/index.js';
import type { BasicType, ByteWriter, ColumnSource } from 'hyparquet-writer';
import { missingPackage } from '../../support/optional-packages.js';
import type { ExportFormat } from './export-format.js';

const PACKAGE = 'hyparquet-writer';
const ROWS_IN_GROUP = 10_000;

/** How the kinds of a record's fields are stored. Names have dots where records have objects. */
const TYPES: Record<RecordField['kind'], BasicType> = {
  id: 'STRING',
  instant: 'TIMESTAMP',
  flag: 'BOOLEAN',
  text: 'STRING',
  choice: 'STRING',
  microseconds: 'DOUBLE',
  integer: 'INT32',
  bigInteger: 'INT64',
  real: 'DOUBLE',
  json: 'JSON',
};

/**
 * Opens the Parquet format, in groups of 10,000 records, so that any number takes little memory.
 *
 * @throws {Error} if the package is not installed.
 */
export async function openParquet(): Promise<ExportFormat> {
  const parquet = await import('hyparquet-writer').catch(
    missingPackage('export --format parquet', PACKAGE),
  );
  return (records) => parquetParts(parquet, records);
}

async function* parquetParts(
  { ByteWriter, ParquetWriter, schemaFromColumnData }: typeof import('hyparquet-writer'),
  records: AsyncIterable<UsageRecord>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schemaFromColumnData({ columnData: columnsOf([]) }),
  });
  const write = async (group: readonly UsageRecord[]) => {
    await writer.write({ columnData: columnsOf(group), rowGroupSize: ROWS_IN_GROUP });
  };
  let group: UsageRecord[] = [];
  for await (const record of records) {
    group.push(record);
    if (group.length < ROWS_IN_GROUP) continue;
    await write(group);
    group = [];
    yield taken(bytes);
  }
  if (group.length > 0) await write(group);
  await writer.finish();
  yield taken(bytes);
}

/** What has been written since, so that the file is not held as a whole. */
function taken(bytes: ByteWriter): Uint8Array {
  const part = bytes.getBytes().slice();
  bytes.index = 0;
  return part;
}

function columnsOf(records: readonly UsageRecord[]): ColumnSource[] {
  return RECORD_FIELDS.map(({ path, kind, nullable }) => {
    const read = fieldReader(path);
    const data = records.map((record) => storedValue(kind, read(record)));
    return { name: path, type: TYPES[kind], nullable, data };
  });
}

function storedValue(kind: RecordField['kind'], value: unknown): unknown {
  return kind === 'bigInteger' && value !== null ? BigInt(Math.trunc(value as number)) : value;
}
