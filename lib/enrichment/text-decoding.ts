import { isUtf8 } from 'node:buffer';

const BROKEN = /%(?![0-9a-f]{2})/i;
const ENCODED_BYTES = /(?:%[0-9a-f]{2})+/gi;

/** Undoes percent-encoding. Broken sequences stay as they are, broken UTF-8 becomes U+FFFD. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  // An exception costs more than all the rest, and a hostile path can ask for thousands of them.
  if (BROKEN.test(text)) return decodeBytes(text);
  try {
    return decodeURIComponent(text);
  } catch {
    return decodeBytes(text);
  }
}

function decodeBytes(text: string): string {
  return text.replace(ENCODED_BYTES, (bytes) =>
    Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}

/** Undoes the encoding of a query's names and values, where `+` is a space. */
export function formDecode(text: string): string {
  return percentDecode(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

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
