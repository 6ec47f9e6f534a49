/**
 * The optimum: what nobody can beat who does not know the future (Belady's MIN).
 *
 * On a miss in a full cache it evicts the object that is asked for last of all. What was missed is
 * always stored, as the other policies do it: it must not be passed by even where that would be
 * better. Exact, O(n log n). It must not know keys or stores.
 */
'use strict';

/** How many of the requests miss with room for `entries`; ids are below `objects`. */
function optimumMisses(ids, objects, entries) {
  const nextUses = nextUsesOf(ids, objects);
  const isStored = new Uint8Array(objects);
  const latest = new LatestUses(ids.length);
  let stored = 0;
  let misses = 0;
  for (let request = 0; request < ids.length; request += 1) {
    const id = ids[request];
    if (isStored[id] === 0) {
      misses += 1;
      if (stored === entries) isStored[objectOf(latest.pop(), ids)] = 0;
      else stored += 1;
      isStored[id] = 1;
    }
    latest.push(nextUses[request]);
  }
  return misses;
}

/**
 * For each request, when its object is asked for again: the number of that request, or number of
 * requests + id where it never is. So no two objects have the same next use.
 */
function nextUsesOf(ids, objects) {
  const nextUses = new Uint32Array(ids.length);
  const following = new Uint32Array(objects).map((_, id) => ids.length + id);
  for (let request = ids.length - 1; request >= 0; request -= 1) {
    nextUses[request] = following[ids[request]];
    following[ids[request]] = request;
  }
  return nextUses;
}

function objectOf(nextUse, ids) {
  return nextUse < ids.length ? ids[nextUse] : nextUse - ids.length;
}

/**
 * A heap with the latest use on top. The use of an object that was hit stays in it, but is in the
 * past by then, and what is stored has a use in the future: so it never comes to the top.
 */
class LatestUses {
  #uses;
  #count = 0;

  constructor(capacity) {
    this.#uses = new Uint32Array(capacity);
  }

  push(use) {
    const uses = this.#uses;
    let place = this.#count;
    this.#count += 1;
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      if (uses[parent] >= use) break;
      uses[place] = uses[parent];
      place = parent;
    }
    uses[place] = use;
  }

  /** Takes the latest use out; there has to be one. */
  pop() {
    const uses = this.#uses;
    const top = uses[0];
    this.#count -= 1;
    const sinking = uses[this.#count];
    let place = 0;
    for (let child = 1; child < this.#count; child = 2 * place + 1) {
      if (child + 1 < this.#count && uses[child + 1] > uses[child]) child += 1;
      if (uses[child] <= sinking) break;
      uses[place] = uses[child];
      place = child;
    }
    uses[place] = sinking;
    return top;
  }
}

module.exports = { optimumMisses };
