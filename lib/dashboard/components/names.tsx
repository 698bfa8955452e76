import type { JSX } from 'preact';
import type { ConsumerDescription } from '../dashboard-options.js';
import { shownText } from '../format/shown-text.js';

type Reported = string | number | boolean | Date | null | undefined;

/** What a cell of a table may cut. */
const LONG = 20;

/** Text from outside, whose direction stays within it. The whole of what may be cut is its title. */
export function Text({ of, longest = 160 }: { of: string; longest?: number }): JSX.Element {
  const shown = shownText(of, longest);
  return <bdi title={shown.length > LONG ? shownText(of, 1200) : undefined}>{shown}</bdi>;
}

/** The words for requests without a value, by dimension. */
const NOBODY: Readonly<Record<string, string>> = {
  route: 'no route matched',
  consumer: 'nobody named',
  client: 'no client named',
  country: 'unknown',
  language: 'none named',
  release: 'none',
  apiVersion: 'none',
};

/** The value of a dimension as a row's name. */
export function Name({ dimension, of }: { dimension: string; of: Reported }): JSX.Element {
  if (of === null || of === undefined) return <i>{NOBODY[dimension] ?? 'none'}</i>;
  if (of === '(other)') return <i>folded together</i>;
  const text = String(of).replace(/^\\(\\*\((?:none|other)\))$/, '$1');
  if (dimension === 'route') return <Route name={text} />;
  if (dimension === 'country') return <Country code={text} />;
  return <Text of={text} longest={80} />;
}

export function Route({ name }: { name: string }): JSX.Element {
  const [, method, path] = /^([A-Z]+) (.*)$/s.exec(name) ?? [];
  if (method === undefined)
    return (
      <code>
        <Text of={name} />
      </code>
    );
  return (
    <>
      <Method of={method} />{' '}
      <code>
        <Text of={path!} />
      </code>
    </>
  );
}

export function Method({ of }: { of: string }): JSX.Element {
  const known = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(of);
  return <span class={`m ${known ? of.toLowerCase() : ''}`}>{shownText(of, 12)}</span>;
}

/** A consumer by the name that the application gives, or else by its id. */
export function Consumer({
  id,
  names,
}: {
  id: Reported;
  names: ReadonlyMap<string, ConsumerDescription>;
}): JSX.Element {
  if (typeof id !== 'string' || id === '(other)') return <Name dimension="consumer" of={id} />;
  const described = names.get(id);
  if (!described) return <Name dimension="consumer" of={id} />;
  return (
    <>
      <Text of={described.name} longest={80} />
      {described.group && (
        <span class="tag">
          <Text of={String(described.group)} longest={40} />
        </span>
      )}
    </>
  );
}

const REGIONS = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

function Country({ code }: { code: string }): JSX.Element {
  let name: string | undefined;
  try {
    name = /^[A-Z]{2}$/.test(code) ? REGIONS.of(code) : undefined;
  } catch {
    // No code of a country.
  }
  return <Text of={name ?? code} longest={60} />;
}
