/**
 * The script and the style of the page, as texts. The build and the tests put in their place what
 * `scripts/build/browser-files.mjs` makes of the folder `browser`.
 */
export const script: string = '';
export const style: string = '';
