import { customVersions, headerVersions, mediaTypeVersions, uriVersions } from './cases/routing.js';
import { conform } from './support/conform.js';

conform(uriVersions);
conform(headerVersions);
conform(mediaTypeVersions);
conform(customVersions);
