import { isUtf8 } from 'node:buffer';

/** What Node makes of bytes beyond ASCII: one character for each byte. */
const HAS_BYTES = /[\x80-\xff]/;
const HAS_OTHERS = /[\u0100-\uffff]/;

/**
 * The text of a header. Node reads headers as Latin-1; where the bytes are valid UTF-8, they are
 * taken for that.
 */
export function headerText(header: string): string {
  if (!HAS_BYTES.test(header) || HAS_OTHERS.test(header)) return header;
  const bytes = Buffer.from(header, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : header;
}
