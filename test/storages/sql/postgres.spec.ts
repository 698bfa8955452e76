import { afterEach, describe, it } from 'vitest';
import { storageContract } from 'nestjs-track-usage/testing';
import { describeWithServer } from '../../support/servers.js';
import { serverSubject } from './places.js';

describeWithServer('POSTGRES', 'PostgreSQL', (url) => {
  storageContract(
    { describe, it, afterEach },
    'SqlStorage',
    serverSubject({ url }, { type: 'postgres', url }),
  );
});
