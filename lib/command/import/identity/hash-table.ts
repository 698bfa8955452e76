const FIRST_SLOTS = 64;
/** Numbers of one entry: both halves of the hash, and its count. */
const WIDTH = 3;

/** Counts hashes of 64 bits. Open addressing in one array, 12 bytes a slot. */
export class HashTable {
  /** Number of distinct hashes. */
  size = 0;
  private slots: Uint32Array;

  constructor(expected = 0) {
    let slots = FIRST_SLOTS;
    while (slots < expected * 2) slots *= 2;
    this.slots = new Uint32Array(slots * WIDTH);
  }

  /** Adds a hash. Returns how often it was added before. */
  add(low: number, high: number): number {
    if ((this.size + 1) * 2 > this.slots.length / WIDTH) this.grow();
    const at = this.slotOf(low, high);
    const before = this.slots[at + 2]!;
    if (before === 0) {
      this.size++;
      this.slots[at] = low;
      this.slots[at + 1] = high;
    }
    this.slots[at + 2] = before + 1;
    return before;
  }

  /** The entries: three numbers each. */
  entries(): Uint32Array {
    const entries = new Uint32Array(this.size * WIDTH);
    let to = 0;
    for (let at = 0; at < this.slots.length; at += WIDTH)
      if (this.slots[at + 2] !== 0) {
        entries.set(this.slots.subarray(at, at + WIDTH), to);
        to += WIDTH;
      }
    return entries;
  }

  static of(entries: Uint32Array): HashTable {
    const table = new HashTable(entries.length / WIDTH);
    for (let at = 0; at < entries.length; at += WIDTH)
      table.put(entries[at]!, entries[at + 1]!, entries[at + 2]!);
    return table;
  }

  private put(low: number, high: number, count: number): void {
    const at = this.slotOf(low, high);
    this.slots[at] = low;
    this.slots[at + 1] = high;
    this.slots[at + 2] = count;
    this.size++;
  }

  /** The slot that holds the hash, or the free one where it belongs. */
  private slotOf(low: number, high: number): number {
    const { slots } = this;
    const mask = slots.length / WIDTH - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const at = slot * WIDTH;
      if (slots[at + 2] === 0 || (slots[at] === low && slots[at + 1] === high)) return at;
    }
  }

  private grow(): void {
    const entries = this.entries();
    this.slots = new Uint32Array(this.slots.length * 2);
    this.size = 0;
    for (let at = 0; at < entries.length; at += WIDTH)
      this.put(entries[at]!, entries[at + 1]!, entries[at + 2]!);
  }
}
