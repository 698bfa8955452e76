/** Whether a request asks not to be tracked, by `DNT: 1` or `Sec-GPC: 1`. */
export function asksNotToBeTracked(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): boolean {
  return headers['sec-gpc'] === '1' || headers.dnt === '1';
}
