/**
 * The dashboard's page: asks the server for figures, and shows them. Runs in a browser.
 *
 * Invariant: what was stored is text: nothing of it becomes markup. While nobody sees the page it
 * asks for nothing.
 */

import { chartsOf, extend } from './charts.mjs';
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

/** Between two looks; the second where nothing has happened between the last ones. */
const INTERVAL_MS = 2000;
const QUIET_INTERVAL_MS = 5000;

let chosen;
/** Whether nothing has happened in any store between the last looks. */
let isQuiet = false;
let lastLooked;
/** What the page may do; asked once. */
let actions = [];
let last;
let charts = [];

async function ask(what, query = {}, method = 'GET') {
  const response = await fetch(`${what}?${new URLSearchParams(query)}`, { method });
  const answer = await response.json();
  if (answer.error !== undefined) throw new Error(answer.error.message);
  return answer;
}

async function showStores() {
  const stores = await ask('stores');
  const looked = JSON.stringify(stores);
  isQuiet = looked === lastLooked;
  lastLooked = looked;
  fill(
    byId('stores'),
    stores.map(({ name, file, bytes: onDisk, stats, participants, error }) => [
      error === undefined ? action(name, file, () => choose(file, name), file === chosen) : file,
      number(stats === undefined ? '-' : count(stats.entries)),
      number(stats === undefined ? bytes(onDisk) : `${bytes(onDisk)} of ${bytes(stats.maxBytes)}`),
      number(stats === undefined ? '-' : share(stats.hitRatio)),
      number(participants.length),
      error === undefined ? stateOf(stats, participants) : wrong(error.code),
    ]),
  );
  if (chosen === undefined) chooseByAddress(stores);
  return stores.length;
}

function stateOf({ closedAt }, participants) {
  if (participants.length > 0) return 'in use';
  return closedAt === undefined ? 'left by the dead' : 'closed';
}

function choose(file, name) {
  chosen = file;
  // A page that is loaded again shows it again.
  history.replaceState(null, '', `#${encodeURIComponent(name)}`);
  last = undefined;
  byId('store').hidden = false;
  byId('store-title').textContent = name;
  byId('value').textContent = '';
  byId('entry').textContent = '';
  charts = chartsOf();
  byId('charts').replaceChildren(...charts.map(({ element }) => element));
  showEventsOf(file);
  refresh();
  showKeys();
}

async function showStore() {
  const file = chosen;
  const seen = await ask('store', { file });
  if (file !== chosen) return;
  const next = { ...seen.stats, at: performance.now() };
  if (last !== undefined) extend(charts, last, next);
  last = next;
  const { prefixes, hottest, claims, participants, map } = seen;
  fill(
    byId('prefixes'),
    prefixes.map((it) => [
      placeText({ key: it.prefix || '(none)', namespace: it.namespace }),
      number(share(it.share)),
      number(bytes(it.bytes)),
    ]),
  );
  fill(
    byId('hottest'),
    hottest.map((it) => [placeText(it), number('*'.repeat(it.uses))]),
  );
  fill(
    byId('map'),
    Object.entries(map).map(([role, fills]) => {
      const all = number(count(fills.reduce((sum, segments) => sum + segments, 0)));
      // What is free is empty, and of the index nobody counts what is live.
      const isFilled = role === 'new' || role === 'main';
      return [role, ...fills.map((segments) => (isFilled ? shaded(segments) : '')), all];
    }),
  );
  fill(
    byId('claims'),
    claims.map((it) => [
      it.type,
      placeText(it),
      `process ${it.pid ?? '?'}, thread ${it.thread ?? '?'}`,
      stateCell(it),
      it.isAwaited ? 'yes' : 'no',
    ]),
  );
  fill(
    byId('participants'),
    participants.map((it) => [
      `process ${it.pid}, thread ${it.thread}`,
      new Date(it.since).toLocaleString(),
      stateCell(it),
    ]),
  );
}

