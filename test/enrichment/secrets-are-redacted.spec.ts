import { describe, expect, it } from 'vitest';
import { DEFAULT_REDACTED_NAMES } from 'nestjs-track-usage';
import { RecordBuilder } from '../../lib/enrichment/index.js';
import { captured } from './captured.js';
import { POSITIONS, requestsWithSecrets, SECRET_NAMES } from './secrets.js';

const builder = new RecordBuilder();
const build = (changes: Parameters<typeof captured>[0], by = builder) => {
  const record = by.build(captured(changes));
  if (!record) throw new Error('No record was built.');
  return record;
};

/** The text, and all that it says to someone who undoes its encodings. */
function everyReading(text: string): string[] {
  const readings = [text];
  for (let level = 0; level < 6; level++) {
    const last = readings[readings.length - 1] ?? '';
    readings.push(
      last.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) =>
        Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('latin1'),
      ),
    );
  }
  return readings;
}

const reveals = (record: unknown, secret: string) =>
  everyReading(JSON.stringify(record)).some((text) =>
    text.toLowerCase().includes(secret.toLowerCase()),
  );

describe('a secret', () => {
  it.each(requestsWithSecrets(Object.keys(POSITIONS).length * 12))(
    'does not reach the record: $place',
    ({ secret, changes }) => {
      expect(reveals(changes, secret), 'the request must hold the secret').toBe(true);
      const record = build(changes);
      expect(reveals(record, secret), JSON.stringify(record, null, 1)).toBe(false);
    },
  );

  it('does not reach the record under any of the names, wherever it stands', () => {
    for (const name of SECRET_NAMES) {
      for (const [place, position] of Object.entries(POSITIONS)) {
        const record = build(position(name, 'Zq5ecretVx'));
        expect(reveals(record, 'Zq5ecretVx'), `${name} in ${place}`).toBe(false);
      }
    }
  });

  it('does not reach the record behind a value that is cut', () => {
    for (const padding of [1000, 1020, 2000, 2040, 4000, 16_000]) {
      const record = build({
        url: `https://shop.example/cats?pad=${'x'.repeat(padding)}&token=Zq5ecretVx`,
        referrer: `https://a.example/${'y'.repeat(padding)}?a=${'z'.repeat(padding)}&sid=Zq5ecretVx`,
      });
      expect(reveals(record, 'Zq5ecretVx'), String(padding)).toBe(false);
    }
  });

  it('does not reach the record under a name longer than anybody reads', () => {
    const name = `${'a_'.repeat(2000)}token`;
    const record = build({
      url: `https://shop.example/cats?${name}=Zq5ecretVx&x=1`,
      viewArgs: { [name]: 'Zq5ecretVx' },
      trackVar: { [name]: 'Zq5ecretVx' },
    });
    expect(reveals(record, 'Zq5ecretVx')).toBe(false);
    expect(record.urlArgs.x).toBe('1');
  });

  it('does not reach what anonymize and excludeBots are given', () => {
    const seen: unknown[] = [];
    const watching = new RecordBuilder({
      anonymize: (record) => (seen.push(structuredClone(record)), record),
      excludeBots: (kind) => (seen.push(kind), false),
    });
    build({ url: 'https://shop.example/cats?token=Zq5ecretVx' }, watching);
    expect(seen).toHaveLength(2);
    expect(reveals(seen, 'Zq5ecretVx')).toBe(false);
  });
});

describe('what is no secret', () => {
  it.each([
    '/cats?monkey=1&keyboard=2&donkey=3&author=me&authority=x&encoded=1&decode=2&secretary=ann',
    '/cats?page=2&limit=50&sort=-name&q=what+is+this%3F&mail=cat%40shop.example',
    '/cats?tokenizer=bpe&passenger=4&passport_nr=5&hockey=6&codec=h264&signal=7&pinned=8&sidebar=9',
    '/cats?filter[name][like]=tom&ids[]=1&ids[]=2&range=10:20&time=10%3A30&list=a,b;c',
    '/cats?expr=a%3Db&broken=%zz%4&percent=100%25&math=1%2B1%3D2&empty=&bare',
    '/cats?next=/login?x=1&a=b?c=d&back=%2Flogin%3Fx%3D1%26y%3D2&home=https://a.example/?u=/b?c=1',
    '/cats?next=http://[broken?x=1&q=what?&r=?x=1&flag=/cats?logout&since=/cats?since&hash=%23a=1',
    '/cats?filter=%7B%22page%22%3A2%2C%22note%22%3A%22a%3Db%22%7D&list=[1,2]&expr=(a=b)#part=2&x=1',
    '/cats/a;v=1;lang=de/b@c/%E2%82%AC?home=https://shop.example/cats&path=/a/b/c',
  ])('stays as it was sent: %s', (target) => {
    const record = build({ url: `https://shop.example${target}`, route: null, viewArgs: null });
    expect(record.url).toBe(`https://shop.example${target}`);
    expect(JSON.stringify(record)).not.toContain('[redacted]');
  });

  it('stays beside what is one', () => {
    const record = build({
      url: 'https://shop.example/reset/abc?page=2&api_key=s3cr3t&next=%2Fcats%3Fpage%3D2&q=a+b',
      route: '/reset/:token',
      viewArgs: { token: 'abc' },
      referrer: 'https://search.example/?q=cats&sid=s3cr3t',
      trackVar: { plan: 'pro', password: 's3cr3t', user: { name: 'ann', apiKey: 's3cr3t' } },
    });
    expect(record).toMatchObject({
      url: 'https://shop.example/reset/[redacted]?page=2&api_key=[redacted]&next=%2Fcats%3Fpage%3D2&q=a+b',
      path: '/reset/[redacted]',
      route: '/reset/:token',
      viewArgs: { token: '[redacted]' },
      urlArgs: { page: '2', api_key: '[redacted]', next: '/cats?page=2', q: 'a b' },
      referrer: 'https://search.example/?q=cats&sid=[redacted]',
      trackVar: {
        plan: 'pro',
        password: '[redacted]',
        user: { name: 'ann', apiKey: '[redacted]' },
      },
    });
  });

  it('keeps repeated names as arrays', () => {
    const { urlArgs } = build({ url: 'https://shop.example/?token=a&token=b&page=1&page=2' });
    expect(urlArgs).toEqual({ token: ['[redacted]', '[redacted]'], page: ['1', '2'] });
  });
});

