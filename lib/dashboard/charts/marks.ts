/** A line at one place of a chart, and what is told of it. */
export interface Mark {
  /** The share of the chart's width before it, from 0 to 1. */
  readonly at: number;
  readonly label: string;
  readonly title: string;
}

/** A mark whose label has its place. */
export interface PlacedMark extends Mark {
  /** Where the label is: anywhere, only where there is room, or nowhere. */
  readonly room: 'any' | 'wide' | 'none';
  /** Whether the label stands before its line, because the chart ends behind it. */
  readonly isBefore: boolean;
}

/** The least width of a plot on a phone, and where there is more room, in pixels. */
const PHONE = 280;
const WIDE = 490;
/** How far a label may reach over the end of the plot. */
const EDGE = 10;
const CHARACTER = 7.6;
const GAP = 8;

/** Leaves out the labels that would lie on a later one. Their lines stay, and so do their titles. */
export function placed(marks: readonly Mark[]): PlacedMark[] {
  const onPhone = fitting(marks, PHONE);
  const onWide = fitting(marks, WIDE);
  return marks.map((mark) => ({
    ...mark,
    isBefore: isBefore(mark),
    room: onPhone.has(mark) ? 'any' : onWide.has(mark) ? 'wide' : 'none',
  }));
}

/** The marks whose labels have room side by side; of two, the later one. */
function fitting(marks: readonly Mark[], width: number): Set<Mark> {
  const found = new Set<Mark>();
  let free = width + EDGE;
  for (const mark of marks.toSorted((one, other) => other.at - one.at)) {
    const size = sizeOf(mark);
    const from = mark.at * width - (isBefore(mark) ? size : 0);
    if (from < 0 || from + size > free) continue;
    found.add(mark);
    free = from;
  }
  return found;
}

function isBefore(mark: Mark): boolean {
  return mark.at * PHONE + sizeOf(mark) > PHONE + EDGE;
}

function sizeOf({ label }: Mark): number {
  return label.length * CHARACTER + GAP;
}
