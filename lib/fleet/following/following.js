/**
 * Links to all masters of a store, on which they say what changes.
 *
 * Knows no listener and no trust. Invariant: all of them stand, or what is followed is over; who
 * has begun to follow is told of everything from then on, until it is told that it is over.
 */
'use strict';

const { createHash } = require('node:crypto');
const { Link } = require('./link.js');
const { Standing, fieldsOf, routeOf } = require('./routes.js');

/** @typedef {import('../connection/address.js').Place} Place */
/** @typedef {import('./routes.js').Route} Route */
/**
 * @typedef {object} FollowingOptions
 * @property {number} silentMs how long a server may say nothing that is asked
 * @property {'utf8' | 'latin1'} [encoding]
 * @property {(parts: unknown[]) => void} hear
 * @property {(reason: Error) => void} over told once, unless it was closed
 */

const TRACKED = '0';
const UNTRACKED = '1';
/** Of a name of a run: 64 bits. */
const RUN_UNITS = 16;

/** Finds the masters again and again, by what it has learned of them before. */
class Followed {
  #route;
  /** @type {Place} */
  #place;
  #silentMs;

  /**
   * @param {Place} place
   * @param {number} silentMs
   */
  constructor(place, silentMs) {
    this.#place = place;
    this.#silentMs = silentMs;
    this.#route = routeOf(place, silentMs);
  }

  /** @param {Omit<FollowingOptions, 'silentMs'>} how */
  begin(how) {
    return new Following(this.#route, { ...how, silentMs: this.#silentMs });
  }

  /**
   * Whether what was taken for the only server says that it is one of a cluster: from now on all of
   * its masters are found.
   *
   * @param {Map<unknown, unknown>[]} greetings
   */
  isOneOfMany([greeting]) {
    if (this.#place.kind !== 'server' || greeting?.get('mode') !== 'cluster') return false;
    this.#route.close();
    this.#place = { ...this.#place, kind: 'cluster' };
    this.#route = routeOf(this.#place, this.#silentMs);
    return true;
  }

  close() {
    this.#route.close();
  }
}

class Following {
  /** @type {InstanceType<typeof Link>[]} */
  links = [];
  #route;
  #how;
  #isOver = false;
  /** Whether the links hold the process; as they begin, where nobody says. */
  #isHeld = true;

  /**
   * @param {Route} route
   * @param {FollowingOptions} how
   */
  constructor(route, how) {
    this.#route = route;
    this.#how = how;
  }

  get isOver() {
    return this.#isOver;
  }

  /**
   * Comes when all masters have done all of this; gives what they said of themselves.
   *
   * @param {string[][]} commands
   * @returns {Promise<Map<unknown, unknown>[]>}
   */
  async open(commands) {
    const { silentMs, encoding, hear } = this.#how;
    const addresses = await this.#route.find();
    if (this.#isOver) throw new Error('it is not wanted any more');
    const over = (/** @type {Error} */ reason) => this.#end(reason);
    this.links = addresses.map((address) => {
      return new Link(address, { silentMs, encoding, hear, over });
    });
    this.hold(this.#isHeld);
    const greetings = await Promise.all(this.links.map((link) => link.greet()));
    await Promise.all(commands.map((words) => this.askAll(words)));
    return greetings.map(fieldsOf);
  }

  /**
   * What each of the masters answers.
   *
   * @param {string[]} words
   */
  askAll(words) {
    return Promise.all(this.links.map((link) => link.ask(words)));
  }

  /**
   * Whether they still are all masters, as of the moment when this was asked.
   *
   * @returns {ReturnType<Route['confirm']>}
   */
  async confirm() {
    const answer = await this.#route.confirm(this.links);
    return this.#isOver ? { stand: Standing.OVER, isMoved: false } : answer;
  }

  /**
   * What names the masters as they run now: another of them, or one started anew, changes it.
   *
   * @param {boolean} [isTracking] whether they tell what changes
   */
  async identity(isTracking = true) {
    const told = await this.askAll(['INFO', 'server']);
    const runs = told.map((text) => {
      const [, run] = /^run_id:(\w+)/m.exec(String(text)) ?? [];
      if (run === undefined) throw new Error('a server does not say which run it is');
      return run;
    });
    const hash = createHash('sha1').update(runs.sort().join()).digest('hex');
    // The last digit says whether they tell what changes.
    return hash.slice(0, RUN_UNITS - 1) + (isTracking ? TRACKED : UNTRACKED);
  }

  /** @param {boolean} isHeld whether the links keep the process */
  hold(isHeld) {
    this.#isHeld = isHeld;
    this.#route.hold(isHeld);
    for (const link of this.links) link.hold(isHeld);
  }

  close() {
    this.#how = { ...this.#how, over: () => {} };
    this.#end(new Error('it is not wanted any more'));
  }

  /** @param {Error} reason */
  #end(reason) {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const link of this.links) link.close();
    this.#how.over(reason);
  }
}

/**
 * Whether the masters of a run tell what changes.
 *
 * @param {string} run
 */
function isTracked(run) {
  return run.endsWith(TRACKED);
}

module.exports = { Followed, isTracked };
