import { percentile } from '../statistics.js';
import { serveCommands } from '../processes/serve-commands.js';
import { TRAFFIC, wireOf } from '../traffic.js';
import { Connection } from './connection.js';

/** Load to put on a server. */
export interface LoadOrder {
  readonly port: number;
  readonly connections: number;
  readonly requests: number;
  /** Requests a second; without it, each connection sends when it has its answer. */
  readonly rate?: number;
}

/** What became of it. */
export interface LoadResult {
  readonly seconds: number;
  readonly requests: number;
  /** How often each request of the traffic was answered. */
  readonly answered: readonly number[];
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** CPU of this process, microseconds per request. */
  readonly cpu: number;
}

const WIRES = TRAFFIC.map(wireOf);

async function run(order: LoadOrder): Promise<LoadResult> {
  const answered = new Array<number>(WIRES.length).fill(0);
  const latencies: number[] = [];
  let fail!: (error: Error) => void;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  let next = 0;
  const send = (connection: Connection, due: number, done: () => void) => {
    const index = next++ % WIRES.length;
    connection.send(WIRES[index]!, (status) => {
      latencies.push(performance.now() - due);
      if (status !== 200) fail(new Error(`A request was answered with ${status}.`));
      answered[index]!++;
      done();
    });
  };
  const connections = await Promise.all(
    Array.from({ length: order.connections }, () => Connection.open(order.port, fail)),
  );
  const cpu = process.cpuUsage();
  const start = performance.now();
  const loop = order.rate === undefined ? closedLoop : openLoop;
  await Promise.race([loop(connections, order, send), failed]);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  for (const connection of connections) connection.close();
  return {
    seconds,
    requests: latencies.length,
    answered,
    p50: percentile(latencies, 50),
    p99: percentile(latencies, 99),
    cpu: (user + system) / latencies.length,
  };
}

type Send = (connection: Connection, due: number, done: () => void) => void;

async function closedLoop(connections: Connection[], { requests }: LoadOrder, send: Send) {
  let left = requests;
  await Promise.all(
    connections.map(
      (connection) =>
        new Promise<void>((resolve) => {
          const again = () => {
            if (left-- > 0) send(connection, performance.now(), again);
            else resolve();
          };
          again();
        }),
    ),
  );
}

/** Sends at a fixed rate. A request that finds no connection free waits, and its wait counts. */
async function openLoop(connections: Connection[], { requests, rate = 1 }: LoadOrder, send: Send) {
  const free = [...connections];
  const start = performance.now();
  let sent = 0;
  let done = 0;
  await new Promise<void>((resolve) => {
    const pump = () => {
      const now = performance.now();
      while (sent < requests && free.length > 0) {
        const due = start + (sent * 1000) / rate;
        if (due > now) break;
        // The one that has been idle longest, so that the server closes none.
        const connection = free.shift()!;
        sent++;
        send(connection, due, () => {
          free.push(connection);
          if (++done === requests) resolve();
          else pump();
        });
      }
    };
    const timer = setInterval(() => (done === requests ? clearInterval(timer) : pump()), 1);
  });
}

serveCommands({ run });
