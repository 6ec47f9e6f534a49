/**
 * `getOrSet`: the value of an entry, or of the one load that makes it.
 *
 * Knows loads; what a scope does its own way (look, claim, store) it is handed. Invariant: a value
 * that was made goes to all who wait, whatever keeps it from being stored.
 */
'use strict';

const { factoryTimeout, storeClosed } = require('../errors/errors.js');
const { isPlain, keptTags, keyOf, pathsOf } = require('../keys/keyspace.js');
const { time } = require('../native/clock.js');
const { Load } = require('./load.js');
const { untilAborted } = require('./until-aborted.js');

/** What is not there. */
const NOTHING = Symbol('nothing');

/** @typedef {import('../arguments/load-options.js').LoadRequest} LoadRequest */
/** @typedef {InstanceType<typeof Load>} One a load */
/** @typedef {import('./load.js').Stale} Stale */
/** @typedef {{ readonly value: unknown, readonly stale: Stale | undefined }} Found */

/**
 * What a scope answers at once, or when it knows.
 *
 * @template T
 * @typedef {T | Promise<T>} Answer
 */

/**
 * What a scope does its own way.
 *
 * @typedef {object} LoadScope
 * @property {boolean} isOpen
 * @property {() => number} moment grows with each invalidation of a tag
 * @property {(tags: readonly string[], asOf: number) => boolean} isInvalidated whether one of these
 *   tags was invalidated after that moment
 * @property {import('./loads.js').Own} own as an object of one's own, where reads give those
 * @property {(load: One) => boolean} [isOvertaken] whether somebody else has written to the key
 *   since a load began that runs
 * @property {(string: string, mayRenew: boolean, request: LoadRequest) =>
 *   Answer<Found | undefined>} find counts as a read; says whether the entry is stale where that is
 *   asked
 * @property {(load: One) => Answer<boolean>} claim whether this load is to make the value, and no
 *   other thread, process or machine does
 * @property {(load: One) => Promise<unknown>} follow waits for whoever makes it: the value, or
 *   `NOTHING` when this load is to make it
 * @property {(load: One) => unknown} made what others have made before this load had its claim, or
 *   `NOTHING`
 * @property {(load: One, value: unknown) => (() => unknown) | undefined} prepare how a result is
 *   stored, if it is to be, which gives `false` where it was not; runs what runs the caller's code
 * @property {(string: string, stale: Stale) => unknown} drop removes what was to be renewed, if it
 *   is still there
 * @property {(string: string, freshMs: number, stale: Stale) => unknown} refresh lets a stale entry
 *   be fresh for so long once more
 */

class Loader {
  #loads;
  #scope;
  #tell;
  /** @type {import('./loads.js').Own} */
  #own = (value, isFirst) => this.#scope.own(value, isFirst);

  /**
   * @param {InstanceType<typeof import('./loads.js').Loads>} loads
   * @param {LoadScope} scope
   * @param {(error: unknown, string: string) => void} tell what nobody else is told
   */
  constructor(loads, scope, tell) {
    this.#loads = loads;
    this.#scope = scope;
    this.#tell = tell;
  }

  /**
   * @param {LoadRequest} request
   * @returns {Promise<unknown>}
   */
  load(request) {
    const found = this.#scope.find(request.string, request.how.staleMs > 0, request);
    if (!(found instanceof Promise)) return this.#answer(request, found);
    const { signal } = request.how;
    if (signal === undefined) return found.then((it) => this.#answer(request, it));
    const answered = async (/** @type {Found | undefined} */ it) => this.#answer(request, it);
    return untilAborted(found, signal, answered, () => found.catch(() => {}));
  }

  /**
   * @param {LoadRequest} request
   * @param {Found | undefined} found
   */
  #answer(request, found) {
    const { string } = request;
    request.looked?.(found !== undefined);
    if (found === undefined) return this.#wait(request);
    if (found.stale !== undefined) this.#loads.figures.staleServed += 1;
    // Nobody waits for a renewal, so nobody can give it up.
    if (found.stale !== undefined && this.#loads.of(string) === undefined) {
      this.#start(new Load(request, found.stale));
    }
    return Promise.resolve(found.value);
  }

