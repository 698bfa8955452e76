import { firstValueFrom, type Observable } from 'rxjs';
import type { GeoIpEndpointOptions } from './geo-ip-options.js';
import type { GeoSource } from './geo-source.js';
import { defaultExport } from '../../support/optional-packages.js';
import { missingPackage } from '../../support/optional-packages.js';

/** The largest answer that is accepted. Geography of one address takes a few hundred bytes. */
const MAX_ANSWER_BYTES = 65_536;

const MAX_REDIRECTS = 3;
const NOT_FOUND = 404;

/** The part of `HttpService` that is used here, the same in every version of `@nestjs/axios`. */
interface Http {
  get(url: string, config: Record<string, unknown>): Observable<{ status: number; data: unknown }>;
}

/** Looks addresses up at a service over HTTP. */
export class EndpointSource implements GeoSource {
  readonly immediate = false;

  private constructor(
    private readonly http: Http,
    private readonly options: GeoIpEndpointOptions,
  ) {}

  /** @throws {Error} if `@nestjs/axios` or `axios` is not installed. */
  static async open(options: GeoIpEndpointOptions): Promise<EndpointSource> {
    return new EndpointSource(await createHttp(), options);
  }

  async find(address: string, signal: AbortSignal): Promise<unknown> {
    const { status, data } = await firstValueFrom(
      this.http.get(urlFor(this.options.endpoint, address), {
        signal,
        headers: { accept: 'application/json', ...this.options.headers },
        responseType: 'text',
        transformResponse: (body: unknown) => body,
        validateStatus: null,
        maxContentLength: MAX_ANSWER_BYTES,
        maxRedirects: MAX_REDIRECTS,
      }),
    );
    if (status === NOT_FOUND) return null;
    if (status < 200 || status > 299) throw new Error(`The geography service answered ${status}.`);
    return parse(data);
  }
}

/** The URL of a lookup. Puts the address in place of `{ip}`, or at the end without `{ip}`. */
export function urlFor(endpoint: string, address: string): string {
  const encoded = encodeURIComponent(address);
  if (endpoint.includes('{ip}')) return endpoint.replaceAll('{ip}', encoded);
  return endpoint + (/[\w.-]$/.test(endpoint) ? '/' : '') + encoded;
}

function parse(body: unknown): unknown {
  let answer: unknown;
  try {
    answer = JSON.parse(String(body));
  } catch {
    throw new Error('The geography service answered with something that is no JSON.');
  }
  if (typeof answer === 'object' && !Array.isArray(answer)) return answer;
  throw new Error('The geography service answered with JSON that is no object.');
}

async function createHttp(): Promise<Http> {
  const missing = missingPackage('TrackUsageModule: option geoIp.endpoint:', '@nestjs/axios axios');
  const { HttpService } = await import('@nestjs/axios').catch(missing);
  const axios = defaultExport(await import('axios').catch(missing));
  // A new instance, because the application's defaults and interceptors may add its credentials.
  return new HttpService(axios.create());
}
