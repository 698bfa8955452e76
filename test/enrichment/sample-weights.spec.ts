import { expect, it } from 'vitest';
import { RecordBuilder } from '../../lib/enrichment/index.js';
import { captured } from './captured.js';

it.each([0.4, 0.3, 0.7, 1 / 3, 0.9, 0.99, 0.123, 0.001, Math.PI / 7, 1])(
  'At a rate of %f the total stays within one of what the records stand for, at any time',
  (rate) => {
    const builder = new RecordBuilder();
    let total = 0;
    for (let count = 1; count <= 3_000; count++) {
      const { weight } = builder.build(captured({ weight: 1 / rate }))!;
      total += weight;
      if (!Number.isInteger(weight) || Math.abs(total - count / rate) > 1)
        expect.fail(`${count} records weigh ${total}, the last ${weight}, not ${count / rate}`);
    }
  },
);
