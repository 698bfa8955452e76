import { nearestName } from '../../../support/nearest-name.js';
import { alb } from './formats/alb.js';
import { caddy } from './formats/caddy.js';
import { envoyJson } from './formats/envoy-json.js';
import { jsonTemplate, nginxJson } from './formats/nginx-json.js';
import { patternFormat } from './formats/pattern.js';
import {
  anyOf,
  combined,
  common,
  envoyText,
  ingressNginx,
  traefikText,
} from './formats/text-formats.js';
import { traefikJson } from './formats/traefik-json.js';
import { cloudfront, w3c } from './formats/w3c.js';
import { compileTemplate } from './line-template.js';
import { statelessFormat, type LineParser, type LogFormat } from './log-format.js';

/** In the order in which a line is tried: what says more of itself comes first. */
const DETECTED: readonly LogFormat[] = [
  combined,
  ...[ingressNginx, traefikText, common, envoyText, alb, cloudfront, w3c],
  ...[caddy, traefikJson, envoyJson, nginxJson],
];

/** The names that `--format` takes. */
export const FORMAT_NAMES: readonly string[] = [...new Set(DETECTED.map(({ name }) => name))];

/**
 * The format that `--format` names: one of `FORMAT_NAMES`, the text of nginx's `log_format`, or a
 * regular expression with named groups.
 *
 * @throws {Error} if it is none of them.
 */
export function logFormat(text: string): LogFormat {
  const known = DETECTED.filter(({ name }) => name === text.toLowerCase());
  if (known.length > 0) return several(known);
  if (text.includes('(?<')) return patternFormat(text);
  if (text.includes('$')) return nginxFormat(text);
  const near = nearestName(text, FORMAT_NAMES);
  throw new Error(
    `--format: expected ${FORMAT_NAMES.join(', ')}, the text of nginx's log_format, or a regular ` +
      `expression with named groups, but got '${text}'.${near ? ` Did you mean '${near}'?` : ''}`,
  );
}

/** Tells the format by the lines themselves, which may be of several. */
export const detectedFormat: LogFormat = { name: 'detected', open: detect };

function detect(): LineParser {
  const parsers = DETECTED.map((format) => format.open());
  let chosen: LineParser | undefined;
  return (line) => {
    const read = chosen?.(line) ?? null;
    if (read !== null) return read;
    let isComment = false;
    for (const parse of parsers) {
      const found = parse === chosen ? null : parse(line);
      if (found === 'no request') isComment = true;
      else if (found !== null) {
        chosen = parse;
        return found;
      }
    }
    return isComment ? 'no request' : null;
  };
}

function several(formats: readonly LogFormat[]): LogFormat {
  return {
    name: formats[0]!.name,
    open: () => anyOf(formats.map((format) => format.open())),
  };
}

const DIRECTIVE = /^\s*log_format\s+\S+\s+/;
const ESCAPE = /^\s*escape=(default|json|none)\s+/;

/** The text alone, or the whole directive as it stands in nginx's configuration. */
function nginxFormat(given: string): LogFormat {
  const body = given.replace(DIRECTIVE, '');
  const escape = ESCAPE.exec(body)?.[1] ?? 'default';
  const quoted = body.replace(ESCAPE, '').trim().replace(/;$/, '').trim();
  const template = /^(?:'[^']*'\s*)+$/.test(quoted)
    ? [...quoted.matchAll(/'([^']*)'/g)].map(([, part]) => part).join('')
    : quoted;
  const json = template.trimStart().startsWith('{') ? jsonTemplate(template) : null;
  if (json !== null) return json;
  return statelessFormat('log_format', compileTemplate(template, escape !== 'none'));
}
