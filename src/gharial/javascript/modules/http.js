// The module `k6/http`. Scripts that want a cookie jar alone do not load the requests.
const gharial = globalThis[Symbol.for('gharial')];
const { host } = gharial;
const OWN = {};

class CookieJar {
  #jar;

  constructor(own) {
    this.#jar = own === OWN ? null : host.jarMake();
  }

  set(url, name, value, options = null) {
    const problem = host.jarSet(this.#jar, String(url), String(name), String(value), options);
    if (problem !== null) throw new Error(problem);
  }

  cookiesForURL(url) {
    return host.jarCookies(this.#jar, String(url));
  }

  delete(url, name) {
    host.jarDelete(this.#jar, String(url), String(name));
  }

  clear(url) {
    host.jarClear(this.#jar, String(url));
  }

  static {
    gharial.jarOf = (value) => (typeof value === 'object' && value !== null && #jar in value
      ? value.#jar : null);
  }
}

const own = new CookieJar(OWN);

const Made = gharial.callable?.(CookieJar) ?? CookieJar;
export { Made as CookieJar };

export function cookieJar() {
  return own;
}

const client = () => {
  gharial.load('http_client');
  return gharial.http;
};

export function request(method, url, body, params) {
  return client().request(method, url, body, params);
}

export function get(url, ...rest) {
  return client().request('GET', url, null, rest[rest.length > 1 ? 1 : 0]);
}

export function head(url, ...rest) {
  return client().request('HEAD', url, null, rest[rest.length > 1 ? 1 : 0]);
}

export function post(url, body, params) {
  return client().request('POST', url, body, params);
}

export function put(url, body, params) {
  return client().request('PUT', url, body, params);
}

export function patch(url, body, params) {
  return client().request('PATCH', url, body, params);
}

export function del(url, body, params) {
  return client().request('DELETE', url, body, params);
}

export function options(url, body, params) {
  return client().request('OPTIONS', url, body, params);
}

export async function asyncRequest(method, url, body, params) {
  return client().asyncRequest(method, url, body, params);
}

export function batch(requests) {
  return client().batch(requests);
}

export function file(data, filename, contentType) {
  return client().file(data, filename, contentType);
}

export function url(parts, ...values) {
  return client().url(parts, ...values);
}

export function expectedStatuses(...statuses) {
  return client().expectedStatuses(...statuses);
}

export function setResponseCallback(callback) {
  client().setResponseCallback(callback);
}

export const TLS_1_0 = 'tls1.0';
export const TLS_1_1 = 'tls1.1';
export const TLS_1_2 = 'tls1.2';
export const TLS_1_3 = 'tls1.3';

export default {
  CookieJar: Made,
  cookieJar,
  request,
  get,
  head,
  post,
  put,
  patch,
  del,
  options,
  asyncRequest,
  batch,
  file,
  url,
  expectedStatuses,
  setResponseCallback,
  TLS_1_0,
  TLS_1_1,
  TLS_1_2,
  TLS_1_3,
};
