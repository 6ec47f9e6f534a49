/**
 * The thread that listens to servers for what has changed, apart from a busy event loop.
 *
 * Knows who is followed, and a board where it tells others. An answer proves that whatever was
 * acknowledged before the question was sent has been heard, for a server answers in order.
 * Invariant: trust is given only while all masters track, and only after older copies are void; who
 * cannot give any does not keep others from it.
 */
'use strict';

const { parentPort, workerData } = require('node:worker_threads');
const { Followed } = require('../following/following.js');
const { Refusal } = require('../following/reader.js');
const { Standing } = require('../following/routes.js');
const scripts = require('../server/scripts.js');
const { boardOf } = require('./boards.js');
const { Lags } = require('./lags.js');
const { Sleep } = require('./sleep.js');

/**
 * Waits before the next connection: the first, and the longest. Who has left the lead to others
 * waits longer than they do between two attempts.
 */
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 500;
/** Between two attempts to lead: so late it is seen that the one who led is dead. */
const LEAD_MS = 15;
/** Between two looks whether the board still says who is followed. */
const RUN_MS = 20;
/** Questions within the time that an answer is good for. */
const QUESTIONS = 4;
const LEAST_BEAT_MS = 1;
const MOST_BEAT_MS = 250;
/** Between two times at which it is told how long answers take. */
const LAG_MS = 1000;
/**
 * How long a server may owe an answer: twice the bound, within these. A line that is dead is to be
 * noticed long before a bound of minutes is over.
 */
const LEAST_SILENT_MS = 1000;
const MOST_SILENT_MS = 10_000;

/** @typedef {import('./near.js').Listening} Listening */

class Listener {
  #how;
  #board;
  #followed;
  #waitMs = FIRST_WAIT_MS;
  #lags = new Lags();
  #sleep = new Sleep();
  #lagToldMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  /** Whether anything was heard since it began to listen. */
  #isHeard = false;
  /** Of whoever led last. */
  #run = '';
  #news = { flush: 0, failover: 0 };
  /** The next attempt. @type {NodeJS.Timeout | undefined} */
  #next;
  /** @type {ReturnType<InstanceType<typeof Followed>['begin']> | undefined} */
  #following;

  /** @param {Listening} how */
  constructor(how) {
    this.#how = how;
    this.#board = boardOf(how);
    const silentMs = Math.min(Math.max(how.maxStaleMs * 2, LEAST_SILENT_MS), MOST_SILENT_MS);
    this.#followed = new Followed(how.servers, silentMs);
  }

  /** Listens once nobody else of those who share the board does. */
  lead() {
    if (this.#isClosed) return;
    attempt(() => this.#learn());
    if (this.#leads()) this.#listen();
    else this.#next = setTimeout(() => this.lead(), LEAD_MS);
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#next);
    this.#following?.close();
    this.#followed.close();
    this.#board.close();
  }

  #leads() {
    try {
      return this.#board.lead();
    } catch {
      // Others keep the board busy for a while.
      return false;
    }
  }

  /** Hears what whoever leads has said last. */
  #learn() {
    const said = this.#board.said();
    if (said === undefined) return;
    const isNew = this.#run === '';
    this.#run = said.run;
    const before = this.#news;
    this.#news = said.news;
    if (isNew) return;
    if (said.news.flush !== before.flush) parentPort?.postMessage('flush');
    if (said.news.failover !== before.failover) parentPort?.postMessage('failover');
  }

  /** @param {'flush' | 'failover'} what has happened */
  #happens(what) {
    this.#news = { ...this.#news, [what]: Date.now() };
    parentPort?.postMessage(what);
  }

  /**
   * Older copies are void now.
   *
   * @param {string} run of those that are followed
   */
  #begin(run) {
    this.#board.begin();
    if (this.#run !== '') this.#happens('flush');
    if (this.#run !== '' && this.#run !== run) this.#happens('failover');
    this.#run = run;
  }

  #flush() {
    this.#board.changeAll();
    this.#happens('flush');
  }

