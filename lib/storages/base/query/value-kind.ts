import type { RecordField } from '../../../record/index.js';
import { plainField, type Operand, type Value } from './condition.js';

/** What values an operand of `where` can be compared with. */
export interface ValueKind {
  /** For messages. */
  readonly expected: string;
  /** The value as conditions hold it; undefined if it does not fit. */
  readonly read: (given: unknown) => Value | undefined;
  readonly isNullable: boolean;
  /** Whether `gt` and the like fit. */
  readonly isOrdered: boolean;
  /** Whether `startsWith` and `contains` fit. */
  readonly isText: boolean;
}

/** Node.js sends no greater status, and databases limit the size of their numbers. */
const MAX_STATUS = 999;
const STATUS_CLASS = /^[1-9]xx$/;

const text = (expected: string, isValid = (_: string) => true) => ({
  expected,
  read: (given: unknown) => (isStorable(given) && isValid(given) ? given : undefined),
  isOrdered: true,
  isText: true,
});

export const TEXT = text('text without NUL characters');
const STATUS_CLASSES = text("'1xx' to '9xx'", (given) => STATUS_CLASS.test(given));

const NUMBER = {
  expected: 'a finite number',
  read: (given: unknown) => (Number.isFinite(given) ? (given as number) : undefined),
  isOrdered: true,
  isText: false,
};

const STATUS = {
  ...NUMBER,
  expected: `a status as a whole number up to ${MAX_STATUS}`,
  read: (given: unknown) =>
    Number.isInteger(given) && Number(given) >= 0 && Number(given) <= MAX_STATUS
      ? (given as number)
      : undefined,
};

const FLAG = {
  expected: 'true or false',
  read: (given: unknown) => (typeof given === 'boolean' ? given : undefined),
  isOrdered: false,
  isText: false,
};

const INSTANT = {
  expected: 'a valid Date',
  read: (given: unknown) =>
    given instanceof Date && !Number.isNaN(given.getTime()) ? given.getTime() : undefined,
  isOrdered: true,
  isText: false,
};

const JSON_VALUE = {
  expected: 'text without NUL characters, a finite number, true or false',
  read: (given: unknown) => TEXT.read(given) ?? NUMBER.read(given) ?? FLAG.read(given),
  isOrdered: true,
  isText: true,
};

export function valueKind(operand: Operand): ValueKind {
  if (operand.kind === 'path') return { ...JSON_VALUE, isNullable: true };
  const field = plainField(operand);
  if (field) return { ...fieldKind(field), isNullable: field.nullable };
  const name = operand.kind === 'dimension' ? operand.dimension.name : '';
  if (name === 'deprecated') return { ...FLAG, isNullable: false };
  const kind = name === 'statusClass' ? STATUS_CLASSES : TEXT;
  return { ...kind, isNullable: name !== 'url' };
}

function fieldKind(field: RecordField): Omit<ValueKind, 'isNullable'> {
  switch (field.kind) {
    case 'instant':
      return INSTANT;
    case 'flag':
      return FLAG;
    case 'choice': {
      const { choices } = field;
      const shown = choices.map((each) => `'${each}'`).join(', ');
      return text(shown.replace(/, ([^,]*)$/, ' or $1'), (given) => choices.includes(given));
    }
    case 'integer':
      return STATUS;
    case 'microseconds':
    case 'bigInteger':
    case 'real':
      return NUMBER;
    default:
      return TEXT;
  }
}

const UNSTORABLE = /[\0\ud800-\udfff]/u;

/**
 * Whether a value is text that a record may have. None has a NUL character or half of a surrogate
 * pair, and databases reject these with errors of their own.
 */
export function isStorable(given: unknown): given is string {
  return typeof given === 'string' && !UNSTORABLE.test(given);
}
