/**
 * A visitor with several tabs, all of which change its one session at the same time.
 *
 * It must not know which worker answers. It holds every answer to what it expects.
 */

const { ExpectedSession } = require('./expected-session');

const TABS = ['left', 'middle', 'right'];
const STEPS_OF_A_ROUND = 8;
const LOG_OUT = 0.08;
const THEMES = ['light', 'dark', 'sepia', 'blue'];

class Shopper {
  /** @type {ExpectedSession | undefined} */
  #session;

  constructor(name, { connection, reader, random, tally }) {
    this.name = name;
    this.connection = connection;
    this.reader = reader;
    this.random = random;
    this.tally = tally;
  }

  /** Logs in if need be, looks around in all tabs, and sometimes logs out. */
  async round() {
    if (this.#session === undefined) await this.#logIn();
    const session = this.#session;
    if (session === undefined) return;
    await Promise.all(TABS.map((tab) => this.#browse(session, tab)));
    await this.#look(session);
    if (this.random() < LOG_OUT) await this.#logOut(session);
  }

  /** Says which session has to be there in the end. */
  leave() {
    if (this.#session !== undefined) this.tally.sessions.push(this.#session.claim());
  }

  async #logIn() {
    const answer = await this.connection.ask('POST', `/login?user=${this.name}`);
    if (answer.isCut) this.tally.doubtful += 1;
    else if (this.#expect(answer, 200)) {
      this.#session = new ExpectedSession(this.name, answer.cookie, TABS, this.tally);
    }
  }

  async #browse(session, tab) {
    for (let step = 0; step < STEPS_OF_A_ROUND; step += 1) {
      const what = this.random();
      if (what < 0.6) await this.#visit(session, tab);
      else if (what < 0.8) await this.reader.read(this.random);
      else if (what < 0.96) await this.#look(session, tab);
      else if (what < 0.97) await this.#order();
      else if (tab === TABS[0]) await this.#setTheme(session);
    }
  }

  async #visit(session, tab) {
    const { known } = session;
    session.begin(tab);
    const answer = await this.#ask(session, 'POST', `/visit?tab=${tab}`);
    if (answer.isCut) return;
    if (this.#expect(answer, 200)) session.checkVisit(answer.body, known, tab);
  }

  /** @param {string} [tab] that looks, while others change something; none after a round */
  async #look(session, tab) {
    const { known } = session;
    const answer = await this.#ask(session, 'GET', '/me');
    if (answer.isCut || !this.#expect(answer, 200)) return;
    session.check(answer.body, known);
    if (tab === undefined) session.checkTheme(answer.body);
  }

  async #setTheme(session) {
    const theme = THEMES[Math.floor(this.random() * THEMES.length)];
    session.beginTheme(theme);
    const answer = await this.#ask(session, 'PUT', `/theme?theme=${theme}`);
    if (answer.isCut || this.#expect(answer, 204)) session.settleTheme(theme, answer);
  }

  async #order() {
    const answer = await this.connection.ask('POST', '/order');
    if (answer.isCut) this.tally.cutOrders += 1;
    else if (this.#expect(answer, 200)) this.tally.orders.push(answer.body.number);
  }

  /** After a log-out, the cookie opens nothing any more, at no worker. */
  async #logOut(session) {
    this.#session = undefined;
    const answer = await this.#ask(session, 'POST', '/logout');
    if (answer.isCut) {
      this.tally.doubtful += 1;
      return;
    }
    if (!this.#expect(answer, 204)) return;
    const later = await this.#ask(session, 'GET', '/me');
    if (!later.isCut) this.#expect(later, 401);
  }

  #ask(session, method, path) {
    return this.connection.ask(method, path, { cookie: session.cookie });
  }

  #expect({ status, body }, expected) {
    this.tally.check(status === expected, () => {
      return `${this.name}: ${status}, not ${expected}: ${JSON.stringify(body)}`;
    });
    return status === expected;
  }
}

module.exports = { Shopper };
