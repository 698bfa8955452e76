import { fieldValue, plainField, type Condition } from '../../base/query/condition.js';
import { withSeparateRoutes } from '../../base/query/route-form.js';
import { isSelective } from '../../base/selective-value.js';
import { LINE_FIELDS, whereLine, type LineField } from './record-mapper.js';

/** Texts of which a record's text must have one, or must have none. */
export interface LineGroup {
  readonly isNegated: boolean;
  readonly lines: readonly string[];
  /** Whether they are parts of the JSON instead of lines. */
  readonly isOfJson?: true;
}

/** A filter as the server can apply it, and what it cannot. */
export interface LineFilter {
  readonly groups: readonly LineGroup[];
  /** The lines of groups that have an index. */
  readonly indexed: readonly string[];
  /**
   * The conditions that are tested on the records. Where the server can tell many records that do
   * not meet one, `groups` has that as well.
   */
  readonly rest: readonly Condition[];
}

export function lineGroups(where: readonly Condition[]): LineFilter {
  const groups: LineGroup[] = [];
  const indexed: string[] = [];
  const rest: Condition[] = [];
  for (const condition of withSeparateRoutes(where)) {
    const field = lineField(condition);
    if (field === null || condition.test.op !== 'in') {
      rest.push(condition);
      const hint = jsonTexts(condition);
      if (hint) groups.push(hint);
      continue;
    }
    const { values, isNegated } = condition.test;
    const lines = values.map((value) => whereLine(field, value));
    groups.push({ isNegated, lines });
    const only = fieldValue(condition);
    if (only && isSelective(only)) indexed.push(lines[0]!);
  }
  return { groups, indexed, rest };
}

/** What the JSON of each record has somewhere that meets a condition; null if that is not known. */
function jsonTexts({ operand, test }: Condition): LineGroup | null {
  const field = plainField(operand);
  if (field?.kind !== 'text' && field?.kind !== 'choice') return null;
  if (test.op !== 'in' || test.isNegated) return null;
  if (!test.values.every((value) => typeof value === 'string')) return null;
  const lines = test.values.map((value) => JSON.stringify(value));
  return { isNegated: false, lines, isOfJson: true };
}

function lineField({ operand }: Condition): LineField | null {
  const path = plainField(operand)?.path as LineField | undefined;
  return path !== undefined && LINE_FIELDS.includes(path) ? path : null;
}
