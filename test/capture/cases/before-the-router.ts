import {
  Body,
  Controller,
  ForbiddenException,
  Get,
  Post,
  UploadedFile,
  UseInterceptors,
  type Type,
} from '@nestjs/common';
import { FileInterceptor as ExpressFile } from '@nestjs/platform-express';
import { FileInterceptor as FastifyFile } from '@nestjs/platform-fastify/multipart';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TrackUsage } from 'nestjs-track-usage';
import { requestText } from '../support/http-text.js';
import type { RawClient } from '../support/raw-client.js';
import {
  ADAPTERS,
  handled,
  unknownHandler,
  type AdapterKind,
  type ConformanceCase,
  type Scenario,
} from '../support/scenario.js';

function controllers(kind: AdapterKind): Type[] {
  const file = kind === 'express' ? ExpressFile : FastifyFile;

  @TrackUsage()
  @Controller('shop')
  class Shop {
    @Get() index() {
      return 'the shop';
    }
    @Post('order') order(@Body() body: unknown) {
      return { ordered: body };
    }
    @UseInterceptors(file('photo')) @Post('photo') photo(@UploadedFile() photo: any) {
      return {
        name: photo.originalname,
        size: photo.size,
        start: String(photo.buffer).slice(0, 4),
      };
    }
  }
  return [Shop];
}

function middleware(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  switch (request.headers['x-middleware']) {
    case 'answers':
      response.writeHead(503, { 'content-type': 'text/plain' });
      response.end('closed for today');
      return;
    case 'throws':
      throw new ForbiddenException('not in here');
    case 'fails':
      throw new Error('broken middleware');
    default:
      next();
  }
}

/** A byte more than a body may have by each framework's default. */
const TOO_MUCH = { express: 100 * 1024 + 1, fastify: 1024 * 1024 + 1 };

/** Sends no byte that the server will not read: it would cut its answer short with a reset. */
const postTooMuch = (headers: Record<string, string>, body: string) => (client: RawClient) =>
  client.exchange(
    Buffer.concat([requestText('POST /shop/order', { ...json, ...headers }), Buffer.from(body)]),
  );

const BOUNDARY = 'the-boundary';
const upload = [
  `--${BOUNDARY}`,
  'content-disposition: form-data; name="photo"; filename="tom.txt"',
  'content-type: text/plain',
  '',
  'purr'.repeat(5000),
  `--${BOUNDARY}--`,
  '',
].join('\r\n');
const multipart = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };
const json = { 'content-type': 'application/json' };

export const beforeTheRouter: Scenario = {
  title: 'Before the handler',
  controllers,
  prepare: (app) => app.use(middleware),
  cases: [
    {
      title: 'Middleware lets through',
      send: 'GET /shop',
      record: handled('Shop.index', '/shop', 200),
    },
    {
      title: 'Middleware answers',
      send: 'GET /shop',
      headers: { 'x-middleware': 'answers' },
      record: unknownHandler(503, { contentLength: 16 }),
    },
    {
      title: 'Middleware throws what Nest knows',
      send: 'GET /shop',
      headers: { 'x-middleware': 'throws' },
      record: unknownHandler(403),
    },
    {
      title: 'Middleware throws an error',
      send: 'GET /shop',
      headers: { 'x-middleware': 'fails' },
      record: unknownHandler(500),
    },
    {
      title: 'A body in JSON',
      send: 'POST /shop/order',
      headers: json,
      body: '{"cat":"Tom"}',
      record: handled('Shop.order', '/shop/order', 201),
    },
    {
      title: 'A body that cannot be parsed: 400',
      send: 'POST /shop/order',
      headers: json,
      body: '{"cat":',
      record: unknownHandler(400),
    },
    ...ADAPTERS.flatMap((only): ConformanceCase[] => [
      {
        title: 'A body that is too large: 413',
        only,
        method: 'POST',
        // Fastify answers to what the head says, Express when it has read all.
        send: postTooMuch(
          { 'content-length': `${TOO_MUCH[only]}` },
          only === 'express' ? 'x'.repeat(TOO_MUCH[only]) : '',
        ),
        record: unknownHandler(413),
      },
      {
        title: 'A body of unknown length that is too large: 413',
        only,
        method: 'POST',
        // Fastify answers to the byte that passes the limit, Express when it has read all.
        send: postTooMuch(
          { 'transfer-encoding': 'chunked' },
          `${TOO_MUCH[only].toString(16)}\r\n${'x'.repeat(TOO_MUCH[only])}` +
            (only === 'express' ? '\r\n0\r\n\r\n' : ''),
        ),
        record: unknownHandler(413),
      },
    ]),
    {
      title: 'A body of a kind that Fastify does not take: 415',
      only: 'fastify',
      send: 'POST /shop/order',
      headers: { 'content-type': 'application/x-cat' },
      body: 'purr',
      record: unknownHandler(415),
    },
    {
      title: 'A multipart upload',
      send: 'POST /shop/photo',
      headers: multipart,
      body: upload,
      record: handled('Shop.photo', '/shop/photo', 201),
    },
    {
      title: 'A multipart upload of a field that is not expected: 400',
      send: 'POST /shop/photo',
      headers: multipart,
      body: upload.replace('"photo"', '"other"'),
      record: handled('Shop.photo', '/shop/photo', 400),
    },
  ],
};
