import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectSameBytes } from './expect-same-bytes.js';
import { readResponse, requestText } from './http-text.js';
import type { RawClient } from './raw-client.js';
import { ADAPTERS, MODES, type ConformanceCase, type Scenario } from './scenario.js';
import { TestApplication } from './test-application.js';

/** Every case of a scenario, on both adapters and in both modes. */
export function conform(scenario: Scenario): void {
  describe.each(ADAPTERS)(`${scenario.title} on %s`, (kind) => {
    let twin: TestApplication;
    beforeAll(async () => {
      twin = await TestApplication.start(scenario, kind, null);
    });
    afterAll(() => twin?.close());

    describe.each(MODES)('in the %s mode', (mode) => {
      let tracked: TestApplication;
      beforeAll(async () => {
        tracked = await TestApplication.start(scenario, kind, { mode });
      });
      afterAll(() => tracked?.close());

      it.each(scenario.cases.filter(({ only }) => only === undefined || only === kind))(
        '$title',
        async (testCase) => {
          const headers = await prepare(testCase, tracked);
          const sentAt = performance.now();
          const bytes = await converse(testCase, tracked.client(), headers);
          const records = await tracked.taken();
          const elapsed = (performance.now() - sentAt) * 1000;

          const expected = Array.isArray(testCase.record)
            ? testCase.record[MODES.indexOf(mode)]
            : testCase.record;
          if (expected === null) {
            expect(records).toEqual([]);
          } else {
            expect(records).toEqual([
              expect.objectContaining({
                method: methodOf(testCase),
                outcome: 'completed',
                contentLength: payloadLength(testCase, bytes),
                ...expected,
              }),
            ]);
            expect(records[0]!.speed).toBeGreaterThan(0);
            expect(records[0]!.speed).toBeLessThanOrEqual(elapsed + 1);
          }

          const untracked = await converse(testCase, twin.client(), await prepare(testCase, twin));
          expectSameBytes(bytes, untracked);
        },
      );
    });
  });
}

async function prepare(testCase: ConformanceCase, application: TestApplication) {
  application.signals.reset();
  const headers = await testCase.before?.(application.client());
  if (application.records.length > 0) await application.taken();
  return headers ?? {};
}

function converse(
  { send, headers, body }: ConformanceCase,
  client: RawClient,
  more: Record<string, string>,
): Promise<Buffer> {
  return typeof send === 'string'
    ? client.exchange(requestText(send, { ...headers, ...more }, body))
    : send(client);
}

function methodOf({ send, method }: ConformanceCase): string {
  return method ?? (typeof send === 'string' ? send.slice(0, send.indexOf(' ')) : 'GET');
}

/** What the client counted. */
function payloadLength(testCase: ConformanceCase, bytes: Buffer): number {
  const response = readResponse(bytes);
  const isBare = methodOf(testCase) === 'HEAD' || response === null;
  return isBare ? 0 : response.payload.length;
}
