/**
 * Shows one store: its charts, what lies in it, who uses it and who waits.
 *
 * Knows no request. Invariant: a chart goes on from one look to the next only if both are of one
 * store.
 */

import { Charts } from './charts.mjs';
import { byId, bytes, count, fill, number, placeText, share, wrong } from './elements.mjs';

let charts;
/** The look before this one. */
let last;

/** From now on of a store of this name. */
export function beginStore(name) {
  byId('store').hidden = false;
  byId('store-title').textContent = name;
  charts ??= new Charts(byId('charts'));
  begin();
}

/** Shows a look; `since` is when it was looked before, with nothing new after what was told. */
export function showStore({ identity, stats, ...lies }, at, since) {
  // A store of the same name that was made anew begins anew here, too.
  if (last !== undefined && last.identity !== identity) begin();
  // Nothing has happened from what was told last until then.
  if (last !== undefined && since > last.at) extend({ ...last, at: since });
  extend({ ...stats, identity, at });
  fillTables(lies);
}

function begin() {
  last = undefined;
  charts.clear();
}

function extend(next) {
  if (last !== undefined) charts.extend(last, next);
  last = next;
}

function fillTables({ prefixes, hottest, claims, participants, map }) {
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
