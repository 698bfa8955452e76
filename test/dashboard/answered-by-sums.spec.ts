import { describe, expect, it } from 'vitest';
import type { ReportQuery } from 'nestjs-track-usage';
import { isAnsweredBySums } from '../../lib/dashboard/data/answered-by-sums.js';

const SUMMARIES = ['route', 'status', 'consumer', 'geo', 'tenant', 'consumer:route'];

describe('Sums are expected to answer', () => {
  it.each<[ReportQuery, boolean]>([
    [{}, true],
    [{ metrics: ['hits', 'p95'], dimensions: ['route'], interval: 'day' }, true],
    [{ interval: 'minute' }, false],
    [{ dimensions: ['country'] }, true],
    [{ dimensions: ['release'] }, false],
    [{ dimensions: ['route', 'status'] }, false],
    [{ dimensions: ['route'], where: { consumer: 'acme' } }, true],
    [{ dimensions: ['status'], where: { consumer: 'acme' } }, false],
    [{ where: { route: { contains: 'cats' } } }, false],
    [{ metrics: ['consumers'] }, true],
    [{ metrics: ['hits', 'visitors'] }, false],
    [{ metrics: ['consumers'], dimensions: ['route'] }, true],
    [{ metrics: ['consumers'], dimensions: ['status'] }, false],
    [{ dimensions: ['tenant'] }, true],
  ])('%j: %s', (query, expected) => {
    expect(isAnsweredBySums(query, SUMMARIES)).toBe(expected);
    expect(isAnsweredBySums(query, [])).toBe(false);
  });
});
