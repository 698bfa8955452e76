// Which public symbols have no docstring: TypeDoc's warnings, but for what needs none of its own.
const NEEDS_NONE = [
  // Literal types within a documented member, and the schema that Mongoose derives.
  /\.__type\b/,
  // `name` and `options` of a storage are those of UsageStorage, `name` of an error is its class's.
  /(Storage|Error)\.(name|options)$/,
  // The used part of somebody else's class, which documents it.
  /\.(\w+Like|IoredisClient|NodeRedisClient|NanoServer|TypeOrmMongo\w+|PrometheusRegistry)\.\w+$/,
];

/** @param output What TypeDoc has printed. */
export function undocumented(output) {
  return output
    .split('\n')
    .flatMap(
      (line) =>
        line.match(/(\S+) \(\w+\), defined in .* does not have any documentation/)?.[1] ?? [],
    )
    .filter((name) => !NEEDS_NONE.some((pattern) => pattern.test(name)));
}
