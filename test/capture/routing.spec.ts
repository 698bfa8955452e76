import { hosts, routes, scopes } from './cases/routing.js';
import { conform } from './support/conform.js';

conform(routes);
conform(hosts);
conform(scopes);
