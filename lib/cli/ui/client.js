/**
 * The dashboard's page: asks the server for figures, and draws them. Runs in a browser.
 *
 * Invariant: what was stored is text: nothing of it becomes markup. While nobody sees the page it
 * asks for nothing.
 */
'use strict';

const INTERVAL_MS = 2000;
/** Points of a chart: ten minutes. */
const POINTS = 300;

const byId = (id) => document.getElementById(id);
const count = (number) => Math.round(number).toLocaleString('en-US');
const share = (ratio) => `${(100 * ratio).toFixed(1)} %`;

function bytes(number) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [amount, unit] = [number, 0];
  for (; amount >= 1024 && unit < units.length - 1; unit += 1) amount /= 1024;
  return `${unit === 0 ? amount : amount.toFixed(1)} ${units[unit]}`;
}

/** Charts: what each shows of two looks, one after another. */
const CHARTS = [
  ['Hit ratio', share, (last, next) => ratio(last, next)],
  ['Reads a second', count, (last, next, s) => (reads(next) - reads(last)) / s],
  ['Writes a second', count, (last, next, s) => (next.sets - last.sets) / s],
  ['Evictions a second', count, (last, next, s) => (gone(next) - gone(last)) / s],
  ['Memory', bytes, (_last, next) => next.residentBytes],
  ['Entries', count, (_last, next) => next.entries],
  ['Participants', count, (_last, next) => next.participants],
];
const reads = ({ hits, misses }) => hits + misses;
const gone = ({ evicted, expired }) => evicted + expired;

function ratio(last, next) {
  const looks = reads(next) - reads(last);
  return looks === 0 ? undefined : (next.hits - last.hits) / looks;
}

let chosen;
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

/** Fills a table: each cell a text, or an element. */
function fill(table, rows) {
  const body = table.tBodies[0];
  body.replaceChildren(
    ...rows.map((cells) => {
      const row = document.createElement('tr');
      row.append(
        ...cells.map((given) => {
          const { text, kind = '' } = given?.text === undefined ? { text: given } : given;
          const cell = document.createElement('td');
          if (kind !== '') cell.className = kind;
          cell.append(text instanceof Node ? text : String(text));
          return cell;
        }),
      );
      return row;
    }),
  );
}

const number = (text) => ({ text, kind: 'number' });

function button(text, isPressed, act) {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.setAttribute('aria-pressed', String(isPressed));
  made.addEventListener('click', act);
  return made;
}

function placeText({ key, namespace }) {
  return [...namespace, key ?? '(no entry)'].join(' › ');
}

async function showStores() {
  const stores = await ask('stores');
  // Who has the focus keeps it: the table is made anew.
  const focused = document.activeElement?.closest('#stores')
    ? document.activeElement.textContent
    : undefined;
  fill(
    byId('stores'),
    stores.map(({ name, file, bytes: onDisk, stats, participants, error }) => [
      error === undefined ? button(name, file === chosen, () => choose(file, name)) : file,
      number(stats === undefined ? '-' : count(stats.entries)),
      number(stats === undefined ? bytes(onDisk) : `${bytes(onDisk)} of ${bytes(stats.maxBytes)}`),
      number(stats === undefined ? '-' : share(stats.hitRatio)),
      number(participants.length),
      error === undefined ? stateOf(stats, participants) : { text: error.code, kind: 'wrong' },
    ]),
  );
  if (focused !== undefined) {
    [...byId('stores').querySelectorAll('button')]
      .find((it) => it.textContent === focused)
      ?.focus();
  }
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
  charts = CHARTS.map(([title, text, value]) => ({ text, value, points: [], ...figure(title) }));
  byId('charts').replaceChildren(...charts.map(({ element }) => element));
  refresh();
  showKeys();
}

function figure(title) {
  const element = document.createElement('figure');
  const caption = document.createElement('figcaption');
  const label = document.createElement('span');
  const now = document.createElement('b');
  const canvas = document.createElement('canvas');
  label.textContent = title;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', title);
  caption.append(label, now);
  element.append(caption, canvas);
  return { element, now, canvas };
}

async function showStore() {
  const file = chosen;
  const seen = await ask('store', { file });
  if (file !== chosen) return;
  const next = { ...seen.stats, at: performance.now() };
  if (last !== undefined) {
    for (const chart of charts) {
      const value = chart.value(last, next, (next.at - last.at) / 1000);
      chart.points = [...chart.points, value].slice(-POINTS);
      chart.now.textContent = value === undefined ? '-' : chart.text(value);
      draw(chart);
    }
  }
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
    Object.entries(map).map(([role, fills]) => [role, ...fills.map(number)]),
  );
  fill(
    byId('claims'),
    claims.map((it) => [
      it.type,
      placeText(it),
      `process ${it.pid ?? '?'}, thread ${it.thread ?? '?'}`,
      it.isAlive ? { text: it.isAwaited ? 'waited for' : '' } : { text: 'dead', kind: 'wrong' },
    ]),
  );
  fill(
    byId('participants'),
    participants.map((it) => [
      `process ${it.pid}, thread ${it.thread}`,
      new Date(it.since).toLocaleString(),
      it.isAlive ? { text: '' } : { text: 'dead', kind: 'wrong' },
    ]),
  );
}

function draw({ canvas, points }) {
  const scale = window.devicePixelRatio;
  const [width, height] = [canvas.clientWidth * scale, canvas.clientHeight * scale];
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  const most = Math.max(...points.map((it) => it ?? 0)) || 1;
  context.strokeStyle = getComputedStyle(canvas).getPropertyValue('--mark');
  context.lineWidth = 1.5 * scale;
  context.beginPath();
  let isDrawing = false;
  for (const [index, value] of points.entries()) {
    const x = width - ((points.length - 1 - index) / (POINTS - 1)) * width;
    const y = height - ((value ?? 0) / most) * (height - 4 * scale) - 2 * scale;
    if (value !== undefined) context[isDrawing ? 'lineTo' : 'moveTo'](x, y);
    isDrawing = value !== undefined;
  }
  context.stroke();
}

async function showKeys() {
  const entries = await ask('keys', { file: chosen, prefix: byId('prefix').value });
  fill(
    byId('keys'),
    entries.map((it) => [
      button(placeText(it), false, () => showValue(it)),
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
  const name = decodeURIComponent(location.hash.slice(1));
  const found = stores.find((it) => it.name === name && it.error === undefined);
  if (found !== undefined) choose(found.file, name);
}

async function refresh() {
  if (document.hidden) return;
  try {
    const stores = await showStores();
    if (chosen !== undefined) await showStore();
    byId('state').textContent = `${stores} stores, ${new Date().toLocaleTimeString()}`;
  } catch (error) {
    byId('state').textContent = error.message;
  }
}

byId('filter').addEventListener('submit', (event) => {
  event.preventDefault();
  showKeys();
});
document.addEventListener('visibilitychange', refresh);
setInterval(refresh, INTERVAL_MS);
ask('actions').then((allowed) => {
  actions = allowed;
}, refresh);
refresh();
