/**
 * The dashboard's page: which stores there are, one of them, its keys. Runs in a browser.
 *
 * Invariant: what was stored is text: nothing of it becomes markup. What is shown, and what a
 * button does, is of the store that the page names beside it, however late an answer comes.
 */

import {
  action,
  button,
  byId,
  bytes,
  count,
  fill,
  number,
  placeText,
  share,
  wrong,
} from './elements.mjs';
import { allowEvents, showEventsOf } from './events.mjs';
import { begin, lookAt } from './looks.mjs';
import { beginStore, showStore } from './store.mjs';

/** The store that is shown. @type {{ file: string, name: string } | undefined} */
let chosen;
/** What was asked for last, of each kind. What is answered to anything before it is not shown. */
const latest = new Map();
/** What the page may do; asked once. */
let actions = [];
/** What was seen last. */
let seen;

/** Questions go as JSON: it has room for every key. */
async function ask(what, question) {
  const headers = { 'Content-Type': 'application/json' };
  const asked = { method: 'POST', headers, body: JSON.stringify(question) };
  const response = await fetch(what, question === undefined ? {} : asked);
  const answer = await response.json();
  if (answer.error !== undefined) throw new Error(answer.error.message);
  return answer;
}

function show(look) {
  if (look.failure !== undefined) return say(look.failure);
  seen = look;
  const { stores, file, store, at, since } = look;
  const failure = stores.get('error') ?? store?.error;
  if (!stores.has('error')) showStores(stores);
  if (store !== undefined && store.error === undefined && file === chosen?.file) {
    showStore(store, at, since);
  }
  say(failure?.message ?? `${count(stores.size)} stores, ${new Date().toLocaleTimeString()}`);
}

function say(text) {
  byId('state').textContent = text;
}

/** @param {Map<string, object>} stores by their files */
function showStores(stores) {
  const files = [...stores.keys()].sort();
  fill(
    byId('stores'),
    files.map((file) => rowOf(file, stores.get(file))),
  );
  if (chosen === undefined) chooseByAddress(stores);
}

function rowOf(file, { name, bytes: onDisk, stats, participants, error }) {
  return [
    error === undefined
      ? action(name, file, () => choose(file, name), file === chosen?.file)
      : file,
    number(stats === undefined ? '-' : count(stats.entries)),
    number(stats === undefined ? bytes(onDisk) : `${bytes(onDisk)} of ${bytes(stats.maxBytes)}`),
    number(stats === undefined ? '-' : share(stats.hitRatio)),
    number(participants.length),
    error === undefined ? stateOf(stats, participants) : wrong(error.code),
  ];
}

function stateOf({ closedAt }, participants) {
  if (participants.length > 0) return 'in use';
  return closedAt === undefined ? 'left by the dead' : 'closed';
}

function choose(file, name) {
  chosen = { file, name };
  // A page that is loaded again shows it again. An address has no halves of surrogate pairs.
  const whole = name.replace(/\p{Surrogate}/gu, '\ufffd');
  history.replaceState(null, '', `#${encodeURIComponent(whole)}`);
  asking('value');
  byId('value').textContent = '';
  byId('entry').textContent = '';
  byId('actions').replaceChildren();
  fill(byId('keys'), []);
  beginStore(name);
  showStores(seen.stores);
  showEventsOf(file);
  lookAt(file);
  showKeys();
}

/** Begins to ask; gives whether the answer is still the one that is waited for. */
function asking(kind) {
  const turn = {};
  latest.set(kind, turn);
  return () => latest.get(kind) === turn;
}

async function showKeys() {
  const store = chosen;
  const isWanted = asking('keys');
  let [entries, failure] = [[], undefined];
  try {
    entries = await ask('keys', { file: store.file, prefix: byId('prefix').value });
  } catch (error) {
    failure = error;
  }
  if (!isWanted()) return;
  if (failure !== undefined) byId('entry').textContent = failure.message;
  fill(
    byId('keys'),
    entries.map((it) => [
      action(placeText(it), [it.key, ...it.namespace], () => showValue(store, it)),
      number(bytes(it.bytes)),
      number(it.ttl === null ? 'for ever' : `${count(it.ttl / 1000)} s`),
      it.tags.join(', '),
    ]),
  );
}

/** Buttons of what may be done, each behind a question. */
function offer(store, { key, namespace, tags }) {
  const offered = [
    ['remove', `Remove ${placeText({ key, namespace })}`, { key, namespace }],
    ...tags.map((tag) => ['invalidate', `Remove all that carries ${tag}`, { tag, namespace }]),
  ];
  byId('actions').replaceChildren(
    ...offered
      .filter(([action]) => actions.includes(action))
      .map(([action, text, about]) => {
        return button(text, false, () => act(store, text, action, about));
      }),
  );
}

async function act({ file, name }, text, action, about) {
  if (!window.confirm(`In the store ${name}: ${text}?`)) return;
  const isWanted = asking('value');
  let done = 'Done';
  try {
    await ask(action, { file, ...about });
  } catch (error) {
    done = error.message;
  }
  if (!isWanted()) return;
  byId('entry').textContent = done;
  byId('value').textContent = '';
  byId('actions').replaceChildren();
  showKeys();
}

async function showValue(store, { key, namespace }) {
  const isWanted = asking('value');
  byId('actions').replaceChildren();
  let [entry, failure] = [undefined, undefined];
  try {
    entry = await ask('value', { file: store.file, key, namespace });
  } catch (error) {
    failure = error;
  }
  if (!isWanted()) return;
  byId('entry').textContent = failure?.message ?? entryText({ ...entry, key, namespace });
  byId('value').textContent = entry?.value ?? '';
  if (entry !== undefined) offer(store, { key, namespace, tags: entry.tags });
}

function entryText({ bytes: size, ttl, tags, ...place }) {
  const life = ttl === null ? 'for ever' : `for ${count(ttl / 1000)} s`;
  const tagged = tags.length === 0 ? '' : `, tags ${tags.join(', ')}`;
  return `${placeText(place)}: ${bytes(size)}, ${life}${tagged}`;
}

/** The store whose name the address of the page ends with. */
function chooseByAddress(stores) {
  const wanted = new URLSearchParams(`name=${location.hash.slice(1)}`).get('name');
  for (const [file, { name, error }] of stores) {
    if (name === wanted && error === undefined) return choose(file, name);
  }
}

byId('filter').addEventListener('submit', (event) => {
  event.preventDefault();
  if (chosen !== undefined) showKeys();
});
begin(show);
ask('actions').then(
  (allowed) => {
    actions = allowed;
    allowEvents(allowed.includes('events'));
  },
  (error) => say(error.message),
);
