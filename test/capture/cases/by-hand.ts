import {
  Controller,
  Get,
  Header,
  Next,
  Post,
  Query,
  Req,
  Res,
  StreamableFile,
} from '@nestjs/common';
import compress from '@fastify/compress';
import compression from 'compression';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { TrackUsage } from 'nestjs-track-usage';
import { handled, unknownHandler, type Scenario } from '../support/scenario.js';

const rawOf = (response: any): ServerResponse => response.raw ?? response;

@TrackUsage()
@Controller('by-hand')
class ByHand {
  @Get('res') res(@Res() response: any) {
    response.status(202).send('by hand');
  }
  @Get('passthrough') passthrough(@Res({ passthrough: true }) response: any) {
    response.status(203).header('x-shop', 'cats');
    return { passed: true };
  }
  @Get('raw') raw(@Res() response: any) {
    const raw = rawOf(response);
    raw.writeHead(200, { 'content-type': 'text/plain' });
    raw.write('Grüße', 'latin1');
    raw.write(Buffer.from([1, 2, 3]));
    raw.write('AAEC', 'base64');
    raw.end('é', () => undefined);
  }
  @Get('end-only') endOnly(@Res() response: any) {
    rawOf(response).end();
  }
  @Get('late') late(@Res() response: any) {
    setImmediate(() => {
      const raw = rawOf(response);
      raw.write('first,');
      setImmediate(() => raw.end('last'));
    });
  }
  @Get('twice') twice(@Res() response: any) {
    const raw = rawOf(response);
    raw.on('error', () => undefined);
    raw.end('once');
    raw.write('never sent');
    raw.end('never sent either');
  }
  @Get('afterwards') afterwards(@Res() response: any) {
    const raw = rawOf(response);
    raw.end('answered');
    throw new Error('thrown after the answer');
  }
  @Get('trailers') trailers(@Res() response: any) {
    const raw = rawOf(response);
    raw.writeHead(200, { trailer: 'x-sum' });
    raw.write('purr');
    raw.addTrailers({ 'x-sum': '4' });
    raw.end();
  }
  @Get('early-hints') earlyHints(@Res() response: any) {
    const raw = rawOf(response);
    raw.writeEarlyHints({ link: '</cats.css>; rel=preload' });
    raw.end('at last');
  }
  @Get('interim') interim(@Res() response: any) {
    const raw = rawOf(response);
    raw.writeProcessing();
    raw.writeEarlyHints({ link: '</cats.css>; rel=preload' });
    raw.writeHead(410).flushHeaders();
    raw.statusCode = 200;
    raw.end('gone');
  }
  @Get('flushed') flushed(@Res() response: any) {
    const raw = rawOf(response);
    raw.flushHeaders();
    raw.statusCode = 503;
    raw.end('too late to say so');
  }
  @Get('two-minds') twoMinds(@Res() response: any) {
    const raw = rawOf(response);
    response.status(202);
    raw.writeHead(200, 'Fine');
    response.status(500);
    raw.statusCode = 500;
    raw.write('purr');
    raw.statusCode = 502;
    raw.end();
    raw.statusCode = 504;
  }
  @Get('no-body') noBody(@Res() response: any) {
    const raw = rawOf(response);
    raw.writeHead(200, { 'content-length': 0 });
    raw.statusCode = 500;
    raw.end();
  }
  @Get('empty-206') partial(@Res() response: any) {
    const raw = rawOf(response);
    raw.writeHead(206, { 'content-range': 'bytes 0-3/10', 'content-length': 4 });
    raw.end('purr');
  }
  @Post('read') read(@Req() request: any, @Res() response: any) {
    rawOf(response).end(`${JSON.stringify(request.body).length}`);
  }
}

@TrackUsage()
@Controller('compressed')
class Compressed {
  @Header('content-type', 'text/plain') @Get('text') text(@Query('size') size: string) {
    return 'purr'.repeat(Number(size));
  }
  @Header('content-type', 'text/plain') @Get('stream') stream() {
    return new StreamableFile(
      Readable.from([Buffer.alloc(5000, 'a'), Buffer.alloc(5000, 'b'), Buffer.alloc(5000, 'c')]),
    );
  }
}

@TrackUsage()
@Controller('passes-on')
class PassesOn {
  @Get('first') first(@Next() next: () => void) {
    next();
  }
  @Get('{:any}') second() {
    return 'the second';
  }
}

const gzip = { 'accept-encoding': 'gzip' };

