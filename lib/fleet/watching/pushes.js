/**
 * Links on which servers say unasked what changes, and what is published.
 *
 * Made when somebody wants them, again after they were lost, and ended when nobody does. Knows no
 * listener and no value. Invariant: who is told that they stand is told of everything from then on,
 * until it is told that they were lost.
 */
'use strict';

const errors = require('../../errors/fleet-errors.js');
const { StoreError, storeClosed } = require('../../errors/errors.js');
const { startTimer, stopTimer } = require('../../native/timers.js');
const { Followed } = require('../following/following.js');
const { Refusal } = require('../following/reader.js');
const { Standing } = require('../following/routes.js');

/** Waits before the next links: the first, and the longest. */
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 2000;
/** So often it is asked whether they still lead to all masters. */
const BEAT_MS = 2000;
/** The changes, beside the channels, which have names. */
const TRACKING = Symbol('tracking');
const NOT_ALLOWED = /^(?:WRONGPASS|NOAUTH|NOPERM)/;

/** @typedef {import('../connection/address.js').Place} Place */
/** @typedef {ReturnType<InstanceType<typeof Followed>['begin']>} Following */
/**
 * @typedef {object} Hooks
 * @property {(kind: string, parts: any[]) => void} heard
 * @property {() => void} restored they stand again: something may have been missed
 * @property {() => void} moved keys lie at other masters: a change of some may have been missed
 */

class Pushes {
  #followed;
  #server;
  #prefix;
  #hooks;
  #database;
  #isTracking = false;
  /** @type {Set<string>} */
  #channels = new Set();
  /** What servers are asked for on links that stand. */
  /** @type {Map<string | symbol, Promise<unknown>>} */
  #asking = new Map();
  /** @type {Following | undefined} */
  #following;
  /** Comes when all links stand. @type {Promise<Following> | undefined} */
  #standing;
  #waitMs = FIRST_WAIT_MS;
  #wasUp = false;
  #keepers = 0;
  #isClosed = false;
  /** Of the next links, or the next question. @type {NodeJS.Timeout | undefined} */
  #timer;

  /**
   * @param {Place} place
   * @param {string} prefix of the names whose changes are wanted
   * @param {{ server: string, timeoutMs: number }} how
   * @param {Hooks} hooks
   */
  constructor(place, prefix, { server, timeoutMs }, hooks) {
    this.#followed = new Followed(place, timeoutMs);
    this.#database = place.login.database;
    this.#prefix = prefix;
    this.#server = server;
    this.#hooks = hooks;
  }

