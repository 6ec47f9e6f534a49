/**
 * Where a listener tells what it hears: words of a process, or a store that processes share.
 *
 * Knows no connection. Invariant: what is told to be heard up to a moment was made void before.
 */
'use strict';

const { Mirror } = require('../../shared/near/mirror.js');
const { Names } = require('../server/names.js');
const { Words, moment } = require('./words.js');

/**
 * @template M a moment
 * @typedef {object} Board
 * @property {() => boolean} lead whether this thread is the one to listen
 * @property {() => void} yieldLead lets others try who share the board
 * @property {() => M} now
 * @property {() => void} begin nothing that was read before is right; nothing is trusted yet
 * @property {(run: string, news: News) => void} follow says by which run of the masters answers
 *   are known
 * @property {() => { run: string, news: News } | undefined} said what others who lead have said
 * @property {(name: string) => void} change
 * @property {(name: string) => void} changeMark of the version of a tag or a namespace
 * @property {() => void} changeAll
 * @property {(moment: M) => boolean} trust what was heard up to a moment; `false`: begin anew
 * @property {(lag: Lag) => void} tellLag
 * @property {() => void} distrust
 * @property {() => void} close
 */
/** @typedef {import('./lags.js').Lag} Lag */

/** @typedef {import('./words.js').Moment} Moment */
/** When all copies were made void, and other masters were found; 0 for never. */
/** @typedef {{ flush: number, failover: number }} News */

/** @implements {Board<Moment>} */
class ProcessBoard {
  #words;
  #boundMs;

  /**
   * @param {SharedArrayBuffer} memory
   * @param {number} boundMs
   */
  constructor(memory, boundMs) {
    this.#words = new Words(memory);
    this.#boundMs = boundMs;
  }

  lead() {
    return true;
  }

  yieldLead() {
    // Nobody else could.
  }

  now() {
    return moment();
  }

  begin() {
    this.#words.run = '';
    this.#words.changeAll();
  }

  /** @param {string} run */
  follow(run) {
    this.#words.run = run;
  }

  said() {
    return undefined;
  }

  /** @param {string} name */
  change(name) {
    this.#words.change(name);
  }

  /** @param {string} name */
  changeMark(name) {
    this.#words.changeMark(name);
  }

  changeAll() {
    this.#words.changeAll();
  }

  /** @param {Moment} moment */
  trust(moment) {
    this.#words.trust(moment, this.#boundMs);
    return true;
  }

  /** @param {Lag} lag */
  tellLag(lag) {
    this.#words.lag = lag;
  }

  distrust() {
    this.#words.distrust();
  }

  close() {
    this.#words.distrust();
  }
}

/** @implements {Board<number>} */
class MachineBoard {
  #mirror;
  #names;
  #term = 0;
  /** The last moment up to which all was heard. */
  #heard = 0;

  /**
   * @param {ConstructorParameters<typeof Mirror>[0]} how
   * @param {string} store
   */
  constructor(how, store) {
    this.#mirror = new Mirror(how);
    this.#names = new Names(store);
  }

  lead() {
    return this.#mirror.lead();
  }

  yieldLead() {
    this.#mirror.yieldLead();
  }

  now() {
    return Mirror.now();
  }

  begin() {
    this.#heard = 0;
    this.#term = this.#mirror.beginTerm();
    // Takes the name of the run away, too.
    this.#mirror.clear();
  }

  /**
   * @param {string} run
   * @param {News} news
   */
  follow(run, { flush, failover }) {
    this.#mirror.name(`${run} ${flush} ${failover}`, () => this.trust(this.#heard));
  }

  said() {
    const [run, flush, failover] = this.#mirror.named?.split(' ') ?? [];
    if (run === undefined) return undefined;
    return { run, news: { flush: Number(flush), failover: Number(failover) } };
  }

  /** @param {string} name */
  change(name) {
    const key = this.#names.keyOf(name);
    // Claims, fences and locks are read by nobody near.
    if (key !== undefined) this.#mirror.invalidate(key);
  }

  /** @param {string} name */
  changeMark(name) {
    // The count by which they rise is no mark itself.
    if (this.#names.isMark(name)) this.#mirror.invalidateTags([this.#names.markOf(name)]);
  }

  changeAll() {
    this.#mirror.clear();
  }

  /** @param {number} moment */
  trust(moment) {
    this.#heard = moment;
    return this.#mirror.sayHeard(this.#term, moment);
  }

  /** @param {Lag} lag */
  tellLag({ p50, p99 }) {
    this.#mirror.say(`${p50} ${p99}`);
  }

  distrust() {
    this.trust(0);
  }

  close() {
    this.distrust();
    this.#mirror.close();
  }
}

/**
 * @param {import('./near.js').Listening} listening
 * @returns {Board<any>}
 */
function boardOf({ words, mirror, store, maxStaleMs }) {
  if (mirror !== undefined) return new MachineBoard(mirror, store);
  return new ProcessBoard(/** @type {SharedArrayBuffer} */ (words), maxStaleMs);
}

module.exports = { boardOf };
