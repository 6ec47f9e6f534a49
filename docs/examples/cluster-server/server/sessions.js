/**
 * Sessions that all workers share: a `Session` over a `SharedStore`.
 *
 * A log-in at one worker is known to the others when the answer is on its way. The data of a
 * session agree with each other at every moment, so that anybody can see that none is torn.
 */

const { Session } = require('shared-memory-store/session');
const { LIMITS } = require('../limits');

/** The trail grows and shrinks with the visits: sessions change their size all the time. */
const LONGEST_TRAIL = 100;

class Sessions {
  #store;
  #session;

  constructor(store) {
    this.#store = store;
    this.#session = new Session({
      store,
      cookieName: 'sid',
      ttl: LIMITS.sessionMs,
      rolling: true,
    });
  }

  /** Starts a session; its id goes to the visitor in a cookie. */
  async logIn(response, user) {
    const data = { user, theme: 'light', visits: {}, total: 0, trail: trailOf(0) };
    this.#session.setCookie(response, await this.#session.create(data));
    return data;
  }

  /** The session of a request, which now lives for another `ttl`; `undefined` for none. */
  find(request) {
    return this.#session.fromRequest(request);
  }

  /**
   * Counts a visit of one tab. Other tabs count theirs at other workers at the same time:
   * `update` sees to it that each change is made to what the one before has left.
   */
  visit(request, tab) {
    const id = this.#session.idFromRequest(request);
    if (id === undefined) return undefined;
    return this.#store.update(id, (data) => {
      if (data === undefined) return undefined;
      const visits = { ...data.visits, [tab]: (data.visits[tab] ?? 0) + 1 };
      const total = data.total + 1;
      return { ...data, visits, total, trail: trailOf(total) };
    });
  }

  /** Changes one field and leaves the others to those who change them meanwhile. */
  async setTheme(request, theme) {
    return this.#session.update(this.#session.idFromRequest(request), { theme });
  }

  async logOut(request, response) {
    const isKnown = (await this.find(request)) !== undefined;
    await this.#session.delete(this.#session.idFromRequest(request), response);
    return isKnown;
  }
}

/** Whether all parts of a session are of one moment. */
function isWhole({ visits, total, trail }) {
  const sum = Object.values(visits).reduce((all, count) => all + count, 0);
  return sum === total && trail === trailOf(total);
}

/** A text that says how many visits there were, over and over. */
function trailOf(total) {
  return `${total} `.repeat(1 + (total % LONGEST_TRAIL));
}

module.exports = { Sessions, isWhole };
