/**
 * Commands and scripts of a store, each within its time, with errors that say what became of them.
 *
 * Knows a carrier, no verb. Invariant: nothing is sent twice but what a server has refused without
 * doing it, and a write that may have been done is never told as one that was not.
 */
'use strict';

const errors = require('../../errors/fleet-errors.js');
const { StoreError, storeClosed } = require('../../errors/errors.js');
const scripts = require('../server/scripts.js');
const { Deadlines } = require('./deadlines.js');
const { Repeats } = require('./repeats.js');

/** The oldest server that tells changes in order: major, minor, patch. */
const OLDEST = Object.freeze([7, 0, 5]);
/** How a server begins what it answers where it refuses something. */
const REPLY_CODE = /^([A-Z]+)(?: |$)/;
/** Answers of those who could not do it, now or at this place. */
const NOT_NOW = Object.freeze([
  ...['READONLY', 'LOADING', 'CLUSTERDOWN', 'MASTERDOWN', 'TRYAGAIN', 'BUSY', 'NOREPLICAS'],
  ...['MOVED', 'ASK', 'MISCONF'],
]);
const NOT_ALLOWED = Object.freeze(['WRONGPASS', 'NOAUTH', 'NOPERM', 'DENIED']);
/** What servers say of a script that does what its user may not: older ones, and newer ones. */
const NOT_ALLOWED_WITHIN = /^ERR (?:The user executing the script can't|ACL failure in script)/;
/** What is told of a server that cannot be had. */
const AWAY = Object.freeze(['ERR_STORE_UNAVAILABLE', 'ERR_OUTCOME_UNKNOWN']);
/** Errors of clients before anything was sent. */
const NOT_SENT =
  /offline|client is closed|cannot find node|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|queue is full/i;

/** @typedef {import('./carriers.js').Carrier} Carrier */
/** @typedef {import('./carriers.js').Command} Command */
/** @typedef {import('../server/scripts.js').Script} Script */
/** @typedef {import('../near/near.js').Sight} Sight */
/** Arguments of a script, or what says them when it is sent. */
/** @typedef {(string | Buffer)[] | (() => (string | Buffer)[])} Given */

class Commands {
  isClosed = false;
  /**
   * Whether keys may lie at several servers, so that no script sees two of them; `undefined` until
   * the first answer.
   *
   * @type {boolean | undefined}
   */
  isCluster;
  /** Told when the server can be had, and when it cannot any more. */
  changed = (/** @type {'up' | 'down'} */ _what, /** @type {unknown} */ _reason) => {};
  /** @type {boolean | undefined} */
  #isUp;
  #carrier;
  #server;
  #timeoutMs;
  #deadlines;
  #repeats = new Repeats();
  /** Resolves when the server is known to be one that will do. @type {Promise<void> | undefined} */
  #checked;
  #isChecked = false;
  /** @type {Promise<void> | undefined} */
  #learning;
  #waitReplicas;

  /**
   * @param {Carrier} carrier
   * @param {string} server as errors call it
   * @param {number} timeoutMs
   * @param {number} waitReplicas how many have to have what is written
   */
  constructor(carrier, server, timeoutMs, waitReplicas) {
    this.#waitReplicas = waitReplicas;
    this.#carrier = carrier;
    this.#server = server;
    this.#timeoutMs = timeoutMs;
    this.#deadlines = new Deadlines(timeoutMs);
  }

  /** Whether the last that was heard of the server is that it cannot be had. */
  get isDown() {
    return this.#isUp === false;
  }

  /**
   * Comes when it is known what kind of server it is. Whoever waits for this first of all sends in
   * the order in which he came.
   *
   * @returns {Promise<void>}
   */
  learn() {
    this.#learning ??= this.#limited(true, async () => {}).finally(() => {
      this.#learning = undefined;
    });
    return this.#learning;
  }

  /**
   * What a script gives.
   *
   * @param {Script} script
   * @param {string[]} keys
   * @param {Given} given
   * @param {Sight} [sight] what is to be known of who answers
   * @returns {Promise<any>}
   */
  run(script, keys, given = [], sight = undefined) {
    const isKept = scripts.KEPT.has(script);
    const answer = this.#limited(!isKept, (endMs) => {
      return this.#call(script, keys, given, endMs, sight);
    });
    if (this.#waitReplicas === 0 || !isKept) return answer;
    return this.#replicated(answer, keys[0] ?? '');
  }

  /**
   * What was answered, once enough replicas have what was written.
   *
   * @param {Promise<unknown>} answer
   * @param {string} key
   */
  async #replicated(answer, key) {
    const given = await answer;
    const wanted = this.#waitReplicas;
    // The server has to say how many there are before it is too late to hear it.
    const forMs = String(Math.max(Math.floor(this.#timeoutMs / 2), 1));
    const wait = ['WAIT', String(wanted), forMs];
    const reached = await this.#limited(true, () => this.#carrier.send(wait, key)).catch(
      (cause) => {
        throw errors.notReplicated(this.#server, wanted, 'their number is not known', cause);
      },
    );
    if (Number(reached) >= wanted) return given;
    throw errors.notReplicated(this.#server, wanted, `it has reached ${reached}`);
  }

  /**
   * What a command gives that changes nothing.
   *
   * @param {Command} command
   * @param {string} key
   * @returns {Promise<any>}
   */
  read(command, key) {
    return this.#limited(true, (endMs) => {
      return this.#sent(key, () => this.#carrier.send(command, key), endMs);
    });
  }

  /**
   * What a command gives that is to be sent once.
   *
   * @param {Command} command
   * @param {string} key
   * @returns {Promise<any>}
   */
  write(command, key) {
    return this.#limited(false, () => this.#carrier.send(command, key));
  }

  /**
   * The same of each master: a function that sends commands to it.
   *
   * @returns {Promise<((command: Command, isRead: boolean) => Promise<any>)[]>}
   */
  async masters() {
    const masters = await this.#limited(true, () => this.#carrier.masters());
    return masters.map((send) => (command, isRead) => {
      return this.#limited(isRead, () => send(command));
    });
  }

  close() {
    this.isClosed = true;
    this.#deadlines.close();
    this.#carrier.close();
  }

  /**
   * @param {Script} script
   * @param {string[]} keys
   * @param {Given} given
   * @param {number} endMs when its caller is told that it takes too long
   * @param {Sight | undefined} sight
   * @returns {Promise<unknown>}
   */
  async #call(script, keys, given, endMs, sight) {
    const [key = ''] = keys;
    const again = () => {
      // By a name that anybody may know: perhaps of nobody who is listened to.
      if (sight !== undefined) sight.isElsewhere = true;
      return this.#evaluate(script, keys, given);
    };
    if (this.#repeats.has(key)) return this.#repeats.send(key, again, isForNow, endMs);
    try {
      return await this.#carrier.send(evaluation(script, keys, given, sight), key);
    } catch (error) {
      if (isForNow(error)) return this.#repeats.send(key, again, isForNow, endMs);
      if (replyCode(error) !== 'NOSCRIPT') throw error;
      // The server has been started anew, or is another.
      return this.#sent(key, again, endMs);
    }
  }

  /**
   * What is sent gives, and again where a server could not do it for now.
   *
   * @param {string} key
   * @param {() => Promise<unknown>} send
   * @param {number} endMs
   * @returns {Promise<unknown>}
   */
  async #sent(key, send, endMs) {
    const again = () => this.#repeats.send(key, send, isForNow, endMs);
    if (this.#repeats.has(key)) return again();
    try {
      return await send();
    } catch (error) {
      if (isForNow(error)) return again();
      throw error;
    }
  }

  /**
   * @param {Script} script
   * @param {string[]} keys
   * @param {Given} given
   */
  async #evaluate(script, keys, given) {
    const [key = ''] = keys;
    const [verb, , ...all] = evaluation(script, keys, given, undefined);
    try {
      return await this.#carrier.send([verb, script.hash, ...all], key);
    } catch (error) {
      // The server has been started anew, or is another.
      if (replyCode(error) !== 'NOSCRIPT') throw error;
      return this.#carrier.send([script.isRead ? 'EVAL_RO' : 'EVAL', script.text, ...all], key);
    }
  }

  /**
   * What is sent when the server can be had gives within its time.
   *
   * @template T
   * @param {boolean} isRead
   * @param {(endMs: number) => Promise<T>} send
   * @returns {Promise<T>}
   */
  async #limited(isRead, send) {
    if (this.isClosed) throw storeClosed('A verb');
    const endMs = performance.now() + this.#timeoutMs;
    const { heard } = this.#carrier;
    let isSent = this.#isChecked && this.#carrier.isReady !== false;
    const begin = async () => {
      await this.#carrier.connect();
      if (!this.#isChecked) await this.#check();
      if (this.isClosed) throw storeClosed('A verb');
      isSent = true;
      return send(endMs);
    };
    try {
      // Within the call where that can be: calls reach the server in the order in which they came.
      const sent = isSent ? send(endMs) : begin();
      const answer = await this.#deadlines.limit(sent, () => {
        if (heard !== undefined) this.#carrier.late?.(heard);
        return this.#late(isRead, isSent);
      });
      if (this.#isUp !== true) this.#change(true);
      return answer;
    } catch (error) {
      const told = this.#told(error, isRead, isSent);
      if (this.#isUp !== false && AWAY.includes(told.code)) this.#change(false, told);
      throw told;
    }
  }

  /**
   * @param {boolean} isUp
   * @param {unknown} [reason]
   */
  #change(isUp, reason) {
    if (this.isClosed) return;
    this.#isUp = isUp;
    this.changed(isUp ? 'up' : 'down', reason);
  }

  /** Refuses servers that are too old, once a store. */
  #check() {
    this.#checked ??= Promise.all([this.#askKind(), this.#load()]).then(
      ([isCluster]) => {
        this.isCluster = isCluster;
        this.#isChecked = true;
      },
      (error) => {
        this.#checked = undefined;
        throw error;
      },
    );
    return this.#checked;
  }

  /** Tells the servers the scripts, so that none is sent a second time, after what came later. */
  async #load() {
    try {
      for (const send of await this.#carrier.masters()) {
        await Promise.all(scripts.ALL.map(({ text }) => send(['SCRIPT', 'LOAD', text])));
      }
    } catch {
      // Who may not do that sends them when they are needed.
    }
  }

  /** Whether it is a cluster; throws for what is too old. */
  async #askKind() {
    const told = await this.#carrier.send(['INFO', 'server'], undefined).catch((error) => {
      // Who may not ask is not told.
      if (replyCode(error) === 'NOPERM') return '';
      throw error;
    });
    const info = String(told);
    // Who is not told takes it for the kind of which less is to be expected.
    const isCluster = !/^redis_mode:(?:standalone|sentinel)/m.test(info);
    const [, version] = /^redis_version:(\S+)/m.exec(info) ?? [];
    if (version === undefined || /^valkey_version:/m.test(info)) return isCluster;
    if (isOlder(version)) throw errors.unsupportedServer(this.#server, `Redis ${version}`);
    return isCluster;
  }

  /**
   * @param {boolean} isRead
   * @param {boolean} isSent
   */
  #late(isRead, isSent) {
    if (isRead || !isSent) return errors.noAnswer(this.#server, this.#timeoutMs);
    return errors.outcomeUnknown(this.#server, `no answer within ${this.#timeoutMs} ms`);
  }

  /**
   * An error of a client, as one of ours.
   *
   * @param {unknown} error
   * @param {boolean} isRead
   * @param {boolean} isSent
   */
  #told(error, isRead, isSent) {
    if (error instanceof StoreError) return error;
    const { code, message = '' } = /** @type {{ code?: string, message?: string }} */ (error);
    const reply = replyCode(error);
    if (NOT_ALLOWED.includes(reply) || NOT_ALLOWED_WITHIN.test(message)) {
      return errors.forbidden(this.#server, error);
    }
    if (NOT_NOW.includes(reply)) return errors.unavailable(this.#server, message, error);
    if (reply === 'OOM') return errors.serverFull(this.#server, error);
    if (reply !== '') return errors.refused(this.#server, error);
    const what = errors.reasonOf(error);
    if (this.isClosed && (isRead || !isSent)) return storeClosed('A verb');
    if (isRead || !isSent || NOT_SENT.test(what) || NOT_SENT.test(code ?? '')) {
      return errors.unavailable(this.#server, what, error);
    }
    return errors.outcomeUnknown(this.#server, what, error);
  }
}

/**
 * The command that runs a script, by the name that those have been told who are listened to, where
 * it is to be known who answers.
 *
 * @param {Script} script
 * @param {string[]} keys
 * @param {Given} given
 * @param {Sight | undefined} sight
 */
function evaluation(script, keys, given, sight) {
  const isKnown = sight !== undefined && sight.run !== '' && !sight.isElsewhere;
  const { hash, isRead } = isKnown ? scripts.ofRun(script, sight.run) : script;
  const words = typeof given === 'function' ? given() : given;
  return [isRead ? 'EVALSHA_RO' : 'EVALSHA', hash, String(keys.length), ...keys, ...words];
}

/**
 * How a server's answer begins that is an error; '' for what is none.
 *
 * @param {unknown} error
 */
function replyCode(error) {
  const { message } = /** @type {{ message?: unknown }} */ (error ?? {});
  return typeof message === 'string' ? (REPLY_CODE.exec(message)?.[1] ?? '') : '';
}

/**
 * Whether a server has refused something while it hands its slot to another: nothing was done.
 *
 * @param {unknown} error
 */
function isForNow(error) {
  return replyCode(error) === 'TRYAGAIN';
}

/** @param {string} version */
function isOlder(version) {
  const parts = version.split('.').map(Number);
  for (const [index, least] of OLDEST.entries()) {
    const part = parts[index] ?? 0;
    if (part !== least) return part < least;
  }
  return false;
}

module.exports = { Commands, replyCode };
