import { graphql } from './cases/hybrid.js';
import { conform } from './support/conform.js';

conform(graphql);
