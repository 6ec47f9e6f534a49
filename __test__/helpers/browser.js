/**
 * Asks a server over HTTP, and keeps cookies as a browser does.
 *
 * Must not know what a cookie means. Invariant: what was removed is not sent again, and nothing is
 * sent outside its path.
 */

class Browser {
  #origin;
  /** By name and path. @type {Map<string, { pair: string, path: string }>} */
  #cookies = new Map();

  /** @param {string} origin */
  constructor(origin) {
    this.#origin = origin;
  }

  /** Keeps a cookie as it stands. */
  plant(pair, path = '/') {
    this.#cookies.set(`${pair.split('=')[0]} ${path}`, { pair, path });
  }

  /** The cookies that would be sent to a path. */
  cookiesFor(path) {
    const sent = [...this.#cookies.values()].filter((it) => path.startsWith(it.path));
    return sent.map(({ pair }) => pair).join('; ');
  }

  /** @returns {Promise<{ status: number, body: any, setCookies: string[] }>} */
  async get(path) {
    const cookie = this.cookiesFor(path);
    const headers = { connection: 'close', ...(cookie === '' ? {} : { cookie }) };
    const response = await fetch(this.#origin + path, { headers });
    const setCookies = response.headers.getSetCookie();
    for (const line of setCookies) this.#keep(line, path);
    return { status: response.status, body: await response.json(), setCookies };
  }

  #keep(line, requestPath) {
    const [pair, ...attributes] = line.split('; ');
    const said = Object.fromEntries(attributes.map((it) => it.toLowerCase().split('=')));
    const path = said.path ?? (requestPath.replace(/\/[^/]*$/, '') || '/');
    const isGone = said['max-age'] !== undefined && Number(said['max-age']) <= 0;
    if (isGone) this.#cookies.delete(`${pair.split('=')[0]} ${path}`);
    else this.plant(pair, path);
  }
}

module.exports = { Browser };
