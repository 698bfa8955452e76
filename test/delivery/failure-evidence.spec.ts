import { describe, expect, it } from 'vitest';
import { QueuedRecord } from '../../lib/delivery/record-queue.js';
import { FailureEvidence } from '../../lib/delivery/failure-evidence.js';
import { makeRecord } from 'nestjs-track-usage/testing';

const queued = () => new QueuedRecord(makeRecord(), 0, 0);
const refusal = { error: new Error('a value is out of range'), isOutage: false };
const outage = { error: new Error('read ECONNRESET'), isOutage: true };

describe('a record is proven to be poison', () => {
  const [one, other] = [queued(), queued()];

  it('after three failed calls with it, each followed by one without it that succeeded', () => {
    const evidence = new FailureEvidence();
    for (const isProven of [false, false, true]) {
      evidence.note([one, other], refusal);
      evidence.note([other], null);
      expect(evidence.isProven(one)).toBe(isProven);
      expect(evidence.isProven(other)).toBe(false);
    }
  });

  it('not by many failures in a row, which may all be those of the storage', () => {
    const evidence = new FailureEvidence();
    for (let call = 0; call < 10; call++) evidence.note([one], refusal);
    evidence.note([other], null);
    expect(evidence.isProven(one)).toBe(false);
  });

  it('not by failures of the way to the store', () => {
    const evidence = new FailureEvidence();
    for (let call = 0; call < 10; call++) {
      evidence.note([one], outage);
      evidence.note([other], null);
    }
    expect(evidence.isProven(one)).toBe(false);
  });
});
