import {
  Controller,
  Get,
  Header,
  HttpException,
  UseGuards,
  type ExecutionContext,
} from '@nestjs/common';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CaptureOptions, TrackUsage } from 'nestjs-track-usage';
import { requestText } from './support/http-text.js';
import { ADAPTERS } from './support/scenario.js';
import { TestApplication } from './support/test-application.js';

let user: unknown;
let refusal = 200;

const signIn = {
  canActivate: (context: ExecutionContext) => {
    context.switchToHttp().getRequest().user = user;
    if (refusal !== 200) throw new HttpException('refused', refusal);
    return true;
  },
};

@TrackUsage()
@UseGuards(signIn)
@Controller('me')
class Me {
  @Header('content-type', 'text/plain') @Get() me() {
    return 'me';
  }
}

const basic = (credentials: string | Buffer) =>
  `Basic ${Buffer.from(credentials as string).toString('base64')}`;

describe.each(ADAPTERS)('On %s', (kind) => {
  let application: TestApplication | undefined;
  const errors: string[] = [];

  beforeEach(() => {
    user = undefined;
    refusal = 200;
    errors.length = 0;
    for (const level of ['error', 'warn'] as const) {
      vi.spyOn(Logger.prototype, level).mockImplementation((message: unknown) => {
        errors.push(String(message));
      });
    }
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await application?.close();
  });

  async function start(options: CaptureOptions): Promise<void> {
    application = await TestApplication.start({ controllers: [Me] }, kind, options);
  }

  async function ask(headers: Record<string, string> = {}) {
    await application!.client().exchange(requestText('GET /me', headers));
    return application!.taken();
  }

  describe('the user', () => {
    it.each([
      ['a Basic user', basic('tom:secret'), 'tom'],
      ['a Basic user in UTF-8', basic('grüß@example.org:ü'), 'grüß@example.org'],
      ['a Basic user in Latin-1', basic(Buffer.from('gr\xfc\xdf:x', 'latin1')), 'grüß'],
      ['a Basic user whose password holds a colon', basic('tom:a:b'), 'tom'],
      ['a scheme in another case', basic('tom:x').replace('Basic', 'bAsIc'), 'tom'],
      ['no colon', basic('tom'), null],
      ['no name', basic(':secret'), null],
      [
        'an API key in place of the user, no password',
        basic('sk_live_4eC39HqLyjWDarjtT1zd:'),
        null,
      ],
      ['nothing', 'Basic', null],
      ['nothing but a space', 'Basic ', null],
      ['no base64', 'Basic ***', null],
      ['another scheme', 'Bearer dG9tOng=', null],
    ])('of %s is read', async (_title, authorization, username) => {
      await start({ mode: 'exclude' });
      expect(await ask({ authorization })).toMatchObject([{ username, authorization: true }]);
    });

    it.each([
      [{ username: 'tom', name: 'Tom', sub: '7', id: 7 }, 'tom'],
      [{ username: '', name: 'Tom', sub: '7', id: 7 }, 'Tom'],
      [{ name: { first: 'Tom' }, sub: 'sub-7', id: 7 }, 'sub-7'],
      [{ id: 7 }, '7'],
      [{ id: 0 }, '0'],
      [{ id: NaN }, null],
      [{ id: 9007199254740993n }, '9007199254740993'],
      [{ sub: 0n }, '0'],
      [{}, null],
      ['tom', null],
      [null, null],
    ])('is what request.user %o is called', async (given, username) => {
      user = given;
      await start({ mode: 'exclude' });
      expect(await ask()).toMatchObject([{ username, authorization: false }]);
    });

    it('is whom the option names, else request.user, else whom the Basic header names', async () => {
      user = { username: 'of the request' };
      await start({ mode: 'exclude', username: (request) => request.headers['x-user'] ?? null });
      const authorization = basic('tom:x');
      expect(await ask({ authorization, 'x-user': 'chosen' })).toMatchObject([
        { username: 'chosen' },
      ]);
      expect(await ask({ authorization })).toMatchObject([{ username: 'of the request' }]);
      user = {};
      expect(await ask({ authorization })).toMatchObject([{ username: 'tom' }]);
    });

    it.each([
      [200, 'tom'],
      [401, null],
      [403, null],
      [404, 'tom'],
      [500, 'tom'],
    ])('of a Basic header, when the answer is %i, is %s', async (status, username) => {
      refusal = status;
      await start({ mode: 'exclude' });
      expect(await ask({ authorization: basic('tom:x') })).toMatchObject([{ status, username }]);
    });

    it.each([401, 403])('of request.user is kept when the answer is %i', async (status) => {
      refusal = status;
      user = { id: 7n };
      await start({ mode: 'exclude' });
      expect(await ask({ authorization: basic('tom:x') })).toMatchObject([{ username: '7' }]);
    });

    it('may be a bigint of the option', async () => {
      await start({ mode: 'exclude', username: () => 2n ** 64n });
      expect(await ask()).toMatchObject([{ username: '18446744073709551616' }]);
    });

    it('is sought elsewhere when the option throws, which is logged once', async () => {
      user = { id: 7 };
      await start({
        mode: 'exclude',
        username: () => {
          throw new Error('no session');
        },
      });
      expect([...(await ask()), ...(await ask()), ...(await ask())]).toMatchObject([
        { username: '7' },
        { username: '7' },
        { username: '7' },
      ]);
      expect(errors).toEqual([expect.stringContaining('The option username threw')]);
    });

    it('is null when request.user throws', async () => {
      user = {
        get username(): string {
          throw new Error('lazy user');
        },
      };
      await start({ mode: 'exclude' });
      expect([...(await ask()), ...(await ask())]).toMatchObject([
        { username: null },
        { username: null },
      ]);
      expect(errors).toHaveLength(1);
    });

    it('is not waited for', async () => {
      await start({
        mode: 'exclude',
        username: (() => Promise.reject(new Error('later'))) as never,
      });
      expect([...(await ask()), ...(await ask())]).toMatchObject([
        { username: null },
        { username: null },
      ]);
      expect(errors).toEqual([expect.stringContaining('returned a promise')]);
    });
  });

  describe('skip', () => {
    it("leaves out what it says, and is given the framework's request", async () => {
      await start({ mode: 'include', skip: (request) => request.headers['x-skip'] === 'yes' });
      expect(await ask({ 'x-skip': 'yes' })).toEqual([]);
      expect(await ask({ 'x-skip': 'no' })).toHaveLength(1);
    });

    it('that throws skips nothing and is logged once', async () => {
      await start({
        mode: 'include',
        skip: () => {
          throw new Error('broken');
        },
      });
      expect([...(await ask()), ...(await ask())]).toHaveLength(2);
      expect(errors).toEqual([expect.stringContaining('The option skip threw')]);
    });

    it('that returns a promise skips nothing', async () => {
      await start({ mode: 'include', skip: (() => Promise.resolve(true)) as never });
      expect(await ask()).toHaveLength(1);
      expect(errors).toEqual([expect.stringContaining('The option skip returned a promise')]);
    });
  });

  it('samples a share of the requests and weighs what it keeps', async () => {
    await start({ mode: 'exclude', sampleRate: 0.25 });
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.24);
    expect(await ask()).toMatchObject([{ weight: 4 }]);
    random.mockReturnValue(0.25);
    expect(await ask()).toEqual([]);
    random.mockReturnValue(0.9);
    expect(await ask()).toEqual([]);
  });

  it('records all requests with the weight 1 unless told otherwise', async () => {
    await start({ mode: 'exclude' });
    expect(await ask()).toMatchObject([{ weight: 1 }]);
  });
});
