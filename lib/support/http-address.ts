/** Whether an option is the address of a server that speaks HTTP. */
export function isHttpAddress(url: unknown): url is string {
  return typeof url === 'string' && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

/** What a message shows of an address that is refused: an unparsable one may hold a password anywhere. */
export function shownAddress(url: unknown): unknown {
  if (typeof url !== 'string' || url === '') return url;
  return URL.canParse(url)
    ? `one that begins with ${new URL(url).protocol}`
    : 'text that is not a URL';
}
