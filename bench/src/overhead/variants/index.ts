/** Every variant, in the order in which they are loaded in a round. */
export const VARIANT_NAMES = [
  'bare',
  'bare-again',
  'noop',
  'ours-nowhere',
  'ours-prometheus',
  'ours-sqlite',
  'ours-default',
  'ours-journal',
  'raw-sqlite',
  'prom-client',
  'nestjs-pino',
  'swagger-stats',
  'apitally',
  'repository-save',
  'before-nowhere',
  'before-nowhere-again',
  'before-sqlite',
] as const;

/** Those that need `--before`. */
export const isBefore = (name: VariantName) => name.startsWith('before-');

export type VariantName = (typeof VARIANT_NAMES)[number];
