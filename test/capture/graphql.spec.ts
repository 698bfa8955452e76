import { fileURLToPath } from 'node:url';
import { installOwnPackages } from '../../scripts/own-packages.mjs';
import { graphql } from './cases/graphql.js';
import { conform } from './support/conform.js';
import type { Scenario } from './support/scenario.js';

installOwnPackages(fileURLToPath(new URL('graphql/', import.meta.url)));
// Not seen by the compiler, which would need the packages too.
const file = new URL('graphql/application.ts', import.meta.url).pathname;
const { application } = (await import(file)) as { application: Partial<Scenario> };

conform({ ...graphql, ...application });
