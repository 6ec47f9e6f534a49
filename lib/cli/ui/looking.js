/**
 * Looks at all stores, and at one of them, for a page, and tells what has changed since then.
 *
 * Knows no request. Invariant: where nothing happens next to nothing is told, and who is slow is
 * told of how it is once he has caught up, not of all that was between.
 */
'use strict';

/** Between two looks; the second where the last one has found nothing new. */
const INTERVAL_MS = 2000;
const QUIET_INTERVAL_MS = 5000;
/** So often something is told at least: the page knows that it is heard, and charts go on. */
const REST_MS = 10_000;

/** @typedef {Readonly<Record<string, unknown>>} Parts by their names */
/** @typedef {{ changed: Parts, gone: string[] }} News */

/** What was told of something, part by part. */
class Told {
  /** As text, by the names of the parts. @type {Map<string, string>} */
  #told = new Map();

  /** What is new in it, which is told now. @param {Parts} parts @returns {News} */
  news(parts) {
    /** @type {Record<string, unknown>} */
    const changed = {};
    for (const [name, part] of Object.entries(parts)) {
      const text = JSON.stringify(part);
      if (this.#told.get(name) === text) continue;
      this.#told.set(name, text);
      changed[name] = part;
    }
    const gone = [...this.#told.keys()].filter((name) => !Object.hasOwn(parts, name));
    for (const name of gone) this.#told.delete(name);
    return { changed, gone };
  }
}

/**
 * Looks until the signal is aborted.
 *
 * @param {{ stores: () => Parts, store?: () => Parts }} looks `store`: at the one that is shown
 * @param {import('./server.js').Tell} tell
 * @param {AbortSignal} signal
 */
function lookAt({ stores, store }, tell, signal) {
  const [ofStores, ofStore] = [new Told(), new Told()];
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** When it was looked before this. @type {number | undefined} */
  let since;
  let toldAt = Number.NEGATIVE_INFINITY;
  /** Whether the look before has found something: this one says that it has ended. */
  let wasMoving = false;

  const look = async () => {
    const at = performance.now();
    const seen = { stores: newsOf(stores, ofStores), store: store && newsOf(store, ofStore) };
    const isMoving = hasNews(seen.stores) || hasNews(seen.store);
    if (isMoving || wasMoving || at - toldAt >= REST_MS) {
      toldAt = at;
      await tell('look', { at, since, ...seen });
    }
    [since, wasMoving] = [at, isMoving];
    if (!signal.aborted) timer = setTimeout(goOn, isMoving ? INTERVAL_MS : QUIET_INTERVAL_MS);
  };
  // Who was to be told has gone: there is nobody to look for.
  const goOn = () => look().catch(() => {});
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  goOn();
}

/**
 * @param {() => Parts} look
 * @param {Told} told
 */
function newsOf(look, told) {
  try {
    return told.news(look());
  } catch (error) {
    // All else that was told of it is over.
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    return told.news({ error: { code, message } });
  }
}

/** @param {News | undefined} news */
function hasNews(news) {
  return news !== undefined && Object.keys(news.changed).length + news.gone.length > 0;
}

module.exports = { lookAt };
