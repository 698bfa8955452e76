/** Every variant, in the order in which they are loaded in a round. */
export const VARIANT_NAMES = [
  'bare',
  'bare-again',
  'noop',
  'ours-nowhere',
  'ours-sqlite',
  'raw-sqlite',
  'prom-client',
  'nestjs-pino',
  'swagger-stats',
  'apitally',
  'repository-save',
] as const;

export type VariantName = (typeof VARIANT_NAMES)[number];
