/**
 * The dashboard's page when answers come late: what is shown, and what its buttons do.
 *
 * Must not know what is answered. Invariant tested: nothing of one store is shown under another's
 * name, or done to it.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { missing, withPage } = require('../helpers/chromium.js');
const { withDashboard } = require('../helpers/dashboard.js');
const { SLOW } = require('../helpers/test-timeout.js');

const browsing = { ...SLOW, skip: missing };

/** Runs `body(page)` with a page of two stores which hold the same key. */
function withTwoStores(body) {
  return withDashboard(async (url, { store, place }) => {
    const other = new SharedStore({ ...place, name: 'other' });
    try {
      store.set('key', 'of shop');
      other.set('key', 'of other');
      await withPage(url, async ({ evaluate, until }) => {
        await until(`document.querySelectorAll('#stores button').length === 2`);
        await evaluate(HELD);
        const choose = (name) =>
          evaluate(`[...document.querySelectorAll('#stores button')]
          .find((it) => it.textContent === ${JSON.stringify(name)}).click()`);
        const text = (id) => evaluate(`document.getElementById(${JSON.stringify(id)}).textContent`);
        await body({ choose, text, evaluate, until, store, other });
      });
    } finally {
      other.destroy();
    }
  });
}

/** From `holdBack(name)` on its answers wait for `letGo`; those of '' wait for nothing. */
const HELD = `(() => {
  const { fetch } = window;
  let [held, gate] = ['', Promise.resolve()];
  const gates = [];
  window.answered = 0;
  window.holdBack = (name) => {
    held = name;
    gate = new Promise((resolve) => { gates.push(resolve); });
  };
  window.letGo = async () => {
    held = '';
    for (const open of gates.splice(0)) open();
    await new Promise((resolve) => setTimeout(resolve));
  };
  window.fetch = async (what, how) => {
    const opened = gate;
    const isHeld = held !== '' && String(what).startsWith(held);
    const response = await fetch(what, how);
    const text = await response.text();
    if (isHeld) window.answered += 1;
    if (isHeld) await opened;
    return new Response(text, response);
  };
})()`;

test('a_value_of_another_store_is_not_shown_nor_offered', browsing, () =>
  withTwoStores(async ({ choose, text, evaluate, until }) => {
    await choose('shop');
    await until(`document.querySelectorAll('#keys button').length === 1`);
    await evaluate(`holdBack('value'), document.querySelector('#keys button').click()`);
    await until('answered === 1');
    await choose('other');
    await until(`document.querySelectorAll('#keys button').length === 1`);
    await evaluate('letGo()');
    assert.deepEqual(
      [await text('entry'), await text('value'), await text('actions')],
      ['', '', ''],
    );
    await evaluate(`document.querySelector('#keys button').click()`);
    await until(`document.getElementById('value').textContent === "'of other'"`);
  }),
);

test('keys_of_another_store_are_not_shown', browsing, () =>
  withTwoStores(async ({ choose, evaluate, until, store }) => {
    store.set('second', 1);
    const shown = `document.querySelectorAll('#keys button').length`;
    await choose('shop');
    await until(`${shown} === 2`);
    await evaluate(`holdBack('keys'), document.querySelector('#filter button').click()`);
    await until('answered === 1');
    await evaluate('holdBack("")');
    await choose('other');
    await until(`${shown} === 1`);
    await evaluate('letGo()');
    assert.equal(await evaluate(shown), 1);
    // Nor are those that were there before shown until others come.
    await evaluate(`holdBack('keys')`);
    await choose('shop');
    assert.equal(await evaluate(shown), 0);
    await evaluate('letGo()');
    await until(`${shown} === 2`);
  }),
);

test('a_button_removes_from_the_store_whose_entry_it_is_of', browsing, () =>
  withTwoStores(async ({ choose, text, evaluate, until, store, other }) => {
    await choose('shop');
    await until(`document.querySelectorAll('#keys button').length === 1`);
    await evaluate(`document.querySelector('#keys button').click()`);
    await until(`document.querySelectorAll('#actions button').length === 1`);
    // Whoever answers the question late has another store before him.
    await evaluate(`window.kept = document.querySelector('#actions button'), undefined`);
    await evaluate(`window.confirm = (it) => { window.question = it; return true; }, undefined`);
    await choose('other');
    await evaluate('kept.click()');
    await until(`document.querySelectorAll('#keys button').length === 1`);
    assert.equal(await evaluate('question'), 'In the store shop: Remove key?');
    await until(`document.getElementById('entry').textContent === 'Done'`);
    assert.deepEqual([store.has('key'), other.has('key')], [false, true]);
    assert.equal(await text('store-title'), 'other');
  }),
);
