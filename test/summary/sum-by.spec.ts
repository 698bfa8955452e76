import fc from 'fast-check';
import { sumBy, SummaryHook } from 'nestjs-track-usage';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';
import { describe, expect, it } from 'vitest';
import { Summarizer } from '../../lib/summary/index.js';

describe('A summary by several dimensions', () => {
  it('has their names and values, each told apart', () => {
    const hook = sumBy('consumer', 'route', 'status');
    expect(hook).toBeInstanceOf(SummaryHook);
    expect(hook.dimension).toBe('consumer:route:status');
    expect(keysOf(hook, { consumer: 'shop' })).toEqual(['["shop","GET /cats/:id","200"]']);
    expect(keysOf(hook, { consumer: null, route: null })).toEqual(['[null,null,"200"]']);
    expect(keysOf(hook, { consumer: '(none)', route: null })).toEqual(['["(none)",null,"200"]']);
  });

  it('has another key for other values, whatever is in them', () => {
    const hook = sumBy('consumer', 'username');
    const text = fc.option(
      fc.string({ unit: 'grapheme', maxLength: 40 }).map((each) => each.replaceAll('\0', '')),
    );
    const property = fc.property(text, text, text, text, (a, b, c, d) => {
      const [one] = keysOf(hook, { consumer: a, username: b });
      const [other] = keysOf(hook, { consumer: c, username: d });
      expect(one === other).toBe(a === c && b === d);
      expect(JSON.parse(one!)).toEqual([a, b]);
    });
    fc.assert(property);
  });

  it('counts keys that are too long under (other), together', () => {
    const hook = sumBy('path', 'username');
    const long = (length: number) => ({ path: '/'.repeat(length), username: 'ada' });
    const [longest] = keysOf(hook, long(1024 - '["","ada"]'.length));
    expect(longest).toHaveLength(1024);
    expect(keysOf(hook, long(1024 - '["","ada"]'.length + 1))).toEqual(['(other)']);
    const increments = new Summarizer({ summaries: [hook], timeZone: 'UTC' }).summarize(
      makeRecords(3, (index) => long(1100 + index)),
    );
    expect(increments[0]).toMatchObject({ key: '(other)', hits: 3 });
    // A part that reads like it is no such key.
    expect(keysOf(hook, { path: '(other)', username: null })).toEqual(['["(other)",null]']);
  });

  it.each<[string[], string]>([
    [['route'], 'two or three different dimensions'],
    [['route', 'route'], 'two or three different dimensions'],
    [['route', 'status', 'kind', 'url'], 'two or three different dimensions'],
    [['route', 'geo'], "'consumer' and 'route', but got \"geo\""],
  ])('refuses %j', (names, message) => {
    expect(() => sumBy(...names)).toThrow(message);
  });
});

function keysOf(hook: SummaryHook, fields: Parameters<typeof makeRecord>[0]): string[] {
  const summarizer = new Summarizer({ summaries: [hook], timeZone: 'UTC' });
  const increments = summarizer.summarize([makeRecord(fields)]);
  return increments.filter(({ period }) => period === 'hour').map(({ key }) => key);
}
