import { handled, unknownHandler, type Scenario } from '../support/scenario.js';

const query = (text: string) => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query: text }),
});

/** Its application needs packages of its own, in `../graphql`. */
export const graphql: Scenario = {
  title: 'GraphQL beside HTTP',
  cases: [
    {
      title: 'A controller beside GraphQL',
      send: 'GET /rest',
      record: handled('Rest.index', '/rest', 200),
    },
    {
      title: 'A GraphQL query of many fields: one record, without a handler',
      send: 'POST /graphql',
      ...query('{ cats { name toys { name } } }'),
      record: unknownHandler(200),
    },
    {
      title: 'A GraphQL query whose resolver throws',
      send: 'POST /graphql',
      ...query('{ broken }'),
      record: unknownHandler(200),
    },
    {
      title: 'A GraphQL query that is none',
      send: 'POST /graphql',
      ...query('{ cats {'),
      record: unknownHandler(400),
    },
  ],
};