  /**
   * Follows all masters; gives the name of their run.
   *
   * @param {ReturnType<InstanceType<typeof Followed>['begin']>} following
   */
  async #open(following) {
    const { prefix, untracked } = this.#how;
    const masters = await following.open([]);
    if (this.#followed.isOneOfMany(masters)) throw new Error('there are others');
    let isTracking = true;
    try {
      await following.askAll(['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', prefix]);
    } catch (error) {
      if (!(error instanceof Refusal) || untracked === 'off') throw error;
      isTracking = false;
    }
    return following.identity(isTracking);
  }

  async #listen() {
    /** @type {NodeJS.Timeout[]} */
    const timers = [];
    const over = () => {
      for (const timer of timers) clearInterval(timer);
      following.close();
      if (this.#isClosed || this.#following !== following) return;
      this.#following = undefined;
      this.#board.distrust();
      // Others may be let in where this one is not: with another name, or another word.
      if (!this.#isHeard) attempt(() => this.#board.yieldLead());
      this.#next = setTimeout(() => this.lead(), this.#waitMs);
      this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    };
    const following = this.#followed.begin({ hear: (parts) => this.#hear(parts), over });
    this.#following = following;
    this.#isHeard = false;
    try {
      const { maxStaleMs } = this.#how;
      const run = await this.#open(following);
      await tell(following, run);
      if (following.isOver) return over();
      this.#begin(run);
      const restore = () => attempt(() => this.#board.follow(run, this.#news));
      const ask = () => this.#ask(following, run).catch(over);
      restore();
      timers.push(setInterval(restore, RUN_MS));
      const beatMs = Math.min(Math.max(maxStaleMs / QUESTIONS, LEAST_BEAT_MS), MOST_BEAT_MS);
      timers.push(setInterval(ask, beatMs));
      ask();
    } catch {
      over();
    }
  }

  /**
   * @param {ReturnType<InstanceType<typeof Followed>['begin']>} following
   * @param {string} run
   */
  async #ask(following, run) {
    const board = this.#board;
    const sent = board.now();
    const askedMs = performance.now();
    const { stand, isMoved } = await following.confirm();
    const heardMs = performance.now();
    if (following.isOver || stand === Standing.OVER) throw new Error('there are other masters');
    if (stand === Standing.UNSURE) return;
    // Deadlines of copies stood still meanwhile, and are late from now on.
    const hasSlept = this.#sleep.isOver();
    if (isMoved || hasSlept) this.#flush();
    if (!board.trust(sent)) throw new Error('somebody else leads');
    this.#isHeard = true;
    this.#waitMs = FIRST_WAIT_MS;
    this.#lags.add(heardMs - askedMs);
    if (heardMs - this.#lagToldMs >= LAG_MS) {
      this.#lagToldMs = heardMs;
      attempt(() => board.tellLag(this.#lags.figures));
    }
    const known = scripts.SEEING.map((script) => scripts.ofRun(script, run).hash);
    const are = await following.askAll(['SCRIPT', 'EXISTS', ...known]);
    if (are.flat().includes(0)) await tell(following, run);
  }

  /** @param {unknown[]} parts */
  #hear([kind, names]) {
    if (kind !== 'invalidate') return;
    if (!Array.isArray(names)) return this.#flush();
    const { marks } = this.#how;
    for (const given of names) {
      const name = String(given);
      if (name.startsWith(marks)) this.#board.changeMark(name);
      else this.#board.change(name);
    }
  }
}

/**
 * Tells masters the scripts that none but they have.
 *
 * @param {ReturnType<InstanceType<typeof Followed>['begin']>} following
 * @param {string} run
 */
async function tell(following, run) {
  for (const script of scripts.SEEING) {
    await following.askAll(['SCRIPT', 'LOAD', scripts.ofRun(script, run).text]);
  }
}

/** @param {() => void} act what is done again later where it fails */
function attempt(act) {
  try {
    act();
  } catch {
    // Others keep the board busy for a while.
  }
}

const listener = new Listener(workerData);
// It keeps no process: the thread that reads ends it, or ends.
parentPort?.on('message', () => {
  listener.close();
  parentPort?.close();
});
parentPort?.unref();
listener.lead();
