import { afterEach, describe, it } from 'vitest';
import { storageContract } from 'nestjs-track-usage/testing';
import { describeWithServer } from '../../support/servers.js';
import { serverSubject } from './places.js';

for (const [name, title, type] of [
  ['MARIADB', 'MariaDB', 'mariadb'],
  ['MYSQL', 'MySQL', 'mysql'],
] as const)
  describeWithServer(name, title, (url) => {
    storageContract(
      { describe, it, afterEach },
      'SqlStorage',
      serverSubject({ url }, { type, url }),
    );
  });
