const IN_ADDRESS = /\b([a-z][a-z0-9+.-]*:\/\/)([^\s/?#@:]*):([^\s/?#@]*)@/gi;
/** Some drivers take it as a parameter. */
const IN_QUERY = /([?&](?:password|passwd|pwd|pass)=)([^&#\s]+)/gi;

/**
 * A message without the passwords of the addresses that the command line and the environment name,
 * whoever wrote them into it.
 */
export function withoutPasswords(
  message: string,
  given: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string {
  let shown = message.replace(IN_ADDRESS, '$1$2:***@').replace(IN_QUERY, '$1***');
  for (const text of [...given, env['TRACK_USAGE_STORAGE'] ?? ''])
    for (const password of passwordsOf(text)) shown = shown.replaceAll(password, '***');
  return shown;
}

/** The passwords in a text, as they are written and as they are meant. */
function passwordsOf(text: string): string[] {
  const written = [
    ...[...text.matchAll(IN_ADDRESS)].map(([, , , password]) => password ?? ''),
    ...[...text.matchAll(IN_QUERY)].map(([, , password]) => password ?? ''),
  ];
  // A short one stands in words by chance: it would tell more than it hides.
  return written
    .flatMap((password) => [password, decoded(password)])
    .filter((each) => each.length >= 4);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
