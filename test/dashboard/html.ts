/** The exact figures in a part of the page, in their order. */
export function figures(html: string): (number | null)[] {
  const found = html.matchAll(/<data value="([^"]*)"|<span class="muted">–</g);
  return [...found].map(([, value]) => (value === undefined ? null : Number(value)));
}

/** One panel of a page. */
export function panel(html: string, name: string): string {
  const [, rest] = html.split(`data-panel="${name}"`);
  if (rest === undefined) throw new Error(`there is no panel ${name}`);
  return rest.split('data-panel="')[0]!;
}

/** One tile of a page. */
export function tile(html: string, name: string): string {
  return panel(html, 'tiles').split(`data-tile="${name}"`)[1]!.split('data-tile')[0]!;
}
