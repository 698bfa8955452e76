/** A request as it goes over the wire, asking for the connection to be closed afterwards. */
export function requestText(
  line: string,
  headers: Record<string, string | string[]> = {},
  body?: string | Buffer,
): Buffer {
  const all: Record<string, string | string[]> = { host: 'shop.example', connection: 'close' };
  if (body !== undefined) all['content-length'] = String(Buffer.byteLength(body));
  for (const [name, value] of Object.entries(headers)) all[name.toLowerCase()] = value;
  const lines = Object.entries(all).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}: ${value}\r\n`),
  );
  const head = Buffer.from(`${line} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
  return body === undefined ? head : Buffer.concat([head, Buffer.from(body)]);
}

/** What a client got in one response. */
export interface ReceivedResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** Bytes of the payload, without the framing of chunks. */
  readonly payload: Buffer;
}

/** Reads the first response in `bytes`; what an early end left unfinished counts as it is. */
export function readResponse(bytes: Buffer): ReceivedResponse | null {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const [statusLine = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const rest = bytes.subarray(headEnd + 4);
  return {
    status: Number(statusLine.split(' ')[1]),
    headers,
    payload: headers['transfer-encoding'] === 'chunked' ? joinChunks(rest) : rest,
  };
}

function joinChunks(bytes: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) break;
    const size = parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16);
    if (!size) break;
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(chunks);
}

/** The bytes without what may differ between two answers to the same request: the clock. */
export function withoutDate(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/^date: .*\r\n/gim, '');
}