function stateCell({ state }) {
  return state === 'alive' ? state : wrong(state);
}

/** A cell of the map: the more there are, the darker. @param {number} segments */
function shaded(segments) {
  const shade = segments === 0 ? 0 : Math.min(55, 8 + 5 * Math.log2(segments));
  return { ...number(segments === 0 ? '' : count(segments)), shade: Math.round(shade) };
}

async function showKeys() {
  let entries = [];
  try {
    entries = await ask('keys', { file: chosen, prefix: byId('prefix').value });
  } catch (error) {
    byId('entry').textContent = error.message;
  }
  fill(
    byId('keys'),
    entries.map((it) => [
      action(placeText(it), [it.key, ...it.namespace], () => showValue(it)),
      number(bytes(it.bytes)),
      number(it.ttl === null ? 'for ever' : `${count(it.ttl / 1000)} s`),
      it.tags.join(', '),
    ]),
  );
}

/** Buttons of what may be done, each behind a question. */
function offer({ key, namespace, tags }) {
  const within = namespace.map((name) => ['namespace', name]);
  const offered = [
    ['remove', `Remove ${placeText({ key, namespace })}`, [['key', key], ...within]],
    ...tags.map((tag) => [
      'invalidate',
      `Remove all that carries ${tag}`,
      [['tag', tag], ...within],
    ]),
  ];
  byId('actions').replaceChildren(
    ...offered
      .filter(([action]) => actions.includes(action))
      .map(([action, text, query]) => {
        return button(text, false, async () => {
          if (!window.confirm(`${text}?`)) return;
          try {
            await ask(action, [['file', chosen], ...query], 'POST');
            byId('entry').textContent = 'Done';
          } catch (error) {
            byId('entry').textContent = error.message;
          }
          byId('value').textContent = '';
          byId('actions').replaceChildren();
          showKeys();
        });
      }),
  );
}

async function showValue({ key, namespace }) {
  const query = new URLSearchParams({ file: chosen, key });
  for (const name of namespace) query.append('namespace', name);
  byId('actions').replaceChildren();
  try {
    const { value, bytes: size, ttl, tags } = await ask('value', query);
    const life = ttl === null ? 'for ever' : `for ${count(ttl / 1000)} s`;
    const tagged = tags.length === 0 ? '' : `, tags ${tags.join(', ')}`;
    byId('entry').textContent =
      `${placeText({ key, namespace })}: ${bytes(size)}, ${life}${tagged}`;
    byId('value').textContent = value;
    offer({ key, namespace, tags });
  } catch (error) {
    byId('entry').textContent = error.message;
    byId('value').textContent = '';
  }
}

/** The store whose name the address of the page ends with. */
function chooseByAddress(stores) {
  const name = new URLSearchParams(`name=${location.hash.slice(1)}`).get('name');
  const found = stores.find((it) => it.name === name && it.error === undefined);
  if (found !== undefined) choose(found.file, name);
}

let timer;
let isAsking = false;
/** Something was chosen meanwhile. */
let isAskedAgain = false;

async function refresh() {
  // A server that is slow, or was stopped, is not asked twice.
  isAskedAgain = isAsking;
  if (document.hidden || isAsking) return;
  isAsking = true;
  try {
    const stores = await showStores();
    if (chosen !== undefined) await showStore();
    byId('state').textContent = `${stores} stores, ${new Date().toLocaleTimeString()}`;
  } catch (error) {
    byId('state').textContent = error.message;
  } finally {
    isAsking = false;
    clearTimeout(timer);
    if (isAskedAgain) refresh();
    else timer = setTimeout(refresh, isQuiet ? QUIET_INTERVAL_MS : INTERVAL_MS);
  }
}

byId('filter').addEventListener('submit', (event) => {
  event.preventDefault();
  showKeys();
});
document.addEventListener('visibilitychange', refresh);
ask('actions').then((allowed) => {
  actions = allowed;
  allowEvents(allowed.includes('events'));
}, refresh);
refresh();
