import type { Scenario } from '../support/scenario.js';
import { answers } from './answers.js';
import { beforeTheRouter } from './before-the-router.js';
import { byHand, compressed } from './by-hand.js';
import { graphql } from './graphql.js';
import { refusals } from './refusals.js';
import {
  customVersions,
  headerVersions,
  hosts,
  mediaTypeVersions,
  routes,
  scopes,
  uriVersions,
} from './routing.js';
import { streams, timeouts } from './streams.js';

/** Every conformance case, in the order of the manual's table. */
export const scenarios: readonly Scenario[] = [
  answers,
  refusals,
  beforeTheRouter,
  byHand,
  compressed,
  streams,
  timeouts,
  routes,
  uriVersions,
  headerVersions,
  mediaTypeVersions,
  customVersions,
  hosts,
  scopes,
  graphql,
];
