import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A geography service over a real socket, which answers as the test says. */
export class GeoServer {
  readonly asked: { url: string; headers: IncomingMessage['headers'] }[] = [];
  /** Connections that the client has closed before they were answered. */
  abandoned = 0;

  private constructor(readonly url: string) {}

  static async start(
    answer: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<GeoServer> {
    const server = createServer((request, response) => {
      geo.asked.push({ url: request.url ?? '', headers: request.headers });
      response.on('close', () => {
        if (!response.writableFinished) geo.abandoned++;
      });
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const geo = new GeoServer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return geo;
  }
}

/** Answers with JSON. */
export function json(body: unknown, status = 200) {
  return (_: unknown, response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
}
