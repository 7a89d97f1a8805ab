// Requests to the admin API. The admin token is in a header, kept for this tab, and never in a URL.

const TOKEN_KEY = "fake_nova.admin_token";
const SCOPE_KEY = "fake_nova.scope";

/** A response with an error, or no response. `status` is 0 without a response. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

/** The URL of the admin API, with a slash at the end; it is where the page is. */
export const ADMIN_URL = new URL("./", location.href.replace(/[?#].*$/, ""));

/** The URL of the server, with a slash at the end: other services are below it. */
export const SERVER_URL = new URL("../", ADMIN_URL);

/** The client of the admin API. `onUnauthorized` is called, and awaited, if the server wants a token. */
export class Api {
  constructor(onUnauthorized) {
    this.onUnauthorized = onUnauthorized;
    this.needsToken = Boolean(this.token);
  }

  get token() {
    return sessionStorage.getItem(TOKEN_KEY) ?? "";
  }

  set token(text) {
    if (text) sessionStorage.setItem(TOKEN_KEY, text);
    else sessionStorage.removeItem(TOKEN_KEY);
  }

  /** The project id of the scope that the page shows; "" for the shared cloud. */
  get scope() {
    return sessionStorage.getItem(SCOPE_KEY) ?? "";
  }

  set scope(id) {
    if (id) sessionStorage.setItem(SCOPE_KEY, id);
    else sessionStorage.removeItem(SCOPE_KEY);
  }

  /**
   * Return the URL of a request.
   *
   * request: {path, parameters, scoped}. `path` is below /_admin, without a slash at the start; its segments
   * are encoded by the caller (`segment`). `parameters` are name -> value; null and undefined are left out.
   * The scope is added, unless `scoped` is false.
   */
  url({ path, parameters, scoped = true }) {
    const url = new URL(path, ADMIN_URL);
    for (const [name, value] of Object.entries({ ...parameters, scope: (scoped && this.scope) || null })) {
      if (value !== null && value !== undefined) url.searchParams.set(name, value);
    }
    return url;
  }

  /** Return the JSON of a GET request. */
  get(path, parameters) {
    return this.send({ method: "GET", path, parameters });
  }

  /**
   * Send a request, and return the JSON of its response; null if it has no body.
   *
   * request: {method, path, parameters, body, scoped}; `body` is a value that becomes JSON.
   */
  async send(request) {
    const response = await this._fetch(request);
    const text = await response.text();
    const value = parse(text);
    if (response.ok) return value;
    throw new ApiError(response.status, errorMessage(response, value, text));
  }

  async _fetch(request) {
    const { method, body } = request;
    const token = this.token;
    const headers = { Accept: "application/json", "X-Fake-Nova-Page": "1" }; // which the access log leaves out
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const options = { method, headers, cache: "no-store", credentials: "omit", redirect: "error" };
    if (body !== undefined) options.body = JSON.stringify(body);
    let response;
    try {
      response = await fetch(this.url(request), options);
    } catch {
      throw new ApiError(0, "The server does not respond.");
    }
    if (response.status !== 401) return response;
    this.needsToken = true;
    if (this.token === token) await this.onUnauthorized(Boolean(token)); // else another request has a new one
    return this._fetch(request);
  }
}

/** Return a text as one segment of a path. */
export function segment(text) {
  return encodeURIComponent(text);
}

function parse(text) {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Return the message of an error in Nova's format, {"badRequest": {"code": 400, "message": "…"}}. */
function errorMessage(response, value, text) {
  const details = value && typeof value === "object" ? Object.values(value)[0] : null;
  return details?.message ?? (text.slice(0, 500) || `${response.status} ${response.statusText}`);
}
