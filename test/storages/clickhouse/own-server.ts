import { spawn, execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Where the engine is: a server's own binary, or the npm package that carries it as a library. Null
 * where there is neither.
 */
const LIBRARY = [
  process.env['TRACK_USAGE_TEST_CLICKHOUSE_LIBRARY'] ?? '',
  join(
    process.env['TRACK_USAGE_SERVICES_DIR'] ?? '/tmp/track-usage-services',
    'clickhouse/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so',
  ),
].find((path) => path !== '' && existsSync(path));

/** Whether a server of one's own can be started here. */
export const canStartServers = LIBRARY !== undefined;

// The engine as `clickhouse local`, which opens the servers' own ports.
const RUN = `
import ctypes, sys
lib = ctypes.CDLL(sys.argv[1])
arguments = [argument.encode() for argument in ["clickhouse", *sys.argv[2:]]]
lib.chdb_query_cmdline.restype = ctypes.c_void_p
lib.chdb_query_cmdline(len(arguments), (ctypes.c_char_p * (len(arguments) + 1))(*arguments, None))
`;

/** A server of ClickHouse that a spec may kill and start again. Its data stays until `remove()`. */
export class OwnServer {
  private process: ChildProcess | null = null;
  private readonly folder = mkdtempSync(join(tmpdir(), 'track-usage-clickhouse-'));

  private constructor(
    readonly httpPort: number,
    readonly tcpPort: number,
  ) {}

  /** Makes servers, and starts none. */
  static async make(count: number): Promise<OwnServer[]> {
    const ports = await freePorts(2 * count);
    return Array.from(
      { length: count },
      (_, at) => new OwnServer(ports[2 * at]!, ports[2 * at + 1]!),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.httpPort}`;
  }

  /**
   * Starts it.
   *
   * @param configuration A part of a server's configuration in XML.
   * @param users The configuration of users in XML. Without it, there is the default one alone.
   */
  async start(configuration = '', users?: string): Promise<void> {
    const hold = join(this.folder, 'hold');
    if (!existsSync(hold)) execFileSync('mkfifo', [hold]);
    const config = join(this.folder, 'config.xml');
    const usersConfig = join(this.folder, 'users.xml');
    if (users !== undefined) writeFileSync(usersConfig, `<clickhouse>${users}</clickhouse>`);
    const named = users === undefined ? '' : `<users_config>${usersConfig}</users_config>`;
    writeFileSync(config, `<clickhouse>${named}${configuration}</clickhouse>`);
    writeFileSync(join(this.folder, 'run.py'), RUN);
    // The query reads from a pipe that nobody writes to, and so lasts.
    this.process = spawn(
      'python3',
      [
        join(this.folder, 'run.py'),
        LIBRARY!,
        `--config-file=${config}`,
        `--path=${join(this.folder, 'data')}`,
        '--listen_host=127.0.0.1',
        `--http_port=${this.httpPort}`,
        `--tcp_port=${this.tcpPort}`,
        '--query=SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP; ' +
          `SELECT * FROM file('${hold}', LineAsString)`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    this.process.stderr!.on('data', (part: Buffer) => (said += part.toString()));
    for (;;) {
      const answer = await fetch(`${this.url}/ping`).catch(() => null);
      if (answer?.ok) return;
      if (this.process.exitCode !== null) throw new Error(`The server has ended: ${said}`);
      await delay(50);
    }
  }

  /** Ends it at once, in the middle of whatever it does. */
  async kill(): Promise<void> {
    const { process } = this;
    this.process = null;
    if (!process || process.exitCode !== null) return;
    process.kill('SIGKILL');
    await once(process, 'exit');
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