  /** Comes when changes are told. */
  track() {
    const isNew = !this.#isTracking;
    this.#isTracking = true;
    return this.#stand((following, isOld) => {
      return this.#asked(TRACKING, isNew && isOld && (() => following.askAll(this.#tracking)));
    });
  }

  /** @param {string} channel comes when its messages are told */
  subscribe(channel) {
    const isNew = !this.#channels.has(channel);
    this.#channels.add(channel);
    return this.#stand((following, isOld) => {
      return this.#asked(channel, isNew && isOld && (() => subscribed(following, [channel])));
    });
  }

  /**
   * Comes when servers have been asked for something, by whomever.
   *
   * @param {string | symbol} what
   * @param {false | (() => Promise<unknown>)} ask for what is new
   */
  async #asked(what, ask) {
    if (ask) this.#asking.set(what, ask());
    const asking = this.#asking.get(what);
    try {
      await asking;
    } finally {
      if (this.#asking.get(what) === asking) this.#asking.delete(what);
    }
  }

  /** @param {string} channel */
  unsubscribe(channel) {
    this.#channels.delete(channel);
    this.#following?.links[0]?.tell(['UNSUBSCRIBE', channel]);
    this.#rest();
  }

  untrack() {
    this.#isTracking = false;
    if (this.#channels.size > 0) {
      this.#following?.askAll(['CLIENT', 'TRACKING', 'OFF']).catch(() => {});
    }
    this.#rest();
  }

  /**
   * What the master of a key answers, whoever that is: others refuse it.
   *
   * @param {string[]} words
   */
  ask(words) {
    return this.#stand(async ({ links }) => {
      try {
        return await Promise.any(links.map((link) => link.ask(words)));
      } catch (error) {
        if (!isOnItsWay(error)) throw error;
        // The one that its slot goes to answers who says that he has been sent.
        return Promise.any(
          links.map((link) => {
            link.ask(['ASKING']).catch(() => {});
            return link.ask(words);
          }),
        );
      }
    });
  }

  /** @param {1 | -1} change of how many want the process to stay */
  keep(change) {
    this.#keepers += change;
    this.#following?.hold(this.#keepers > 0);
  }

  close() {
    this.#isClosed = true;
    this.#end();
    this.#followed.close();
  }

  get #tracking() {
    return ['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', this.#prefix];
  }

  get #isWanted() {
    return !this.#isClosed && (this.#isTracking || this.#channels.size > 0);
  }

  /** Nobody wants anything any more. */
  #rest() {
    if (!this.#isWanted) this.#end();
  }

  /**
   * What comes of this when all links stand.
   *
   * @template T
   * @param {(following: Following, isOld: boolean) => Promise<T>} act told whether they stood
   * @returns {Promise<T>}
   */
  async #stand(act) {
    if (this.#isClosed) throw storeClosed('watch');
    // Who waits for it holds the process.
    this.keep(1);
    try {
      const isOld = this.#standing !== undefined;
      this.#standing ??= this.#open();
      return await act(await this.#standing, isOld);
    } catch (error) {
      throw this.#told(/** @type {Error} */ (error));
    } finally {
      this.keep(-1);
    }
  }

  #open() {
    stopTimer(this.#timer);
    const select = this.#database === 0 ? [] : [['SELECT', String(this.#database)]];
    const commands = this.#isTracking ? [...select, this.#tracking] : select;
    // What is wanted from now on is asked for when all of them stand.
    const standing = this.#tellAll(this.#follow(), commands, [...this.#channels]);
    standing.then(
      (following) => {
        this.#waitMs = FIRST_WAIT_MS;
        if (this.#wasUp) this.#hooks.restored();
        this.#wasUp = true;
        this.#beat(following);
      },
      () => {
        if (this.#standing === standing) this.#lost(this.#following);
      },
    );
    return standing;
  }

  /** Begins to make links. */
  #follow() {
    const following = this.#followed.begin({
      encoding: 'latin1',
      hear: ([kind, ...parts]) => this.#hooks.heard(String(kind), parts),
      over: () => this.#lost(following),
    });
    this.#following = following;
    following.hold(this.#keepers > 0);
    return following;
  }

  /**
   * Connects, and tells all that is wanted; gives those links that all masters have heard it by.
   *
   * @param {Following} following
   * @param {string[][]} commands
   * @param {string[]} channels
   * @returns {Promise<Following>}
   */
  async #tellAll(following, commands, channels) {
    const greetings = await following.open(commands);
    if (following.isOver) throw new Error('it is not wanted any more');
    if (this.#followed.isOneOfMany(greetings)) {
      // Once: what is followed from now on is all of them.
      following.close();
      return this.#tellAll(this.#follow(), commands, channels);
    }
    await subscribed(following, channels);
    // What moves from now on is told; where keys lie by now is no news.
    await following.confirm();
    return following;
  }

  /** @param {Following} following */
  #beat(following) {
    stopTimer(this.#timer);
    this.#timer = startTimer(async () => {
      try {
        const { stand, isMoved } = await following.confirm();
        if (isMoved) this.#hooks.moved();
        if (stand !== Standing.OVER) return this.#beat(following);
      } catch {
        // It does not answer.
      }
      this.#lost(following);
    }, BEAT_MS);
  }

  /**
   * The links are lost; the next are made a little later, if they are wanted.
   *
   * @param {Following | undefined} following
   */
  #lost(following) {
    if (following !== this.#following) return following?.close();
    const isWanted = this.#wasUp && this.#isWanted;
    this.#end();
    if (!isWanted) return;
    this.#wasUp = true;
    this.#timer = startTimer(() => {
      if (this.#isWanted) this.#standing ??= this.#open();
    }, this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
  }

  #end() {
    stopTimer(this.#timer);
    const following = this.#following;
    this.#following = undefined;
    this.#standing = undefined;
    this.#wasUp = false;
    following?.close();
  }

  /** @param {Error} error @returns {Error} */
  #told(error) {
    if (error instanceof AggregateError) return this.#told(error.errors[0]);
    if (error instanceof StoreError) return error;
    if (this.#isClosed) return storeClosed('watch');
    if (error instanceof Refusal) {
      if (NOT_ALLOWED.test(error.message)) return errors.forbidden(this.#server, error);
      return errors.refused(this.#server, error);
    }
    return errors.unavailable(this.#server, errors.reasonOf(error), error);
  }
}

/**
 * Whether one of several servers says that a key is, or is to be, at the one that its slot goes to.
 *
 * @param {unknown} error of all of them
 */
function isOnItsWay(error) {
  if (!(error instanceof AggregateError)) return false;
  return error.errors.some((one) => one instanceof Refusal && one.message.startsWith('ASK '));
}

/**
 * Comes when one of the servers tells of all these channels: in a cluster, any of them does.
 *
 * @param {Following} following
 * @param {string[]} channels
 */
async function subscribed({ links: [link] }, channels) {
  if (channels.length === 0 || link === undefined) return;
  // What it says of that is a push; it answers in order.
  link.tell(['SUBSCRIBE', ...channels]);
  await link.ask(['PING']);
}

module.exports = { Pushes };
