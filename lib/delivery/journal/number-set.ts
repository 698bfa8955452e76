const BITS = 32;

/** A set of small whole numbers, one bit each: the record numbers of a segment. */
export class NumberSet {
  private words = new Uint32Array(32);
  private count = 0;

  get size(): number {
    return this.count;
  }

  has(number: number): boolean {
    const word = this.words[number >>> 5];
    return word !== undefined && (word & (1 << (number & 31))) !== 0;
  }

  /** Returns whether the number is new. */
  add(number: number): boolean {
    const at = number >>> 5;
    if (at >= this.words.length) this.grow(at);
    const before = this.words[at]!;
    const after = (before | (1 << (number & 31))) >>> 0;
    this.words[at] = after;
    if (after === before) return false;
    this.count++;
    return true;
  }

  remove(number: number): void {
    if (!this.has(number)) return;
    this.words[number >>> 5]! &= ~(1 << (number & 31));
    this.count--;
  }

  /** The numbers below `end`, ascending. */
  *below(end: number): Generator<number> {
    for (let number = 0; number < Math.min(end, this.words.length * BITS); number++)
      if (this.has(number)) yield number;
  }

  private grow(at: number): void {
    const words = new Uint32Array(Math.max(2 * this.words.length, at + 1));
    words.set(this.words);
    this.words = words;
  }
}
