/**
 * When tags of Next.js were revalidated, for all servers that share a store.
 *
 * Knows no cache. Invariant: an entry that is older than a mark of one of its tags is never served
 * as fresh, whichever server made the mark.
 */
'use strict';

/** @typedef {InstanceType<typeof import('../../core/adapted.js').Adapted>} Adapted */
/**
 * Points in time.
 *
 * @typedef {object} Mark
 * @property {number} [stale] when the tag was marked last
 * @property {number} [expired] when it expired last, before that
 * @property {number} [expires] when it expires by that, or did
 */

const MS_PER_SECOND = 1000;
const PREFIX = 'tag:';

class TagMarks {
  #adapted;

  /** @param {Adapted} adapted */
  constructor(adapted) {
    this.#adapted = adapted;
  }

  /**
   * Marks tags: as stale at once and expired after so many seconds, or as expired at once.
   *
   * @param {readonly string[]} tags
   * @param {{ expire?: number }} [durations]
   */
  async mark(tags, durations) {
    const now = Date.now();
    /** @param {Mark | undefined} mark */
    const renewed = (mark) => {
      if (durations === undefined) return { ...mark, expired: now, expires: undefined };
      const { expire } = durations;
      if (expire === undefined) return { ...mark, stale: now };
      // What has expired stays so, whatever is to expire later.
      const expired = lastExpiry(mark, now);
      return { stale: now, expired, expires: now + expire * MS_PER_SECOND };
    };
    for (const tag of new Set(tags)) {
      const expiry = { ttl: Number.POSITIVE_INFINITY };
      await this.#adapted.store.update(this.#keyOf(tag), renewed, expiry);
    }
  }

  /**
   * What became of an entry with these tags since it was made.
   *
   * @param {readonly string[]} tags
   * @param {number} madeAt
   * @returns {Promise<'fresh' | 'stale' | 'expired'>}
   */
  async stateOf(tags, madeAt) {
    const [marks, now] = [await this.#read(tags), Date.now()];
    // What was made in the millisecond of a mark may have been made before it.
    if (marks.some((mark) => lastExpiry(mark, now) >= madeAt)) return 'expired';
    return marks.some(({ stale = 0 }) => stale >= madeAt) ? 'stale' : 'fresh';
  }

  /**
   * When one of the tags expired last; 0 for never.
   *
   * @param {readonly string[]} tags
   */
  async lastExpired(tags) {
    const [marks, now] = [await this.#read(tags), Date.now()];
    return Math.max(0, ...marks.map((mark) => lastExpiry(mark, now)));
  }

  /**
   * @param {readonly string[]} tags
   * @returns {Promise<Mark[]>}
   */
  async #read(tags) {
    if (tags.length === 0) return [];
    const marks = await this.#adapted.store.getMany(tags.map((tag) => this.#keyOf(tag)));
    return marks.filter((mark) => mark !== undefined);
  }

  /** @param {string} tag */
  #keyOf(tag) {
    return this.#adapted.keyOf(PREFIX + tag);
  }
}

/**
 * When a tag expired last; 0 for never.
 *
 * @param {Mark | undefined} mark
 * @param {number} now
 */
function lastExpiry({ expired = 0, expires = Number.POSITIVE_INFINITY } = {}, now) {
  return expires <= now ? Math.max(expired, expires) : expired;
}

module.exports = { TagMarks };
