import { Session, type Profiler } from 'node:inspector/promises';

/** What a thread did, by V8's sampling. */
export interface ThreadProfile {
  readonly thread: 'application' | 'worker';
  readonly profile: Profiler.Profile;
}

const SAMPLE_EVERY_MICROS = 500;

interface Attached {
  readonly sessionId: string;
}

/** Samples all threads of this process: its own, and the workers that are there or start meanwhile. */
export class ThreadProfiles {
  private readonly session = new Session();
  private readonly workers = new Set<string>();
  private readonly answers = new Map<number, (profile: Profiler.Profile) => void>();
  private lastId = 0;

  async start(): Promise<void> {
    const { session } = this;
    session.connect();
    session.on('NodeWorker.attachedToWorker', ({ params }) => {
      this.workers.add((params as Attached).sessionId);
      for (const [method, given] of STEPS) this.tell((params as Attached).sessionId, method, given);
    });
    session.on('NodeWorker.detachedFromWorker', ({ params }) => {
      this.workers.delete((params as Attached).sessionId);
    });
    session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
      const { id, result } = JSON.parse(params.message) as {
        id: number;
        result?: { profile?: Profiler.Profile };
      };
      if (result?.profile) this.answers.get(id)?.(result.profile);
    });
    await session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_MICROS });
    await session.post('Profiler.start');
  }

  async stop(): Promise<ThreadProfile[]> {
    const own = await this.session.post('Profiler.stop');
    const profiles: ThreadProfile[] = [{ thread: 'application', profile: own.profile }];
    for (const worker of this.workers)
      profiles.push({
        thread: 'worker',
        profile: await new Promise((resolve) =>
          this.answers.set(this.tell(worker, 'Profiler.stop'), resolve),
        ),
      });
    this.session.disconnect();
    return profiles;
  }

  private tell(sessionId: string, method: string, params: object = {}): number {
    const id = ++this.lastId;
    const message = JSON.stringify({ id, method, params });
    void this.session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
    return id;
  }
}

const STEPS: readonly (readonly [method: string, params: object])[] = [
  ['Profiler.enable', {}],
  ['Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_MICROS }],
  ['Profiler.start', {}],
];
