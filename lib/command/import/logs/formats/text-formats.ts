import type { LogFields } from '../log-fields.js';
import { compileTemplate } from '../line-template.js';
import { statelessFormat, type LineParser, type LogFormat } from '../log-format.js';

const COMMON = '$remote_addr $ident $remote_user [$time_local] "$request" $status $body_bytes_sent';
const COMBINED = `${COMMON} "$http_referer" "$http_user_agent"`;

/** The common log format, with the virtual host before it or without. */
export const common = hostedFormat('common', COMMON);

/**
 * The combined log format; with `X-Forwarded-For` at its end, as nginx's packages configure it, or
 * with the virtual host before it, as Debian's Apache does.
 */
export const combined = hostedFormat('combined', COMBINED, `${COMBINED} "$http_x_forwarded_for"`);

/** What ingress-nginx logs by default. */
export const ingressNginx = templateFormat(
  'ingress-nginx',
  `${COMBINED} $request_length $request_time [$proxy_upstream_name] ` +
    '[$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length ' +
    '$upstream_response_time $upstream_status $req_id',
);

/** What Envoy logs by default, and Istio's sidecars. */
export const envoyText = envoyFormat();

/** What Traefik logs by default. */
export const traefikText = templateFormat(
  'traefik',
  `${COMBINED} $requests "$router" "$server" \${duration_ms}ms`,
);

/** A line whose second word is an address begins with the virtual host. */
const HAS_HOST = /^[^ ]+ (?:\d+\.\d+\.\d+\.\d+|[\da-f]*:[\da-f:.]*) [^ ]/i;

/** What a container runtime puts before a line would pass for an address. */
const HAS_PREFIX = /^(?:\[|\d{4}-\d\d-\d\dT|[^ ]+ +\| )/;

function hostedFormat(name: string, ...templates: string[]): LogFormat {
  const plain = anyOf(templates.map((template) => compileTemplate(template)));
  const hosted = anyOf(templates.map((template) => compileTemplate(`$http_host ${template}`)));
  return statelessFormat(name, (line) => {
    if (HAS_PREFIX.test(line)) return null;
    return HAS_HOST.test(line) ? hosted(line) : plain(line);
  });
}

function templateFormat(name: string, ...templates: string[]): LogFormat {
  const parse = anyOf(templates.map((template) => compileTemplate(template)));
  return statelessFormat(name, (line) => (HAS_PREFIX.test(line) ? null : parse(line)));
}

/** Tries parsers in turn. Always in the same order, so that a line is read alike wherever it stands. */
export function anyOf(parsers: readonly LineParser[]): LineParser {
  return (line) => {
    for (const parse of parsers) {
      const fields = parse(line);
      if (fields !== null) return fields;
    }
    return null;
  };
}

function envoyFormat(): LogFormat {
  const start = '[$time_start] "$request" $status $response_flags';
  const end =
    '$received $body_bytes_sent $duration_ms $upstream_time "$http_x_forwarded_for" ' +
    '"$http_user_agent" "$request_id" "$http_host" "$upstream"';
  const parse = anyOf([
    compileTemplate(`${start} ${end}`),
    compileTemplate(
      `${start} $details $termination "$failure" ${end} $cluster $local $downstream_local ` +
        '$remote_addr $requested_server $route',
    ),
  ]);
  return statelessFormat('envoy', (line) => {
    if (line[0] !== '[') return null;
    const fields = parse(line);
    if (fields === null || fields === 'no request') return fields;
    return envoyFields(fields);
  });
}

/** Envoy appends the address that it sees to `X-Forwarded-For`, and logs no other by default. */
export function envoyFields(fields: LogFields): LogFields {
  const seen = fields.remote_addr ?? fields.http_x_forwarded_for?.split(',').at(-1)?.trim();
  return seen === undefined ? fields : { ...fields, remote_addr: seen };
}
