// The module `k6/http`, as far as sockets need it: cookie jars.
const gharial = globalThis[Symbol.for('gharial')];
const { host } = gharial;
const OWN = {};

export class CookieJar {
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

export function cookieJar() {
  return own;
}

export default { CookieJar, cookieJar };
