import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { isIP, type AddressInfo } from 'node:net';
import {
  DashboardSite,
  OpenRequests,
  POLICY_HEADERS,
  readRequest,
  sendAnswer,
  type Answer,
} from '../../dashboard/site.js';

const OWN_NAMES = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/** A running server of the page. */
export interface PageServer {
  readonly address: string;
  /** Ends all answers that are under way, and takes no more. */
  close(): Promise<void>;
}

/**
 * Serves the page at `/` of a port. On an address of this machine it answers only requests to such an
 * address: a page of somebody else's must not read it under a name of its own.
 *
 * @throws {Error} if the port cannot be had.
 */
export async function servePage(
  site: DashboardSite,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<PageServer> {
  const requests = new OpenRequests();
  const isOwn = isOwnAddress(host);
  const server = createServer((request, response) => {
    void respond(site, requests, isOwn, request, response);
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    address: addressOf(server),
    async close() {
      requests.close();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Whether only this machine can reach an address. */
export function isOwnAddress(host: string): boolean {
  return OWN_NAMES.test(host.includes(':') ? `[${host}]` : host);
}

async function respond(
  site: DashboardSite,
  requests: OpenRequests,
  isOwn: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const signal = requests.signalFor(response);
  for (const [name, value] of Object.entries(POLICY_HEADERS)) response.setHeader(name, value);
  try {
    sendAnswer(response, await answerTo(site, isOwn, request, signal));
  } catch {
    // Nobody waits for an answer any more, or the server closes.
    response.destroy();
  }
}

async function answerTo(
  site: DashboardSite,
  isOwn: boolean,
  request: IncomingMessage,
  signal: AbortSignal,
): Promise<Answer> {
  const { method = 'GET', url = '/', headers } = request;
  if (isOwn && !OWN_NAMES.test(headers.host ?? ''))
    return refusal(403, `This page is for this machine alone, and not for ${headers.host ?? ''}.`);
  if (method !== 'GET' && method !== 'HEAD')
    return refusal(405, `${method}: this page is only read.`);
  const rest = decodedPath(url);
  return rest === null
    ? refusal(400, 'The path is no text.')
    : site.answer(readRequest({ method, url, params: { rest } }, signal));
}

function decodedPath(url: string): string | null {
  try {
    return decodeURIComponent(url.split('?', 1)[0]!);
  } catch {
    return null;
  }
}

function refusal(status: number, message: string): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ statusCode: status, message }),
  };
}

function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return `http://${isIP(address) === 6 ? `[${address}]` : address}:${port}/`;
}
