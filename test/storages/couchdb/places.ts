/** Asks a server of CouchDB. */
export async function couch(url: string, method: string, path: string, body?: unknown) {
  const { username, password, href } = Object.assign(new URL(path, url));
  const address = new URL(href);
  address.username = address.password = '';
  const response = await fetch(address, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(username && { authorization: `Basic ${btoa(`${username}:${password}`)}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, unknown>;
}
