// The curl command that does the same as an action of the page.

/** Return a text quoted for a POSIX shell, if it needs quotes. */
export function shellQuote(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${String(text).replaceAll("'", `'"'"'`)}'`;
}

/**
 * Return the curl command of a request to the admin API, on one line. It names the variable of the admin
 * token, never the token.
 *
 * request: as `Api.send` takes it.
 */
export function curl(api, request) {
  const { method, body } = request;
  const url = api.url(request);
  const words = ["curl", "-s"];
  if (method !== "GET" && !(method === "POST" && body !== undefined)) words.push("-X", method);
  words.push(shellQuote(url.href));
  if (api.needsToken) words.push("-H", '"Authorization: Bearer $FAKE_NOVA_ADMIN_TOKEN"');
  if (body !== undefined) words.push("-d", shellQuote(JSON.stringify(body)));
  return words.join(" ");
}
