import { ClickHouseStorage } from 'nestjs-track-usage/clickhouse';
import { afterEach, describe, it } from 'vitest';
import { storageContract, type StorageSubject } from 'nestjs-track-usage/testing';
import { describeWithServer } from '../../support/servers.js';
import { formatContract } from '../format-contract.js';
import { dropPlace, tablesOf } from './places.js';

const TIMEOUT = 120_000;
const tools = {
  describe,
  it: (name: string, test: () => Promise<void>) => it(name, { timeout: TIMEOUT }, test),
  afterEach,
};

describeWithServer('CLICKHOUSE', 'ClickHouse', (url) => {
  const subject: StorageSubject = {
    shared: true,
    uncapped: true,
    create: (place, options) => new ClickHouseStorage({ ...options, ...tablesOf(place), url }),
    remove: (place) => dropPlace(url, place),
  };
  storageContract(tools, 'ClickHouseStorage', subject);
  formatContract(tools, 'ClickHouseStorage', subject);
});
