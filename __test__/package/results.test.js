/**
 * The page of results and the README's table: they say what the results file says.
 *
 * Must not measure. Nothing of it asks for the packages that are measured.
 */
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { existsSync, readFileSync } = require('node:fs');
const path = require('node:path');

const { ADAPTER_ROWS } = require('../../benches/rows/adapters/rows.js');
const { MEASUREMENTS, TITLES } = require('../../benches/run.js');
const { GROUPS } = require('../../benches/report/page/groups.js');
const { pageOf } = require('../../benches/report/page/page.js');
const { PROCESS_ROWS } = require('../../benches/processes/rows.js');
const { ROWS } = require('../../benches/rows/rows.js');
const { SHARED_ROWS } = require('../../benches/shared/rows.js');
const { withFigures } = require('../../benches/report/readme.js');

const ROOT = path.join(__dirname, '..', '..');
const RESULTS = path.join(ROOT, 'benches', 'results');
const FILES = [RESULTS, path.join(RESULTS, 'scale')].map((it) => path.join(it, 'results.json'));
const ALL = FILES.filter(existsSync).map((file) => JSON.parse(readFileSync(file, 'utf8')));

const page = (change = (results) => results) => {
  return pageOf(
    ALL.map((results) => change(structuredClone(results))),
    TITLES,
  );
};

test('the README shows the figures of the results file', () => {
  const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
  assert.equal(readme, withFigures(readme, ALL[0]), 'node benches/run.js --page makes it anew');
});

test('a table of the README without its markers is refused', () => {
  assert.throws(() => withFigures('# nothing to be found here', ALL[0]), /markers/);
});

test('the page in the folder is the one that its results make', () => {
  const kept = readFileSync(path.join(RESULTS, 'index.html'), 'utf8');
  assert.ok(kept === page(), 'node benches/run.js --page makes it anew');
});

test('each row and each measurement is in one group of the page', () => {
  const rows = [ROWS, SHARED_ROWS, PROCESS_ROWS, ADAPTER_ROWS].flat().map(({ name }) => name);
  const fields = MEASUREMENTS.map(([, field]) => field);
  assert.deepEqual(GROUPS.flatMap((group) => group.rows).sort(), rows.sort());
  assert.deepEqual(GROUPS.flatMap((group) => group.fields).sort(), fields.sort());
});

test('the page names nothing that lies outside, and runs nothing', () => {
  const text = page();
  assert.doesNotMatch(text, /<(script|link|img|iframe|object|embed|form)\b/i);
  assert.doesNotMatch(text, /https?:|url\(|@import|\son\w+=/i);
  const places = [...text.matchAll(/href="([^"]*)"/g)].map(([, place]) => place);
  assert.ok(places.length > GROUPS.length);
  for (const place of places) {
    const isThere = place.startsWith('#')
      ? text.includes(`id="${place.slice(1)}"`)
      : existsSync(path.join(RESULTS, place));
    assert.ok(isThere, place);
  }
});

test('what was measured is on the page, with its figure', () => {
  const text = page();
  for (const { name, contenders } of ALL[0].rows) {
    assert.ok(text.includes(`<code>${name}</code>`), name);
    for (const contender of Object.keys(contenders)) assert.ok(text.includes(contender), contender);
  }
  for (const { measurements } of ALL) {
    for (const field of Object.keys(measurements)) {
      assert.ok(text.includes(`<code>${field}</code>`), field);
    }
  }
});

test('what was not measured is said to be so', () => {
  const text = page((results) => ({ ...results, rows: [], measurements: {} }));
  for (const { rows, asked } of GROUPS) {
    for (const name of rows) assert.ok(text.includes(`<code>${name}</code>`), name);
    assert.ok(text.includes(`--rows '${asked}'`), asked);
  }
  assert.doesNotMatch(text, /<div class="count"><b>[1-9]\d*<\/b><span class="verdict (met|missed)/);
});

test('a missed target is told before those that were met', () => {
  const text = page((results) => {
    for (const { name, ratios } of results.rows) {
      if (name === 'get-miss') ratios['lru-cache'].median = 99;
    }
    return results;
  });
  const [first] = text.slice(text.indexOf('id="targets"')).split('<details>');
  assert.match(first, /get-miss, 1,000 keys/);
});

test('a name is text on the page, whatever is in it', () => {
  const text = page((results) => {
    if (results.rows.length === 0) return results;
    results.machine.processor = '<script>"&';
    results.rows[0].contenders['<i>"&'] = results.rows[0].contenders.Map;
    results.rows[0].skipped = { '<b>': '<u>' };
    return results;
  });
  assert.doesNotMatch(text, /<script|<i>"|<u>/);
  assert.match(text, /&lt;script&gt;&quot;&amp;/);
  assert.match(text, /&lt;i&gt;&quot;&amp;/);
});

test('a bar is as long as its figure says, and none leaves its track', () => {
  const text = page();
  const lengths = [...text.matchAll(/class="bar" style="width:([\d.e-]+)%"/g)].map(([, it]) => +it);
  assert.ok(lengths.length > 100);
  for (const length of lengths) assert.ok(length > 0 && length <= 100, String(length));
  const spreads = text.matchAll(/class="spread" style="left:([\d.e-]+)%;width:([\d.e-]+)%"/g);
  for (const [whole, left, width] of spreads) {
    assert.ok(+left >= 0 && +left + +width <= 100.02, whole);
  }
});
