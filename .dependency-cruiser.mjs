/**
 * Who may know whom in lib/: a part knows itself and the layers above its own line. The parts of one
 * line do not know each other, but for NEIGHBOURS. CONTRIBUTING says the same in a sentence.
 */
const LAYERS = [
  ['support'],
  ['record'],
  ['summary'],
  ['storages/contract'],
  ['capture', 'enrichment', 'delivery', 'decorators', 'storages/base'],
  [
    'storages/memory',
    'storages/writers',
    'storages/sql',
    'storages/sqlite',
    'storages/mongo',
    'storages/mongoose',
    'storages/redis',
    'storages/couchdb',
    'storages/clickhouse',
    'testing',
  ],
  ['reading', 'events', 'retention'],
  ['metrics', 'dashboard'],
  ['module'],
  ['command'],
];

/** Parts of one line that know another of it: the first knows the second. */
const NEIGHBOURS = [
  // Capture reads what users write on their controllers.
  ['capture', 'decorators'],
  // The same tables, and the same collections, opened in another way.
  ['storages/sqlite', 'storages/sql'],
  ['storages/mongoose', 'storages/mongo'],
  // The same conditions, in SQL.
  ['storages/clickhouse', 'storages/sql'],
  // Whoever writes a storage tries the contract on one that is there.
  ['testing', 'storages/memory'],
  // UsageService hands on what the events tell.
  ['reading', 'events'],
];

const DRIVERS = [
  '@clickhouse',
  'better-sqlite3',
  'couchdb',
  'ioredis',
  'mongodb',
  'mongoose',
  'nano',
  'prom-client',
  'redis',
  'typeorm',
];

const layerRules = LAYERS.flatMap((parts, line) =>
  parts.map((part) => {
    const neighbours = NEIGHBOURS.filter(([from]) => from === part).map(([, to]) => to);
    const known = [...LAYERS.slice(0, line).flat(), part, ...neighbours];
    return {
      name: `what ${part} may know`,
      severity: 'error',
      from: { path: `^lib/${part}/` },
      to: { path: '^lib/', pathNot: known.map((each) => `^lib/${each}/`) },
    };
  }),
);

export default {
  forbidden: [
    ...layerRules,
    {
      name: 'lib/index.ts is for users of the package',
      severity: 'error',
      from: { path: '^lib/.+/' },
      to: { path: '^lib/index\\.ts$' },
    },
    {
      name: 'no circles, types included',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: "only a backend's own folder imports its driver",
      severity: 'error',
      from: {
        path: '^lib/',
        // What another program has stored is read by the driver itself.
        pathNot: '^lib/(storages/(?!contract/|base/)[a-z]+|metrics|command/import/flask)/',
      },
      to: { path: `node_modules/(${DRIVERS.join('|')})/` },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    includeOnly: ['^lib/', `node_modules/(${DRIVERS.join('|')})/`],
    doNotFollow: 'node_modules',
  },
};
