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
