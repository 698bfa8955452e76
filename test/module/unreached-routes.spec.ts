import { request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import { Body, Controller, Get, Post, VersioningType, type INestApplication } from '@nestjs/common';
import { TrackUsage, type UsageRecord } from 'nestjs-track-usage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onPlatforms, openApp, type TestApp } from '../support/applications.js';

const SECRET = 'Zq5ecretVx';

@TrackUsage()
@Controller()
class AccountController {
  @Post('reset/:token') reset(@Body() body: unknown) {
    return { body };
  }
  @Get('reset/help') help() {
    return 'help';
  }
  @Post('teams/:team/join-:code.html') join() {
    return 'joined';
  }
  @Get('cats/:id') cat() {
    return 'cat';
  }
}

@Controller({ path: 'invites', version: '1' })
class InviteController {
  @Post(':invite') accept() {
    return 'accepted';
  }
}

@Controller({ path: 'keys', host: 'admin.example' })
class KeyController {
  @Get(':key') key() {
    return 'key';
  }
}

/** Takes what no other route has taken, as applications of one page do. */
@Controller()
class AnyController {
  @Get('*') any() {
    return 'page';
  }
}

const send = (url: string, method: string, path: string, headers: OutgoingHttpHeaders, body = '') =>
  new Promise<number>((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const request = httpRequest({ hostname, port, method, path, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', reject).end(body);
  });

async function ask(
  { url, usage }: TestApp,
  method: string,
  path: string,
  headers: OutgoingHttpHeaders = {},
  body = '',
): Promise<{ record: UsageRecord; status: number }> {
  const status = await send(url, method, path, { connection: 'close', ...headers }, body);
  await usage.flush();
  const [record, ...others] = await usage.getUsage();
  expect(record).toMatchObject({ method });
  expect(JSON.stringify(others)).not.toContain(SECRET);
  return { record: record!, status };
}

const prepare = {
  'without a prefix': { prefix: '', version: '/v1', configure: byUri },
  'with a prefix': {
    prefix: '/api/v2',
    version: '/v1',
    configure: (app: INestApplication) => {
      app.setGlobalPrefix('api/v2');
      byUri(app);
    },
  },
  'with versions in a header': {
    prefix: '',
    version: '',
    configure: (app: INestApplication) => {
      app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' });
    },
  },
};

function byUri(app: INestApplication): void {
  app.enableVersioning({ type: VersioningType.URI });
}

onPlatforms('a secret in a path on $name', (start, platform) => {
  describe.each(Object.entries(prepare))('%s', (_, { prefix, version, configure }) => {
    let running: TestApp;
    beforeAll(async () => {
      const controllers = [AccountController, InviteController, KeyController];
      running = await openApp(platform, { track: { mode: 'include' }, controllers, configure });
    });
    afterAll(() => running.close());

    it.each([
      ['another method', 'DELETE', `/reset/${SECRET}`, '/reset/[redacted]'],
      ['a method that asks first', 'OPTIONS', `/reset/${SECRET}`, '/reset/[redacted]'],
      ['two slashes', 'PUT', `//reset//${SECRET}`, '//reset//[redacted]'],
      ['two slashes before it', 'POST', `/reset//${SECRET}`, '/reset//[redacted]'],
      ['a slash at the end', 'GET', `/reset/${SECRET}/`, '/reset/[redacted]/'],
      ['a broken percent sign', 'POST', `/reset/${SECRET}%`, '/reset/[redacted]'],
      ['broken UTF-8', 'POST', `/reset/${SECRET}%E0%A4%A`, '/reset/[redacted]'],
      ['another case', 'GET', `/RESET/${SECRET}`, '/RESET/[redacted]'],
      ['an encoded letter', 'GET', `/%72eset/${SECRET}`, '/%72eset/[redacted]'],
      ['an encoded slash', 'GET', `/reset%2F${SECRET}`, '/[redacted]'],
      ['dots', 'GET', `/x/../reset/./${SECRET}`, '/x/../reset/./[redacted]'],
      ['text around it', 'GET', `/teams/a/join-${SECRET}.html`, '/teams/a/[redacted]'],
      ['another host', 'GET', `/keys/${SECRET}`, '/keys/[redacted]'],
    ])('does not reach the record with %s', async (_, method, sent, kept) => {
      const { record, status } = await ask(running, method, `${prefix}${sent}?page=2`);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(record.handler).toBeNull();
      expect(record.path).toBe(prefix + kept);
      expect(record.url.endsWith(`${prefix}${kept}?page=2`), record.url).toBe(true);
      expect(JSON.stringify(record)).not.toContain(SECRET);
    });

    it('does not reach the record with a body that does not parse', async () => {
      const json = { 'content-type': 'application/json' };
      const { record, status } = await ask(
        running,
        'POST',
        `${prefix}/reset/${SECRET}`,
        json,
        '{"half":',
      );
      expect(status).toBe(400);
      expect(record.path).toBe(`${prefix}/reset/[redacted]`);
    });

    it('does not reach the record with another version', async () => {
      const wrong = version === '' ? '' : '/v7';
      const headers = { 'x-version': '7' };
      const { record } = await ask(running, 'POST', `${prefix}${wrong}/invites/${SECRET}`, headers);
      expect(record).toMatchObject({ status: 404, path: `${prefix}${wrong}/invites/[redacted]` });
      const other = await ask(running, 'GET', `${prefix}${version}/invites/${SECRET}`);
      expect(other.record.path).toBe(`${prefix}${version}/invites/[redacted]`);
    });

    it('does not reach the record of the next page as its referrer', async () => {
      const { host } = new URL(running.url);
      const headers = { host, referer: `http://${host}${prefix}/reset/${SECRET}?page=2` };
      const { record } = await ask(running, 'GET', `${prefix}/cats/1`, headers);
      expect(record.referrer).toBe(`http://${host}${prefix}/reset/[redacted]?page=2`);
    });

    it.each(['https://shop.example', 'http://Shop.Example:8443', ''])(
      'does not reach it behind a proxy that changed scheme or port: %j',
      async (origin) => {
        const headers = { host: 'shop.example', referer: `${origin}${prefix}/reset/${SECRET}` };
        const { record } = await ask(running, 'GET', `${prefix}/cats/1`, headers);
        expect(record.referrer).toBe(`${origin}${prefix}/reset/[redacted]`);
      },
    );

    it.each([
      ['PUT', '/reset/help'],
      ['DELETE', '/cats/7'],
      ['GET', '/nothing/Zq5'],
      ['GET', '/reset/a/b'],
      ['GET', '/'],
    ])('leaves what is none: %s %s', async (method, path) => {
      const { record } = await ask(running, method, prefix + path);
      expect(record.path).toBe(prefix + path);
    });
  });

  it('does not reach the record by a route that takes whatever is left', async () => {
    const controllers = [AccountController, AnyController];
    const running = await start({ track: { mode: 'include' }, controllers });
    const { record } = await ask(running, 'GET', `/reset/${SECRET}`);
    expect(record).toMatchObject({
      handler: 'any',
      status: 200,
      path: '/reset/[redacted]',
      viewArgs: { path: '[redacted]' },
    });
    const { record: page } = await ask(running, 'GET', '/about/us');
    expect(page).toMatchObject({ path: '/about/us', viewArgs: { path: 'about/us' } });
  });
});
