import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.js';

/** A value of a query's answer, by the labels in the order in which they were asked for. */
export type Answer = Record<string, number>;

export interface PrometheusServer {
  /** Asks in PromQL. Keys of the answer are the values of `labels`, joined by a space. */
  query(promql: string, labels?: readonly string[]): Promise<Answer>;
  /** Asks again and again until the answer fits. */
  until(promql: string, fits: (answer: Answer) => boolean): Promise<Answer>;
  stop(): Promise<void>;
}

/** Starts a real server that scrapes a job many times a second. */
export function startPrometheus(
  program: string,
  targets: readonly string[],
  job = 'shop',
): Promise<PrometheusServer> {
  return startPrometheusWith(
    program,
    `scrape_configs:
  - job_name: ${job}
    static_configs: [{ targets: ${JSON.stringify(targets)} }]
`,
  );
}

/** Starts a real server with the `scrape_configs` of a file of settings. */
export async function startPrometheusWith(
  program: string,
  scrapeConfigs: string,
): Promise<PrometheusServer> {
  const home = await mkdtemp(join(tmpdir(), 'track-usage-prometheus-'));
  const port = await freePort();
  await writeFile(
    join(home, 'prometheus.yml'),
    `global: { scrape_interval: 100ms, scrape_timeout: 100ms }\n${scrapeConfigs}`,
  );
  const child = spawn(
    program,
    [
      `--config.file=${join(home, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(home, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage',
      '--log.level=error',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const ended = once(child, 'exit');

  const query = async (promql: string, labels: readonly string[] = []): Promise<Answer> => {
    if (child.exitCode !== null) throw new Error(`prometheus has ended: ${told}`);
    const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(promql)}`;
    const response = await fetch(url).catch(() => undefined);
    // Until it listens, and until it is ready, it has no answers.
    if (response === undefined || response.status === 503) return {};
    const { status, error, data }: any = await response.json();
    if (status !== 'success') throw new Error(`${promql}: ${error}`);
    if (data.resultType === 'scalar') return { '': Number(data.result[1]) };
    return Object.fromEntries(
      data.result.map(({ metric, value }: any) => [
        labels.map((label) => metric[label] ?? '').join(' '),
        Number(value[1]),
      ]),
    );
  };
  return {
    query,
    async until(promql, fits) {
      for (;;) {
        const answer = await query(promql);
        if (fits(answer)) return answer;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}