  /** @param {LoadRequest} request */
  #wait(request) {
    return this.#loads.wait(this.#joined(request), request.how.signal, this.#own);
  }

  /** @param {LoadRequest} request */
  #joined(request) {
    const load = this.#loads.of(request.string);
    if (load === undefined || this.#isOutdated(load)) return this.#start(new Load(request));
    load.hurry(request);
    return load;
  }

  /**
   * Whether what a load comes to may be what has been invalidated since it began: whoever asks from
   * now on does not get that. Of tags that are computed nobody knows yet.
   *
   * @param {One} load
   */
  #isOutdated(load) {
    const { asOf, isRunning, request, string } = load;
    if (!isRunning) return false;
    if (this.#scope.isOvertaken?.(load)) return true;
    const { tags } = request.how;
    if (tags.length === 0 && typeof tags !== 'function' && isPlain(string)) return false;
    if (asOf === this.#scope.moment()) return false;
    if (typeof tags === 'function') return true;
    // A namespace that is cleared invalidates what is in it.
    const marks = [...pathsOf(string), ...keptTags(string, tags)];
    return this.#scope.isInvalidated(marks, asOf);
  }

  /** @param {One} load */
  #start(load) {
    return this.#loads.start(load, (it) => this.#lead(it));
  }

  /**
   * What a load comes to.
   *
   * @param {One} load
   */
  async #lead(load) {
    try {
      const claim = this.#scope.claim(load);
      if (!(claim instanceof Promise ? await claim : claim)) {
        // Others renew it.
        if (load.stale !== undefined) return load.stale.value;
        const made = await this.#scope.follow(load);
        if (made !== NOTHING) return made;
      }
      // All have given up meanwhile: nobody wants it made.
      if (load.isOver) return NOTHING;
      const made = this.#scope.made(load);
      if (made !== NOTHING) return made;
      const beganMs = time();
      const value = await this.#run(load);
      this.#loads.figures.loads += 1;
      this.#loads.figures.loadMs += time() - beganMs;
      // Time to store it is nobody's who made it.
      load.rest();
      const kept = this.#kept(load, value);
      // It counts until it is stored.
      return kept instanceof Promise ? await kept : kept;
    } catch (error) {
      if (!load.isOver) this.#fail(load, error);
      throw error;
    } finally {
      this.#loads.settle(load);
    }
  }

  /**
   * What the factory of a load gives, now or later.
   *
   * @param {One} load
   */
  #run(load) {
    load.asOf = this.#scope.moment();
    load.isRunning = true;
    const { factory, how } = load.request;
    const given = factory(keyOf(load.string), load.context);
    if (mayBeThenable(given)) load.limit(how.factoryTimeoutMs, () => this.#timeOut(load));
    return given;
  }

  /**
   * Stores what was made, if it can be, and gives it.
   *
   * @param {One} load
   * @param {unknown} value
   */
  #kept(load, value) {
    if (load.isOver) return value;
    const refuse = (/** @type {unknown} */ error) => {
      this.#note(error, load);
      unlessItFails(() => this.#drop(load));
      return value;
    };
    try {
      const stored = this.#store(load, value);
      // It is there before anybody is given it.
      return stored instanceof Promise ? stored.then(() => value, refuse) : value;
    } catch (error) {
      return refuse(error);
    }
  }

  /**
   * @param {One} load
   * @param {unknown} value
   */
  #store(load, value) {
    const write =
      value === undefined || load.isClosed ? undefined : this.#scope.prepare(load, value);
    // Both the factory and what prepares a write may have run the caller's code.
    if (load.isClosed) throw storeClosed('getOrSet');
    if (!this.#loads.isCurrent(load)) return undefined;
    if (write === undefined) return this.#drop(load);
    const written = write();
    const tell = (/** @type {unknown} */ isStored) => {
      if (isStored === false) return this.#drop(load);
      load.request.stored?.();
      return undefined;
    };
    return written instanceof Promise ? written.then(tell) : tell(written);
  }

  /**
   * Removes what was to be renewed, and is not to be there any more.
   *
   * @param {One} load
   */
  #drop(load) {
    const { stale, string } = load;
    if (stale === undefined || load.isClosed || !this.#loads.isCurrent(load)) return undefined;
    return this.#scope.drop(string, stale);
  }

  /** @param {One} load */
  #timeOut(load) {
    const { how } = load.request;
    const error = factoryTimeout(keyOf(load.string), how.factoryTimeoutMs);
    this.#fail(load, error);
    this.#loads.end(load, error);
  }

  /**
   * No value was made.
   *
   * @param {One} load
   * @param {unknown} error
   */
  #fail(load, error) {
    const { string, stale, request } = load;
    const { retryMs } = request.how;
    if (stale !== undefined && retryMs > 0 && this.#loads.isCurrent(load)) {
      unlessItFails(() => this.#scope.refresh(string, retryMs, stale));
    }
    // Who waits is told by his promise.
    if (isAwaited(load)) this.#count(load);
    else this.#note(error, load);
  }

  /**
   * @param {unknown} error
   * @param {One} load
   */
  #note(error, load) {
    this.#count(load);
    this.#tell(error, keyOf(load.string));
  }

  /** @param {One} load that failed, or could not be stored */
  #count({ request }) {
    this.#loads.figures.loadErrors += 1;
    request.failed?.();
  }
}

/**
 * Whether somebody waits for a load, or is about to: who began it does so once it has come back.
 *
 * @param {One} load
 */
function isAwaited({ waiting, isBegun, stale, request }) {
  return waiting > 0 || (!isBegun && stale === undefined && !request.how.signal?.aborted);
}

/**
 * Does what follows from an error: an error of its own is not told as well.
 *
 * @param {() => unknown} act
 */
function unlessItFails(act) {
  try {
    const done = act();
    if (done instanceof Promise) done.catch(() => {});
  } catch {
    // A store that cannot do this is damaged, and says so at the next call.
  }
}

/**
 * Whether a value may have a `then`. Only to look for it may run the caller's code.
 *
 * @param {unknown} value
 */
function mayBeThenable(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

module.exports = { Loader, NOTHING };