export const byHand: Scenario = {
  title: 'Answered by hand',
  controllers: (kind) => (kind === 'express' ? [ByHand, PassesOn] : [ByHand]),
  cases: [
    {
      title: '`@Res()`',
      send: 'GET /by-hand/res',
      record: handled('ByHand.res', '/by-hand/res', 202, { contentLength: 7 }),
    },
    {
      title: '`@Res({ passthrough: true })`',
      send: 'GET /by-hand/passthrough',
      record: handled('ByHand.passthrough', '/by-hand/passthrough', 203),
    },
    {
      title: "Node's response, in several encodings",
      send: 'GET /by-hand/raw',
      record: handled('ByHand.raw', '/by-hand/raw', 200, { contentLength: 5 + 3 + 3 + 2 }),
    },
    {
      title: "Node's response, nothing in it",
      send: 'GET /by-hand/end-only',
      record: handled('ByHand.endOnly', '/by-hand/end-only', 200, { contentLength: 0 }),
    },
    {
      title: 'After the handler has returned',
      send: 'GET /by-hand/late',
      record: handled('ByHand.late', '/by-hand/late', 200, { contentLength: 10 }),
    },
    {
      title: 'Written to after its end',
      send: 'GET /by-hand/twice',
      record: handled('ByHand.twice', '/by-hand/twice', 200, { contentLength: 4 }),
    },
    {
      title: 'An error after the answer',
      send: 'GET /by-hand/afterwards',
      record: handled('ByHand.afterwards', '/by-hand/afterwards', 200, { contentLength: 8 }),
    },
    {
      title: 'Trailers, which are no payload',
      send: 'GET /by-hand/trailers',
      record: handled('ByHand.trailers', '/by-hand/trailers', 200, { contentLength: 4 }),
    },
    {
      title: '103 before 200',
      send: 'GET /by-hand/early-hints',
      record: handled('ByHand.earlyHints', '/by-hand/early-hints', 200, { contentLength: 7 }),
    },
    {
      title: '102 and 103 before 410',
      send: 'GET /by-hand/interim',
      record: handled('ByHand.interim', '/by-hand/interim', 410, { contentLength: 4 }),
    },
    {
      title: 'Another status once the head has left by `flushHeaders()`',
      send: 'GET /by-hand/flushed',
      record: handled('ByHand.flushed', '/by-hand/flushed', 200, { contentLength: 18 }),
    },
    {
      title: 'Other statuses before and after `writeHead()`',
      send: 'GET /by-hand/two-minds',
      record: handled('ByHand.twoMinds', '/by-hand/two-minds', 200, { contentLength: 4 }),
    },
    {
      title: 'Another status after `writeHead()`, nothing in it',
      send: 'GET /by-hand/no-body',
      record: handled('ByHand.noBody', '/by-hand/no-body', 200, { contentLength: 0 }),
    },
    {
      title: '206 with a length that was declared',
      send: 'GET /by-hand/empty-206',
      record: handled('ByHand.partial', '/by-hand/empty-206', 206, { contentLength: 4 }),
    },
    {
      title: 'HEAD, though something is written',
      send: 'HEAD /by-hand/raw',
      record: handled('ByHand.raw', '/by-hand/raw', 200, { contentLength: 0 }),
    },
    {
      title: '`Expect: 100-continue`',
      send: 'POST /by-hand/read',
      headers: { expect: '100-continue', 'content-type': 'application/json' },
      body: '{"cat":"Tom"}',
      record: handled('ByHand.read', '/by-hand/read', 201, { contentLength: 2 }),
      only: 'express',
    },
    {
      title: 'Handed on by `next()`: where it was answered',
      send: 'GET /passes-on/first',
      only: 'express',
      record: handled('PassesOn.second', '/passes-on/{:any}', 200, { viewArgs: { any: 'first' } }),
    },
  ],
};

export const compressed: Scenario = {
  title: 'Compressed',
  controllers: [Compressed],
  prepare: (app, kind) =>
    kind === 'express'
      ? app.use(compression({ threshold: 0 }))
      : (app as any).register(compress, { threshold: 0, encodings: ['gzip'] }),
  cases: [
    {
      title: 'A compressed answer counts what was sent',
      send: 'GET /compressed/text?size=5000',
      headers: gzip,
      record: handled('Compressed.text', '/compressed/text', 200),
    },
    {
      title: 'A compressed stream',
      send: 'GET /compressed/stream',
      headers: gzip,
      record: handled('Compressed.stream', '/compressed/stream', 200),
    },
    {
      title: 'A client that takes no compression',
      send: 'GET /compressed/text?size=5000',
      record: handled('Compressed.text', '/compressed/text', 200, { contentLength: 20_000 }),
    },
    {
      title: 'HEAD of what would be compressed',
      send: 'HEAD /compressed/text?size=5000',
      headers: gzip,
      record: handled('Compressed.text', '/compressed/text', 200, { contentLength: 0 }),
    },
    {
      title: 'No route, compressed',
      send: 'GET /nowhere',
      headers: gzip,
      record: unknownHandler(404),
    },
  ],
};
