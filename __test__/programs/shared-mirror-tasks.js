/**
 * A process that knows what a store holds from its changes alone, and one that makes changes.
 *
 * Must not know what a test expects. Both are asked by messages of the store itself.
 */
const { SharedStore } = require('../../index.js');

const TAGS = Object.freeze(['t0', 't1']);
/** In calls, stands for a value of several segments. */
const LARGE = 'large';

/** The store, a namespace of it, and one within that. */
function spacesOf(store) {
  const view = store.namespace('a');
  return [store, view, view.namespace('b')];
}

/** What is there as a look at the store shows it: keys by space, and by tag in each. */
function lookAt(store) {
  return spacesOf(store).map((space) => {
    const keys = space.keys().sort();
    const carry = (tag) => keys.filter((key) => space.getEntry(key)?.tags.includes(tag));
    return { keys, tags: TAGS.map(carry) };
  });
}

/** One call of a verb, that gives an error its due. */
function perform(store, { space, verb, rest }) {
  const given = rest.map((one) => (one === LARGE ? 'x'.repeat(70_000) : one));
  try {
    spacesOf(store)[space][verb](...given);
  } catch (error) {
    if (error.code !== 'ERR_NOT_A_NUMBER') throw error;
  }
}

/** Keeps the keys that are told. */
function mirrorKeys(space) {
  let keys = new Set();
  space.watch({ prefix: '' }, ({ type, key }) => {
    if (type === 'set') keys.add(key);
    else if (type === 'clear') keys.clear();
    // Which of them had the tag, nobody told.
    else if (type === 'overflow' || type === 'invalidate') keys = new Set(space.keys());
    else keys.delete(key);
  });
  return () => [...keys].sort();
}

/** Keeps the keys of entries that carry a tag. */
function mirrorTag(space, tag) {
  let keys = new Set();
  const carries = (key) => space.getEntry(key)?.tags.includes(tag) === true;
  space.watch({ tag }, ({ type, key }) => {
    if (type === 'set' && carries(key)) keys.add(key);
    else if (type === 'clear' || type === 'invalidate') keys.clear();
    else if (type === 'overflow') keys = new Set(space.keys().filter(carries));
    else keys.delete(key);
  });
  return () => [...keys].sort();
}

/** Tells what it knows whenever it is asked. */
async function mirror({ place }, say, told) {
  const store = new SharedStore(place);
  const spaces = spacesOf(store).map((space) => ({
    keys: mirrorKeys(space),
    tags: TAGS.map((tag) => mirrorTag(space, tag)),
  }));
  store.subscribe('ask', (number) => {
    const known = spaces.map(({ keys, tags }) => ({ keys: keys(), tags: tags.map((of) => of()) }));
    store.publish('answer', { number, known });
  });
  say('ready');
  await told('finish');
  store.close();
}

/** Makes the calls that it is sent. */
async function performer({ place }, say, told) {
  const store = new SharedStore(place);
  store.subscribe('calls', ({ number, calls }) => {
    for (const call of calls) perform(store, call);
    store.publish('done', number);
  });
  say('ready');
  await told('finish');
  store.close();
}

module.exports = { LARGE, TAGS, lookAt, mirror, perform, performer };
