/**
 * What the dashboard tells as it comes: changes of a store, and figures in charts.
 *
 * Must not know how they come. Invariant tested: who follows takes part only as long as he does,
 * and a busy store costs the dashboard no more than it can show.
 */
const assert = require('node:assert/strict');
const http = require('node:http');
const { describe, test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { missing, withPage } = require('../helpers/chromium.js');
const { withDashboard } = require('../helpers/dashboard.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const MARKUP = '<img src=x onerror="document.title=1">';

/** Runs `body(told)` while changes are followed; `told` has the messages so far. */
function following(url, query, body) {
  return streaming(url, 'events', query, body);
}

async function streaming(url, name, query, body) {
  const path = `${url.pathname}${name}?${new URLSearchParams(query)}`;
  const asked = http.get({ host: '127.0.0.1', port: url.port, path });
  const response = await new Promise((resolve, reject) => {
    asked.on('response', resolve).on('error', reject);
  });
  assert.match(response.headers['content-type'], /^text\/event-stream/);
  let text = '';
  response.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  const ended = new Promise((resolve) => response.on('close', resolve));
  const told = () =>
    [...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(([, name, data]) => {
      return { name, ...JSON.parse(data) };
    });
  // It is heard from now on.
  await waitUntil(() => text !== '', 'it begins');
  try {
    await body(told);
  } finally {
    asked.destroy();
    await ended;
  }
}

function isEmpty({ changed, gone }) {
  return Object.keys(changed).length + gone.length === 0;
}

describe('the dashboard, live', () => {
  test('tells of changes as they come, while somebody follows', SLOW, () =>
    withDashboard(async (url, { store }) => {
      await following(url, { file: store.file, prefix: 'a' }, async (told) => {
        assert.equal(store.stats().participants, 2);
        store.set('b', 1);
        store.set('a', 1, { ttl: 60_000, tags: ['tag'] });
        store.delete('a');
        store.set(`a${'x'.repeat(5000)}`, 1);
        const changes = () => told().flatMap((one) => one.changes);
        await waitUntil(() => changes().length === 3, 'all are told');
        assert.deepEqual(
          changes().map(({ type, key }) => [type, key.slice(0, 2)]),
          [
            ['set', 'a'],
            ['delete', 'a'],
            ['set', 'ax'],
          ],
        );
        assert.equal(changes()[2].key.length, 201);
        assert.ok(told().every(({ isCut }) => !isCut));
      });
      await waitUntil(() => store.stats().participants === 1, 'it takes part no more');
    }),
  );

  test('tells of each look what has changed, and once that nothing goes on', SLOW, () =>
    withDashboard(async (url, { store, place }) => {
      const { file } = store;
      await streaming(url, 'look', { file }, async (told) => {
        await waitUntil(() => told().length > 0, 'the first look is told');
        const [{ stores, store: first, since }] = told();
        assert.deepEqual([Object.keys(stores.changed), since], [[file], undefined]);
        assert.deepEqual([first.changed.stats.entries, first.changed.prefixes], [0, []]);
        const before = first.changed.identity;
        store.set('a:1', 1);
        const find = (found) => told().find((it) => found(it.store.changed));
        await waitUntil(() => find(({ stats }) => stats?.entries === 1), 'a change is told');
        const next = find(({ stats }) => stats?.entries === 1);
        assert.equal(next.store.changed.prefixes[0].prefix, 'a:');
        // Of what is as it was nothing is told.
        assert.ok(!('claims' in next.store.changed), JSON.stringify(next));
        const isQuiet = (it) => isEmpty(it.stores) && isEmpty(it.store);
        await waitUntil(() => told().some(isQuiet), 'it is told that nothing goes on');
        const at = told().findIndex(isQuiet);
        assert.equal(told()[at].since, told()[at - 1].at);
        store.destroy();
        await waitUntil(() => find(({ error }) => error !== undefined), 'it is told to be gone');
        const last = find(({ error }) => error !== undefined);
        assert.match(last.store.changed.error.message, /no such store/);
        assert.deepEqual(last.stores.gone, [file]);
        assert.ok(last.store.gone.includes('stats'));
        const anew = new SharedStore(place);
        const isAnew = ({ identity = before }) => identity !== before;
        await waitUntil(() => find(isAnew), 'another one of the same file is told to be another');
        anew.destroy();
      });
    }),
  );

  test('tells of a busy store what can be shown, and that there is more', SLOW, () =>
    withDashboard((url, { store }) =>
      following(url, { file: store.file }, async (told) => {
        for (let number = 0; number < 20_000; number += 1) store.set('busy', number);
        await waitUntil(() => told().some(({ isCut }) => isCut), 'some are left out');
        assert.ok(told().every(({ changes }) => changes.length <= 200));
        const hasLater = () =>
          told().some(({ changes }) => changes.some((it) => it.key === 'later'));
        // It goes on, once what it had is told.
        await waitUntil(() => {
          store.set('later', 1);
          return hasLater();
        }, 'later ones are told');
      }),
    ),
  );

  test('says why there is nothing more, where the store has gone', SLOW, () =>
    withDashboard(async (url, { store }) => {
      const { file } = store;
      await following(url, { file }, async (told) => {
        store.destroy();
        await waitUntil(() => told().length > 0, 'it is told');
        const [{ name, message }] = told();
        assert.equal(name, 'refused');
        assert.match(message, /destroyed/);
      });
      await following(url, { file }, async (told) => {
        await waitUntil(() => told().length > 0, 'it is told');
        assert.match(told()[0].message, /no such store/);
      });
    }),
  );

  test('shows changes and loads in the page', { ...SLOW, skip: missing }, () =>
    withDashboard((url, { store }) =>
      withPage(`${url}#shop`, async ({ evaluate, until }) => {
        await until(`document.querySelectorAll('#charts canvas').length === 12`);
        await until(`!document.getElementById('events-part').hidden`);
        await evaluate(`document.getElementById('follow').focus()`);
        await evaluate(`document.activeElement.click()`);
        await waitUntil(() => store.stats().participants === 2, 'the page follows');
        // Whatever comes before it watches, it does not hear.
        await waitUntil(() => {
          store.set(MARKUP, 1);
          return evaluate(`document.getElementById('events').tBodies[0].rows.length > 0`);
        }, 'a change is shown');
        const row = await evaluate(`document.querySelector('#events tbody tr').textContent`);
        assert.ok(row.includes(MARKUP), row);
        assert.equal(await evaluate(`document.querySelectorAll('img').length`), 0);
        let loads = 0;
        const chart = `[...document.querySelectorAll('#charts canvas')]
          .map((it) => it.getAttribute('aria-label'))
          .find((it) => it?.startsWith('Time of a load'))`;
        await waitUntil(async () => {
          loads += 1;
          await store.getOrSet(`load ${loads}`, () => 1);
          return /: [\d.]+ (µs|ms|s),/.test(await evaluate(chart));
        }, 'the chart shows a time');
        // The keyboard goes through the moments of a chart, and others show the same one.
        await until(`document.querySelector('#charts b').textContent !== '-'`);
        const past = `[...document.querySelectorAll('#charts b')]
          .filter((it) => /^−[\\d.]+ (s|min): /.test(it.textContent)).length`;
        await until(`(() => {
          const figure = document.querySelector('#charts figure');
          figure.focus();
          for (const key of ['End', 'ArrowLeft']) {
            figure.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
          }
          // Those that are seen: others are not drawn.
          return ${past} > 1;
        })()`);
        await evaluate(`document.activeElement.blur()`);
        await until(`${past} === 0`);
        await evaluate(`document.getElementById('follow').click()`);
        await waitUntil(() => store.stats().participants === 1, 'it follows no more');
        // Nobody sees it: it does not look, until somebody does.
        await evaluate(`(() => {
          window.streams = [];
          const { EventSource } = window;
          window.EventSource = class extends EventSource {
            constructor(address) { super(address); window.streams.push(this); }
          };
          document.querySelector('#stores button').click();
          window.setHidden = (isHidden) => {
            Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true });
            document.dispatchEvent(new Event('visibilitychange'));
          };
        })()`);
        const states = 'window.streams.map((it) => it.readyState)';
        await until(`window.streams[0].readyState === EventSource.OPEN`);
        assert.deepEqual(await evaluate(`(setHidden(true), ${states})`), [2]);
        await evaluate('setHidden(false)');
        await until(`window.streams.length === 2 && window.streams[1].readyState === 1`);
        assert.equal(await evaluate('document.title'), 'shared-memory-store');
      }),
    ),
  );
});
