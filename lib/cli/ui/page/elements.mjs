/**
 * What the dashboard's page is made of: texts of figures, tables, buttons. Knows no store.
 *
 * Invariant: what was stored is text: nothing of it becomes markup. Who has the focus keeps it when
 * a table is made anew.
 */

export const byId = (id) => document.getElementById(id);
export const count = (amount) => Math.round(amount).toLocaleString('en-US');
export const share = (ratio) => `${(100 * ratio).toFixed(1)} %`;
/** A cell of a figure. */
export const number = (text) => ({ text, kind: 'number' });
/** A cell that does something with what it is about. */
export const action = (text, about, act, isPressed = false) => ({ text, about, act, isPressed });
/** A cell that tells of something wrong. */
export const wrong = (text) => ({ text, kind: 'wrong' });

export function bytes(amount) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [left, unit] = [amount, 0];
  for (; left >= 1024 && unit < units.length - 1; unit += 1) left /= 1024;
  return `${unit === 0 ? left : left.toFixed(1)} ${units[unit]}`;
}

export function duration(ms) {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return ms >= 1 ? `${ms.toFixed(1)} ms` : `${count(1000 * ms)} µs`;
}

export function placeText({ key, namespace }) {
  return [...namespace, key ?? '(no entry)'].join(' › ');
}

/** What each row of a table shows: its cells as texts. */
const shownIn = new WeakMap();

/** Fills a table with rows of cells: each a text, or what the functions above give. */
export function fill(table, rows) {
  const body = table.tBodies[0];
  const focused = body.contains(document.activeElement) ? document.activeElement : undefined;
  for (const [index, cells] of rows.entries()) {
    fillRow(body.rows[index] ?? body.insertRow(), cells);
  }
  while (body.rows.length > rows.length) body.lastElementChild.remove();
  if (focused === undefined || focused.isConnected) return;
  const again = [...body.querySelectorAll('button')].find((it) => {
    return it.textContent === focused.textContent;
  });
  again?.focus();
}

/** What shows the same goes on showing it: nothing is laid out anew, a selection stays. */
function fillRow(row, cells) {
  const shown = shownIn.get(row) ?? [];
  const wanted = cells.map((cell) => JSON.stringify(cell));
  for (const [index, cell] of cells.entries()) {
    if (shown[index] === wanted[index]) continue;
    const there = row.cells[index];
    if (there === undefined) row.append(cellOf(cell));
    else there.replaceWith(cellOf(cell));
  }
  shownIn.set(row, wanted);
}

function cellOf(given) {
  const {
    text,
    kind = '',
    shade,
    act,
    isPressed,
  } = given?.text === undefined ? { text: given } : given;
  const cell = document.createElement('td');
  if (kind !== '') cell.className = kind;
  if (shade !== undefined) cell.style.setProperty('--shade', `${shade}%`);
  cell.append(act === undefined ? String(text) : button(text, isPressed, act));
  return cell;
}

export function button(text, isPressed, act) {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.setAttribute('aria-pressed', String(isPressed));
  made.addEventListener('click', act);
  return made;
}
