import {
  Body,
  Controller,
  Get,
  Head,
  Header,
  HttpCode,
  Post,
  Redirect,
  Req,
  Res,
  StreamableFile,
} from '@nestjs/common';
import { Readable } from 'node:stream';
import { TrackUsage } from 'nestjs-track-usage';
import { handled, unknownHandler, type Scenario } from '../support/scenario.js';

@TrackUsage()
@Controller('answers')
class Answers {
  @Get('json') json() {
    return { name: 'Grüße', list: [1, 2, 3] };
  }
  @Get('text') text() {
    return 'Grüße aus Zürich';
  }
  @Get('buffer') buffer() {
    return new StreamableFile(Buffer.from([0, 1, 2, 255]));
  }
  @Get('empty') empty() {}
  @Post('created') created(@Body() body: unknown) {
    return { created: body };
  }
  @HttpCode(204) @Post('nothing') nothing() {}
  @HttpCode(202) @Post('accepted') accepted() {
    return 'later';
  }
  @Header('x-shop', 'cats') @Get('header') header() {
    return 'with a header';
  }
  @Redirect('/answers/json', 301) @Get('moved') moved() {}
  @Redirect('/answers/json') @Get('found') found() {}
  @Redirect() @Get('elsewhere') elsewhere() {
    return { url: 'https://shop.example/', statusCode: 307 };
  }
  @Get('etag') etag(@Req() request: any, @Res({ passthrough: true }) response: any) {
    response.header('etag', '"v1"');
    if (request.headers['if-none-match'] !== '"v1"') return 'the first version';
    response.status(304);
    return undefined;
  }
  @Head('head') head() {}
  @HttpCode(200) @Get('file') file() {
    return new StreamableFile(Readable.from([Buffer.alloc(1000, 'a'), Buffer.alloc(500, 'b')]));
  }
}

const preflight = { origin: 'https://shop.example', 'access-control-request-method': 'GET' };

export const answers: Scenario = {
  title: 'Answers',
  controllers: [Answers],
  prepare: (app) => app.enableCors(),
  cases: [
    {
      title: '200 with JSON',
      send: 'GET /answers/json',
      record: handled('Answers.json', '/answers/json', 200),
    },
    {
      title: '200 with text',
      send: 'GET /answers/text',
      record: handled('Answers.text', '/answers/text', 200),
    },
    {
      title: '200 with a buffer',
      send: 'GET /answers/buffer',
      record: handled('Answers.buffer', '/answers/buffer', 200, { contentLength: 4 }),
    },
    {
      title: '200 with an empty body',
      send: 'GET /answers/empty',
      record: handled('Answers.empty', '/answers/empty', 200, { contentLength: 0 }),
    },
    {
      title: '201 of a POST with a body',
      send: 'POST /answers/created',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"Tom"}',
      record: handled('Answers.created', '/answers/created', 201),
    },
    {
      title: '204',
      send: 'POST /answers/nothing',
      record: handled('Answers.nothing', '/answers/nothing', 204, { contentLength: 0 }),
    },
    {
      title: '`@HttpCode(202)`',
      send: 'POST /answers/accepted',
      record: handled('Answers.accepted', '/answers/accepted', 202),
    },
    {
      title: '`@Header()`',
      send: 'GET /answers/header',
      record: handled('Answers.header', '/answers/header', 200),
    },
    {
      title: '301 by `@Redirect()`',
      send: 'GET /answers/moved',
      record: handled('Answers.moved', '/answers/moved', 301),
    },
    {
      title: '302 by `@Redirect()`',
      send: 'GET /answers/found',
      record: handled('Answers.found', '/answers/found', 302),
    },
    {
      title: '307 by what a `@Redirect()` handler returns',
      send: 'GET /answers/elsewhere',
      record: handled('Answers.elsewhere', '/answers/elsewhere', 307),
    },
    {
      title: 'A first version with an ETag',
      send: 'GET /answers/etag',
      record: handled('Answers.etag', '/answers/etag', 200, { contentLength: 17 }),
    },
    {
      title: '304 by ETag',
      send: 'GET /answers/etag',
      headers: { 'if-none-match': '"v1"' },
      record: handled('Answers.etag', '/answers/etag', 304, { contentLength: 0 }),
    },
    {
      title: "304 by the framework's own ETag",
      only: 'express',
      before: async (client) => {
        const bytes = await client.exchange(
          'GET /answers/json HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
        );
        return { 'if-none-match': /^etag: (.*)\r$/im.exec(bytes.toString())?.[1] ?? '' };
      },
      send: 'GET /answers/json',
      record: handled('Answers.json', '/answers/json', 304, { contentLength: 0 }),
    },
    {
      title: 'HEAD of a GET route',
      send: 'HEAD /answers/json',
      record: handled('Answers.json', '/answers/json', 200, { contentLength: 0 }),
    },
    {
      title: 'HEAD of a GET route that streams',
      send: 'HEAD /answers/file',
      record: handled('Answers.file', '/answers/file', 200, { contentLength: 0 }),
    },
    {
      title: 'HEAD by `@Head()`',
      send: 'HEAD /answers/head',
      record: handled('Answers.head', '/answers/head', 200, { contentLength: 0 }),
    },
    { title: 'CORS preflight', send: 'OPTIONS /answers/json', headers: preflight, record: null },
    {
      title: 'CORS preflight of a path without a route',
      send: 'OPTIONS /nowhere',
      headers: preflight,
      record: null,
    },
    {
      title: '`StreamableFile`',
      send: 'GET /answers/file',
      record: handled('Answers.file', '/answers/file', 200, { contentLength: 1500 }),
    },
    { title: 'No route matched', send: 'GET /nowhere?q=1', record: unknownHandler(404) },
    {
      title: 'The path matches, the method does not',
      send: 'DELETE /answers/json',
      record: unknownHandler(404),
    },
  ],
};
