/**
 * Reads pages, and checks every letter: the text of a page follows from its name and rendering.
 *
 * A page never grows older: who was shown a rendering is shown no earlier one afterwards.
 */

const { pageNames, runOf, textOf } = require('../server/pages');

const PAGES = pageNames();

class Reader {
  /** The newest rendering of each page that was shown. */
  #newest = new Map(PAGES.map((page) => [page, 0]));

  constructor({ connection, tally }) {
    this.connection = connection;
    this.tally = tally;
  }

  /** Reads one page or other. */
  async read(random) {
    const page = PAGES[Math.floor(random() * PAGES.length)];
    const least = this.#newest.get(page);
    const { isCut, sentMs, status, body } = await this.connection.ask('GET', `/page?name=${page}`);
    if (isCut) return;
    const run = runOf(body);
    const isRight = status === 200 && body === textOf(page, run);
    this.tally.check(isRight, () => `${page}: ${status}, ${JSON.stringify(body)}`);
    this.tally.check(run >= least, () => `${page}: rendering ${run} after ${least}`);
    this.#newest.set(page, Math.max(this.#newest.get(page), run));
    this.#note(page, run, sentMs);
  }

  #note(page, run, sentMs) {
    const { served } = this.tally;
    served[page] ??= {};
    served[page][run] = Math.max(served[page][run] ?? 0, sentMs);
    this.tally.servings += 1;
  }
}

module.exports = { Reader };
