/**
 * Steps on a key: how scripts are run that see the versions of its marks, and those that do not.
 *
 * Knows no verb. Invariant: whatever is answered of an entry with marks, somebody has found it
 * alive after it was read.
 */
'use strict';

const { busy } = require('../../errors/errors.js');
const { foreignValue } = require('../../errors/fleet-errors.js');
const { keyOf } = require('../../keys/keyspace.js');
const scripts = require('./scripts.js');

const { Answer } = scripts;
/** Looks at an entry that others replace each time: more would mean that something is wrong. */
const MOST_LOOKS = 1000;

/** @typedef {import('../near/near.js').Sight} Sight */

class Steps {
  #names;
  #marks;
  #commands;

  /**
   * @param {InstanceType<typeof import('./names.js').Names>} names
   * @param {InstanceType<typeof import('./marks.js').Marks>} marks
   * @param {InstanceType<typeof import('../connection/commands.js').Commands>} commands
   */
  constructor(names, marks, commands) {
    this.#names = names;
    this.#marks = marks;
    this.#commands = commands;
  }

  /**
   * Runs a script that sees the versions of marks.
   *
   * @param {import('./script.js').Script} script
   * @param {string} string
   * @param {import('../connection/commands.js').Given} [given]
   * @param {Sight} [sight]
   */
  together(script, string, given, sight) {
    const names = [...this.#namesOf(script, string), this.#names.marks];
    return this.#plain(string, this.#commands.run(script, names, given, sight));
  }

  /**
   * Runs a script that does not: it asks about bytes whose marks have to be looked at.
   *
   * @param {import('./script.js').Script} script
   * @param {string} string
   * @param {import('../connection/commands.js').Given} [given]
   * @param {Sight} [sight]
   */
  async apart(script, string, given = [], sight = undefined) {
    const names = this.#namesOf(script, string);
    /** @type {Buffer | string} */
    let known = '';
    /** @type {Buffer | string} */
    let claim = '';
    for (let look = 0; look < MOST_LOOKS; look += 1) {
      const words = () => {
        const said = typeof given === 'function' ? given() : given;
        return script === scripts.FIND ? [known, ...said, claim] : [known, ...said];
      };
      const answer = await this.#plain(string, this.#commands.run(script, names, words, sight));
      const [what, bytes, answered] = Array.isArray(answer) ? answer : [];
      if (what === Answer.UNSURE) {
        known = (await this.#marks.isAlive(bytes, string, sight)) ? bytes : '';
        // It was there when it was read: no script has to say that once more.
        if (known !== '' && answered !== undefined) return whole(script, bytes, answered);
        if (known === '') await this.#commands.run(scripts.PURGE, this.#names.all(string), [bytes]);
        else if (script === scripts.TOUCH)
          await this.#marks.hold(bytes, string, Number(words()[1]));
      } else if (what === Answer.UNSURE_CLAIM) {
        claim = (await this.#marks.stands(bytes, string)) ? bytes : '';
        const all = this.#names.all(string);
        if (claim === '') await this.#commands.run(scripts.DROP, all, ['', bytes]);
      } else {
        return answer;
      }
    }
    throw busy(keyOf(string), 0);
  }

  /**
   * What a script is told of a key.
   *
   * @param {import('./script.js').Script} script
   * @param {string} string
   */
  #namesOf({ isRead }, string) {
    return isRead ? [this.#names.value(string)] : this.#names.all(string);
  }

  /**
   * An answer of the server, where a value that is none of ours is told as such.
   *
   * @param {string} string
   * @param {Promise<any>} answer
   */
  async #plain(string, answer) {
    try {
      return await answer;
    } catch (error) {
      const { cause } = /** @type {{ cause?: { message?: string } }} */ (error);
      if (cause?.message?.includes('WRONGTYPE')) throw foreignValue(string);
      throw error;
    }
  }
}

/**
 * What a script that only reads would have answered, had it known that an entry is alive.
 *
 * @param {import('./script.js').Script} script
 * @param {Buffer} bytes
 * @param {number} answered
 */
function whole(script, bytes, answered) {
  if (script === scripts.READ) return [bytes, answered];
  // Nobody has claimed it.
  if (script === scripts.FIND) return [bytes, answered, 0];
  return answered;
}

module.exports = { Steps };
