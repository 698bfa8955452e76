import { once } from 'node:events';
import { DashboardSite, notedStates } from '../../dashboard/site.js';
import { visibleText } from '../../support/shown-value.js';
import { defineCommand, type CommandCall, type FlagTable } from '../command.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { STORAGE_FLAGS } from '../options/storage-flags.js';
import { write } from '../output/write.js';
import { isOwnAddress, servePage } from '../serve/page-server.js';
import { withStorage } from '../storage/open-storage.js';
import { CommandUsageError } from '../usage-error.js';

const FLAGS = {
  ...STORAGE_FLAGS,
  port: { type: 'string', value: 'PORT', help: 'The port; default: 4000; 0 takes a free one' },
  host: {
    type: 'string',
    value: 'ADDRESS',
    help: 'The address to listen on; default: 127.0.0.1, which only this machine reaches',
  },
  title: { type: 'string', value: 'TEXT', help: "The application's name, in the page's head" },
} as const satisfies FlagTable;

const DEFAULT_PORT = 4000;

/** Serves the dashboard. */
export const serve = defineCommand({
  name: 'serve',
  summary: 'Serves the dashboard on a port of its own, without the application',
  details:
    'The page asks for no password. On another address than 127.0.0.1, put a proxy before it that does.',
  flags: FLAGS,
  examples: ['serve --port 4000'],
  run,
});

async function run({ flags, io }: CommandCall<typeof FLAGS>): Promise<ExitCode> {
  const host = flags.host ?? '127.0.0.1';
  const port = parsePort(flags.port);
  return withStorage(flags, io, { access: 'read', sums: 'stored' }, async (opened) => {
    const { reader, storage, timeZone, summaries } = opened;
    const site = new DashboardSite(
      {
        storage: storage.name,
        timeZone,
        service: null,
        summaries: summaries.all.map(({ dimension }) => dimension),
        namesUsers: false,
        isSampled: false,
        report: (query) => reader.report(query),
        getUsage: (query) => reader.getUsage(query),
        streamUsage: (filter) => reader.streamUsage(filter),
        reviewRoutes: (query) => reader.reviewRoutes(query),
        processes: () => notedStates(storage),
      },
      {
        title: flags.title ?? null,
        describeConsumers: null,
        records: true,
        hide: [],
        dimensions: [],
      },
      (error) => io.stderr.write(`${visibleText(String(error))}\n`),
    );
    const server = await servePage(site, { host, port });
    if (!isOwnAddress(host))
      await write(
        io.stderr,
        `Everybody who reaches ${host} can read the page: it asks for no password.\n`,
      );
    await write(io.stdout, `The dashboard is at ${server.address} (Ctrl-C ends it).\n`);
    if (!io.signal.aborted) await once(io.signal, 'abort');
    await server.close();
    return EXIT.ok;
  });
}

function parsePort(given: string | undefined): number {
  if (given === undefined) return DEFAULT_PORT;
  const port = Number(given);
  if (/^\d+$/.test(given) && port <= 65_535) return port;
  throw new CommandUsageError(
    `--port: expected a port from 0 to 65535, but got ${JSON.stringify(given)}.`,
  );
}
