import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRoutes } from '../../../lib/command/import/index.js';
import { newFolder } from './support/import-into-memory.js';

function file(name: string, text: string): string {
  const path = join(newFolder(), name);
  writeFileSync(path, text);
  return path;
}

const DOCUMENT = `
openapi: 3.0.0
servers:
  - url: https://shop.example/v1/
paths:
  /cats/{id}: &cat
    get:
      operationId: CatsController_findOne_v2
    delete: { operationId: "remove" }
  # The same under another name.
  /felines/{id}: *cat
`;
const route = (method: string, path: string) => {
  const isKnown = method === 'GET';
  return {
    method,
    path,
    blueprint: isKnown ? 'CatsController' : null,
    handler: isKnown ? 'findOne' : null,
    apiVersion: isKnown ? '2' : null,
  };
};

describe('The routes of --routes', () => {
  test('come from an OpenAPI document in YAML as from one in JSON', async () => {
    const wanted = ['cats', 'felines'].flatMap((name) =>
      ['GET', 'DELETE'].map((method) => route(method, `/v1/${name}/:id`)),
    );
    expect(await readRoutes(file('openapi.yaml', DOCUMENT))).toEqual(wanted);
    const cat = {
      get: { operationId: 'CatsController_findOne_v2' },
      delete: { operationId: 'remove' },
    };
    const json = {
      servers: [{ url: 'https://shop.example/v1/' }],
      paths: { '/cats/{id}': cat, '/felines/{id}': cat },
    };
    expect(await readRoutes(file('openapi', `\ufeff${JSON.stringify(json)}`))).toEqual(wanted);
  });

  test('come from the list of usage.routes(), in either form', async () => {
    const listed = '- { method: get, path: cats, controller: CatsController }\n';
    const wanted = [{ ...route('', '/cats'), method: 'GET', blueprint: 'CatsController' }];
    expect(await readRoutes(file('routes.yml', listed))).toEqual(wanted);
  });

  test.each([
    ['openapi.json', '{"paths": {', 'expected JSON in '],
    ['openapi', 'paths: {}', 'The name of a file in YAML ends in .yaml or .yml.'],
    ['openapi.yaml', 'paths: [\n', 'expected YAML in '],
    ['openapi.yaml', 'a text', 'has neither a list nor paths'],
    ['routes.yaml', '- { path: /cats }', 'routes.yaml[0] to have a method and a path'],
  ])('are refused as wrong use in %s: %j', async (name, text, message) => {
    await expect(readRoutes(file(name, text))).rejects.toMatchObject({
      name: 'CommandUsageError',
      message: expect.stringContaining(message) as string,
    });
  });
});
