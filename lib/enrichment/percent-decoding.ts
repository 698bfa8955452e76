const ENCODED_BYTES = /(?:%[0-9a-f]{2})+/gi;

/** Undoes percent-encoding. Broken sequences stay as they are, broken UTF-8 becomes U+FFFD. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(ENCODED_BYTES, (bytes) =>
      Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'),
    );
  }
}

/** Undoes the encoding of a query's names and values, where `+` is a space. */
export function formDecode(text: string): string {
  return percentDecode(text.includes('+') ? text.replaceAll('+', ' ') : text);
}
