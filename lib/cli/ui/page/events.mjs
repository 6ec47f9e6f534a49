/**
 * Changes of a store as they come, on the dashboard's page, once somebody asks for them.
 *
 * Knows no table of stores. Invariant: while nobody sees the page, or another store is shown, no
 * store writes its changes down for it.
 */

import { byId, count, fill } from './elements.mjs';

/** Rows that are shown, the newest first. */
const ROWS = 200;

let file;
let isWanted = false;
let source;
let rows = [];

/** From now on of this store. */
export function showEventsOf(chosen) {
  file = chosen;
  isWanted = false;
  rows = [];
  update();
}

/** Whether changes may be followed at all: who does takes part in the store. */
export function allowEvents(isAllowed) {
  byId('events-part').hidden = !isAllowed;
}

function update() {
  const isOn = isWanted && !document.hidden;
  byId('follow').setAttribute('aria-pressed', String(isWanted));
  byId('follow').textContent = isWanted ? 'Stop' : 'Follow';
  if (!isOn || source?.file !== file) end();
  if (isOn && source === undefined) begin();
  show();
}

function begin() {
  const query = { file, prefix: byId('events-prefix').value };
  const events = new EventSource(`events?${new URLSearchParams(query)}`);
  source = { events, file };
  events.addEventListener('message', ({ data }) => {
    const { changes, isCut } = JSON.parse(data);
    const time = new Date().toLocaleTimeString();
    const told = changes.map(({ type, key, tag }) => [time, type, key ?? tag ?? '']);
    if (isCut) told.push([time, 'more', 'so many that these are not shown']);
    rows = [...told.reverse(), ...rows].slice(0, ROWS);
    show();
  });
  events.addEventListener('refused', ({ data }) => {
    rows = [[new Date().toLocaleTimeString(), 'ended', JSON.parse(data).message], ...rows];
    isWanted = false;
    update();
  });
}

function end() {
  source?.events.close();
  source = undefined;
}

function show() {
  byId('events-state').textContent = isWanted ? `${count(rows.length)} shown` : '';
  fill(byId('events'), rows);
}

byId('events-filter').addEventListener('submit', (event) => {
  event.preventDefault();
  isWanted = !isWanted;
  update();
});
document.addEventListener('visibilitychange', update);