describe('a name inside a value', () => {
  const secret = 's3cr3t';

  it.each([
    [`/login?x=1&token=${secret}&y=2`, '/login?x=1&token=[redacted]&y=2'],
    [`https://a.example/?x=1&token=${secret}#part`, 'https://a.example/?x=1&token=[redacted]#part'],
    [`/login?token=${secret}?${secret}&y=2`, '/login?token=[redacted]&y=2'],
    [`/login?a=b?c=d&u=/x?api_key=${secret}`, '/login?a=b?c=d&u=/x?api_key=[redacted]'],
    [`b?token=${secret}`, 'b?token=[redacted]'],
    [`http://[broken?x=1&token=${secret}`, 'http://[broken?x=1&token=[redacted]'],
    [`{"page":2,"token":"${secret}","q":"x"}`, '{"page":2,"token":"[redacted]","q":"x"}'],
    [`[{"u":"/a?x=1&sid=${secret}","p":1}]`, '[{"u":"/a?x=1&sid=[redacted]","p":1}]'],
    [`{"\\u0074oken":{"x":"${secret}"},"p":1}`, '{"token":"[redacted]","p":1}'],
  ])('decides, and all else stays: %s', (value, kept) => {
    const record = build({
      url: `https://shop.example/cats?page=1&v=${encodeURIComponent(value)}`,
      trackVar: { value },
    });
    expect(record.urlArgs).toEqual({ page: '1', v: kept });
    expect(record.trackVar).toEqual({ value: kept });
    expect(reveals(record, secret)).toBe(false);
  });

  it.each(['%26', '%3B', '%23', '%2526', '%253B'])(
    'takes its whole value, with what %s stands for in it',
    (sign) => {
      const value = `abc${sign}${secret}`;
      const record = build({
        url: `https://shop.example/a;token=${value}/b?next=/login?token=${value}#x;token=${value}`,
        referrer: `https://a.example/a;token=${value}?next=/login?token=${value}&page=2`,
      });
      expect(reveals(record, secret), JSON.stringify(record)).toBe(false);
      expect(record.referrer).toContain('page=2');
    },
  );

  it('does not count where the value has a secret name of its own', () => {
    const { urlArgs } = build({ url: 'https://shop.example/?token=/login?x=1&page=1' });
    expect(urlArgs).toEqual({ token: '[redacted]', page: '1' });
  });

  it('stays in the query of an inner URL, but for what is one token alone', () => {
    const { urlArgs } = build({
      url: 'https://shop.example/?a=/login?logout&b=/login?Zq5ecretVx&c=/login?Zq5ecretVx#top',
    });
    expect(urlArgs).toMatchObject({ a: '/login?logout', b: '/login?[redacted]' });
  });
});

describe('the option redact', () => {
  const target = { url: 'https://shop.example/?token=a&iban=b&next=https://u:p@c.example/?x=1' };

  it('replaces the list', () => {
    const { urlArgs } = build(target, new RecordBuilder({ redact: ['iban'] }));
    expect(urlArgs).toMatchObject({ token: 'a', iban: '[redacted]' });
  });

  it('can be added to', () => {
    const names = [...DEFAULT_REDACTED_NAMES, 'colour'];
    const { urlArgs } = build(
      { url: 'https://shop.example/?token=a&hairColour=b&page=1' },
      new RecordBuilder({ redact: names }),
    );
    expect(urlArgs).toEqual({ token: '[redacted]', hairColour: '[redacted]', page: '1' });
  });

  it('stops the start with a name that matches nothing', () => {
    expect(() => new RecordBuilder({ redact: ['token', '--'] })).toThrow(
      'option redact: "--" matches nothing',
    );
  });

  it('false leaves everything as it was sent', () => {
    const record = build(target, new RecordBuilder({ redact: false }));
    expect(record.url).toBe(target.url);
    expect(record.urlArgs).toEqual({ token: 'a', iban: 'b', next: 'https://u:p@c.example/?x=1' });
  });
});
