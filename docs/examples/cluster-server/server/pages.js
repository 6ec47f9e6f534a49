/**
 * Rendered pages for all workers: whichever is asked first renders, the others wait for it.
 *
 * When the worker that renders is killed, one of those that wait takes its place. Each rendering
 * is written down in the ledger, where the auditor finds who rendered what, and when.
 */

const { setTimeout: pause } = require('node:timers/promises');
const { nowMs } = require('../clock');
const { LIMITS } = require('../limits');

const PARAGRAPHS = 60;

class Pages {
  #pages;
  #ledger;

  constructor(pages, ledger) {
    this.#pages = pages;
    this.#ledger = ledger;
  }

  /** The page, at most `freshMs` old. */
  async get(page) {
    let run = 0;
    const render = async () => {
      run = this.#ledger.increment(runsKey(page));
      return this.#render(page, run);
    };
    const html = await this.#pages.getOrSet(page, render, { ttl: LIMITS.freshMs });
    // It was rendered here, and by now it is stored.
    if (run !== 0) this.#note(page, run, { storedMs: nowMs() });
    return html;
  }

  /** What is expensive about a page: a slow database. */
  async #render(page, run) {
    this.#note(page, run, { worker: process.pid, beganMs: nowMs() });
    await pause(LIMITS.renderMs);
    const html = textOf(page, run);
    this.#note(page, run, { renderedMs: nowMs() });
    return html;
  }

  #note(page, run, facts) {
    this.#ledger.update(runKey(page, run), (known) => ({ ...known, ...facts }));
  }
}

/** The text of a page: whoever knows its number and that of its rendering can check it all. */
function textOf(page, run) {
  const paragraph = `<p>${page}, as rendered the ${run}th time</p>\n`;
  return `<h1 data-run="${run}">${page}</h1>\n${paragraph.repeat(PARAGRAPHS)}`;
}

/** The number of the rendering that a text is from; 0 when it is no page. */
function runOf(html) {
  return Number(/data-run="(\d+)"/.exec(html)?.[1] ?? 0);
}

/** The names of all pages. */
function pageNames() {
  return Array.from({ length: LIMITS.pages }, (_, number) => `page-${number}`);
}

/**
 * What the ledger says about the renderings of a page, the first one first. A worker that is
 * killed leaves a rendering without its end, or an empty one.
 */
function runsOf(ledger, page) {
  const count = ledger.get(runsKey(page)) ?? 0;
  return Array.from({ length: count }, (_, index) => ledger.get(runKey(page, index + 1)) ?? {});
}

function runsKey(page) {
  return `runs of ${page}`;
}

function runKey(page, run) {
  return `run ${run} of ${page}`;
}

module.exports = { Pages, pageNames, runOf, runsOf, textOf };
