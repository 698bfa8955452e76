import { isUtf8 } from 'node:buffer';

const BROKEN = /%(?![0-9a-f]{2})/i;
const ENCODED_BYTES = /(?:%[0-9a-f]{2})+/gi;

/** Decodes percent-encoding. Broken sequences stay; broken UTF-8 becomes U+FFFD. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  // An exception costs more than everything else, and a hostile path can cause thousands of them.
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

/** Decodes a name or value of a query, in which `+` is a space. */
export function formDecode(text: string): string {
  return percentDecode(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

/** Characters that Node creates for bytes beyond ASCII: one for each byte. */
const HAS_BYTES = /[\x80-\xff]/;
const HAS_OTHERS = /[\u0100-\uffff]/;

/**
 * The text of a header. Node decodes headers as Latin-1. If the bytes are valid UTF-8, they are
 * decoded as UTF-8 instead.
 */
export function headerText(header: string): string {
  if (!HAS_BYTES.test(header) || HAS_OTHERS.test(header)) return header;
  const bytes = Buffer.from(header, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : header;
}
