// Those that start servers or many processes of their own, send many requests or ask many questions, or
// need packages of their own take long, and run in CI.
export const LONG_SPECS = [
  'test/capture/graphql.spec.ts',
  'test/capture/what-left.spec.ts',
  'test/dashboard/hidden.spec.ts',
  'test/storages/many-consumers.spec.ts',
  'test/storages/million-urls.spec.ts',
  'test/storages/clickhouse/cluster.spec.ts',
  'test/storages/clickhouse/killed-server.spec.ts',
  'test/storages/redis/cluster.spec.ts',
  'test/storages/redis/restarts.spec.ts',
  'test/storages/sql/several-processes.spec.ts',
  'test/storages/sql/lost-tables.spec.ts',
  'test/storages/sql/online-indexes.spec.ts',
  'test/storages/sql/forgotten-files.spec.ts',
  'test/storages/sql/reading-beside-the-application.spec.ts',
  'test/faults/shutdown-under-load.spec.ts',
  'test/faults/overflow-under-load.spec.ts',
  'test/metrics/beside-others.spec.ts',
  'test/readme/site.spec.ts',
  'test/upgrade/released-zones.spec.ts',
  'test/upgrade/rolling-deployment.spec.ts',
];
