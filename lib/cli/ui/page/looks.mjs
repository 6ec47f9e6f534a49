/**
 * Looks at the stores as the server tells of them: at all, and at one that is shown.
 *
 * Knows no element. Invariant: while nobody sees the page nobody looks, and what is put together
 * here of what has changed is what there is.
 */

/** Told of each look. @type {(seen: object) => void} */
let hear;
/** The store that is shown. @type {string | undefined} */
let file;
/** @type {EventSource | undefined} */
let source;

/** Begins to look; `tell` hears of each look, or why there is none. */
export function begin(tell) {
  hear = tell;
  document.addEventListener('visibilitychange', renew);
  renew();
}

/** Looks at another store from now on. */
export function lookAt(chosen) {
  file = chosen;
  renew();
}

function renew() {
  source?.close();
  source = document.hidden ? undefined : follow(file);
}

function follow(chosen) {
  const query = new URLSearchParams(chosen === undefined ? {} : { file: chosen });
  const events = new EventSource(`look?${query}`);
  const stores = new Map();
  const parts = new Map();
  // After a break it is told of everything anew.
  events.addEventListener('open', () => {
    stores.clear();
    parts.clear();
  });
  events.addEventListener('look', ({ data }) => {
    const { at, since, stores: ofStores, store } = JSON.parse(data);
    apply(stores, ofStores);
    if (store !== undefined) apply(parts, store);
    const shown = Object.fromEntries(parts);
    hear({ at, since, stores, file: chosen, store: chosen === undefined ? undefined : shown });
  });
  events.addEventListener('error', () => {
    const isOver = events.readyState === EventSource.CLOSED;
    hear({ failure: isOver ? 'The dashboard answers no more' : 'The dashboard does not answer' });
  });
  return events;
}

function apply(known, { changed, gone }) {
  for (const name of gone) known.delete(name);
  for (const [name, part] of Object.entries(changed)) known.set(name, part);
}
