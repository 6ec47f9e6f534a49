/**
 * What the dashboard's page asks for: stores, one of them, its keys, a value; and what it may do.
 *
 * Invariant: nobody waits for another's answer for more than some milliseconds, however large a
 * store is: keys come in pages, and what lies in a store is sampled. A page that is read only
 * makes nobody take part in a store.
 */
'use strict';

const { setImmediate: nextTurn } = require('node:timers/promises');
const { SharedStore } = require('../../shared/shared-store.js');
const { StoreObserver } = require('../../shared/opening/observing/observer.js');
const { usageError } = require('../exit.js');
const { stateOf } = require('../liveness.js');
const { shown } = require('../output/shown.js');
const { follow } = require('./following.js');
const { lookAt } = require('./looking.js');
const { Looks } = require('./looks.js');

/** @typedef {ReturnType<typeof import('../targets.js').placeOf>} Place */
/** @typedef {import('./server.js').Question} Question */

const KEYS = 200;
/** What is shown of a value. */
const SHOWN = Object.freeze({ depth: 8, maxArrayLength: 200, maxStringLength: 20_000 });
/** Units of its text, more or less. */
const MOST_UNITS = 2 ** 18;
/** Bytes of a value that is shown at all. */
const MOST_BYTES = 2 ** 24;

/**
 * @param {Place} place
 * @param {boolean} isReadOnly whether the page may do nothing
 */
function dashboardOf(place, isReadOnly) {
  const looks = new Looks();

  function listed() {
    const all = SharedStore.list(place).filter(({ scope }) => scope === 'processes');
    looks.keep(new Set(all.map(({ file }) => file)));
    return all;
  }

  /** The file that is asked for: one that was listed. @param {Question} query */
  function fileOf(query) {
    const file = query.text('file');
    if (looks.has(file) || listed().some((one) => one.file === file)) return file;
    throw usageError('There is no such store any more');
  }

  /** @param {Question} query */
  function asked(query) {
    return looks.at(fileOf(query));
  }

  /** The store that is asked for, to take part in it. @param {Question} query */
  function opened(query) {
    const { name } = asked(query).stats();
    return new SharedStore({ name, scope: 'processes', ...place });
  }

  /**
   * Does something as a participant.
   *
   * @param {Question} query
   * @param {(space: any) => unknown} act
   */
  function changed(query, act) {
    const store = opened(query);
    try {
      const names = query.texts('namespace');
      return { done: act(names.reduce((/** @type {any} */ at, it) => at.namespace(it), store)) };
    } finally {
      store.close();
    }
  }

  /** @type {import('./server.js').Answers} */
  const actions = {
    remove: (query) => changed(query, (space) => space.delete(query.text('key'))),
    invalidate: (query) => changed(query, (space) => space.invalidateTag(query.text('tag'))),
  };
  /** @type {Record<string, import('./server.js').Stream>} */
  const following = {
    events: (query, tell, signal) =>
      follow(() => opened(query), query.text('prefix'), tell, signal),
  };
  const allowed = isReadOnly ? {} : { ...actions, ...following };

  function stores() {
    return listed().map((one) => ({ ...one, ...figures(one, looks) }));
  }

  /** @param {Question} query */
  function store(query) {
    const file = fileOf(query);
    const it = looks.at(file);
    return {
      identity: looks.identity(file),
      stats: it.stats(),
      participants: it.participants().map((one) => ({ ...one, state: stateOf(one) })),
      claims: it.claims().map((one) => ({ ...one, state: stateOf(one) })),
      ...looks.content(file),
    };
  }

  /** @type {import('./server.js').Stream} */
  const look = (query, tell, signal) => {
    const byFile = () => Object.fromEntries(stores().map((one) => [String(one.file), one]));
    lookAt(
      { stores: byFile, store: query.has('file') ? () => store(query) : undefined },
      tell,
      signal,
    );
  };

  const answers = {
    actions: () => Object.keys(allowed),
    stores,
    store,
    keys: async (/** @type {Question} */ query) => {
      const prefix = query.text('prefix');
      const meant = prefix === '' ? { everywhere: true } : { prefix };
      const found = [];
      for (const some of StoreObserver.entrySteps(asked(query), meant)) {
        found.push(...some);
        if (found.length >= KEYS) break;
        // Of a rare prefix the whole store has to be looked through.
        await nextTurn();
      }
      return found.slice(0, KEYS);
    },
    value: (/** @type {Question} */ query) => {
      const it = asked(query);
      const space = { namespace: query.texts('namespace') };
      const key = query.text('key');
      const entry = it.entry(key, space);
      if (entry === undefined) throw usageError('There is no such entry any more');
      // Whoever else looks at the page waits as long as it takes to decode one.
      if (entry.bytes > MOST_BYTES) return { ...entry, value: '(too large to be shown here)' };
      const { text, leftOut } = shown(it.get(key, space), SHOWN, MOST_UNITS);
      const note = leftOut === undefined ? '' : `\n(too long: ${leftOut} is left out)`;
      return { ...entry, value: text + note };
    },
  };
  return {
    answers,
    actions: isReadOnly ? {} : actions,
    streams: { look, ...(isReadOnly ? {} : following) },
  };
}

/**
 * @param {ReturnType<typeof SharedStore.list>[number]} listed
 * @param {InstanceType<typeof Looks>} looks
 */
function figures({ file, error }, looks) {
  const reason = (/** @type {any} */ { code, message }) => ({ error: { code, message } });
  if (error !== undefined) return reason(error);
  try {
    return { stats: looks.at(String(file)).stats() };
  } catch (failed) {
    return reason(failed);
  }
}

module.exports = { dashboardOf };
