/**
 * One visitor of the demo: speaks HTTP, keeps its cookie, holds every answer to what it expects.
 */

const http = require('node:http');
const { setTimeout: wait } = require('node:timers/promises');
const { ExpectedSession, ExpectedWindow } = require('./expectations');

class Client {
  /** @type {ExpectedSession | undefined} */
  #session;
  #window;

  constructor(name, { port, agent, limits, tally, closing }) {
    this.name = name;
    this.limits = limits;
    this.tally = tally;
    this.closing = closing;
    this.connection = { host: '127.0.0.1', port, agent };
    this.#window = new ExpectedWindow(limits);
  }

  /** Logs in, unless refused by the rate limit. */
  async logIn() {
    const answer = await this.#ask('POST', '/login');
    if (answer.status === 429) return;
    this.tally.check(answer.status === 200 && answer.cookie, `log-in: ${answer.status}`);
    this.#session = new ExpectedSession(this.name, answer.cookie, answer, this.limits);
  }

  /** Looks at its profile; gives whether it still has a session. */
  async look() {
    const session = this.#session;
    const answer = await this.#ask('GET', '/profile', session?.id);
    if (answer.status === 429) return session !== undefined;
    if (session === undefined) {
      this.tally.check(answer.status === 401, `no session, but ${answer.status}`);
      return false;
    }
    if (!session.check(answer, this.tally)) this.#session = undefined;
    return this.#session !== undefined;
  }

  async logOut() {
    const session = this.#session;
    if (session === undefined) return;
    const answer = await this.#ask('POST', '/logout', session.id);
    if (answer.status === 429) return;
    session.checkLogOut(answer, this.tally);
    this.#session = undefined;
  }

  /** Looks with a cookie that the server never gave out. */
  async forge() {
    const answer = await this.#ask('GET', '/profile', '00000000-0000-4000-8000-000000000000');
    if (answer.status !== 429) this.tally.check(answer.status === 401, `forged: ${answer.status}`);
  }

  /** Loses its cookie; the session stays behind at the server, unasked for. */
  forget() {
    this.#session = undefined;
  }

  /** Does nothing for a while; throws when the demo closes meanwhile. */
  pause(ms) {
    return wait(ms, undefined, { signal: this.closing });
  }

  async #ask(method, path, id) {
    const answer = await this.#exchange(method, path, id);
    this.tally.count(answer.status);
    this.#window.check(answer, this.tally);
    return answer;
  }

  #exchange(method, path, id) {
    const headers = { 'x-client': this.name };
    if (id !== undefined) headers.cookie = `theme=dark; sid=${id}`;
    const sentAt = performance.now();
    return new Promise((resolve, reject) => {
      const request = http.request({ ...this.connection, method, path, headers }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            sentAt,
            receivedAt: performance.now(),
            status: response.statusCode,
            remaining: Number(response.headers['ratelimit-remaining']),
            cookie: /^sid=([^;]+)/.exec(response.headers['set-cookie']?.[0] ?? '')?.[1],
            body: text === '' ? undefined : JSON.parse(text),
          });
        });
      });
      request.on('error', reject);
      request.end();
    });
  }
}

module.exports = { Client };
