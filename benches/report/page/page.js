/**
 * The page of results: all that a results file has, as charts in groups, with the targets first.
 *
 * Text from results; nothing here measures, and nothing is fetched: no script, no font, no image.
 * Invariant: the same results make the same page, byte for byte.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { checkTargets } = require('../targets/targets.js');
const { chartsOfMeasurement, chartsOfRow } = require('./charts.js');
const { GROUPS } = require('./groups.js');
const { escaped, tableOf, verdict } = require('./shapes.js');

const STYLE = fs.readFileSync(path.join(__dirname, 'page.css'), 'utf8');
const TITLE = 'shared-memory-store, measured';

/**
 * The page of some results. Those of the first are the page; measurements that only a later one has
 * are shown with the machine that made them.
 *
 * @param {object[]} all
 * @param {Map<string, string>} titles of measurements, by field
 */
function pageOf(all, titles) {
  const [results] = all;
  const merged = mergedOf(all);
  const targets = checkTargets(merged);
  const groups = GROUPS.map((group) => section(group, { merged, targets, titles, results }));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${TITLE}</title>
<style>
${STYLE}</style>
</head>
<body>
<a class="skip" href="#targets">Skip to the results</a>
${head(results, merged)}
${navigation()}
<main>
${targetSection(targets)}
${groups.join('\n')}
</main>
${foot(merged)}
</body>
</html>
`;
}

/** One set of results, in which each measurement of another file knows its machine. */
function mergedOf([results, ...others]) {
  const measurements = { ...results.measurements };
  for (const { machine, measurements: theirs } of others) {
    for (const [field, measured] of Object.entries(theirs)) {
      measurements[field] ??= { ...measured, machine };
    }
  }
  return { ...results, measurements };
}

function head({ machine }, merged) {
  const { processor, cores, memoryGigabytes, system, node, v8, bun, peers } = machine;
  const facts = [
    ['Processor', `${processor}, ${cores} cores`],
    ['Memory', `${memoryGigabytes} GB`],
    ['System', system],
    ['Node.js', `${node}, V8 ${v8}`],
    ...(bun === null ? [] : [['Bun', bun]]),
    ['Measured', datesOf(merged)],
  ];
  const list = facts.map(([name, fact]) => `<div><dt>${name}</dt><dd>${escaped(fact)}</dd></div>`);
  const versions = Object.entries(peers).map(([name, version]) => {
    return `<tr><th scope="row">${escaped(name)}</th>\
<td>${escaped(version ?? 'not there')}</td></tr>`;
  });
  return `<header>
<h1>${TITLE}</h1>
<p class="lead">Every figure of this package beside the stores that people would use instead, also \
where those are faster. Bars are medians of several rounds; the line across the end of a bar is \
the middle half of the rounds. Where figures lie far apart, the scale is logarithmic: each line is \
ten times the one before. Compare within a chart, not with the numbers of another machine.</p>
<dl class="facts">${list.join('')}</dl>
<details><summary>Versions of the peers</summary><div class="scroll"><table class="plain">
<tbody>${versions.join('')}</tbody></table></div></details>
</header>`;
}

function datesOf({ rows, measurements }) {
  const times = [...rows, ...Object.values(measurements)].map(({ measuredAt }) => measuredAt);
  const days = [...new Set(times.filter(Boolean).map(dayOf))].sort();
  if (days.length < 2) return days[0] ?? 'nothing yet';
  return `${days[0]} to ${days.at(-1)}`;
}

function dayOf(measuredAt) {
  return measuredAt.slice(0, 10);
}

function navigation() {
  const links = [{ id: 'targets', title: 'Targets' }, ...GROUPS].map(({ id, title }) => {
    return `<li><a href="#${id}">${escaped(title)}</a></li>`;
  });
  return `<nav aria-label="Groups of results"><ul>${links.join('')}</ul></nav>`;
}

function targetSection(targets) {
  const of = (reached) => targets.filter((target) => target.reached === reached);
  const tally = [true, false, null].map((reached) => {
    return `<div class="count"><b>${of(reached).length}</b>${verdict(reached)}</div>`;
  });
  const missed = of(false);
  const first = missed.length === 0 ? '' : targetTable(missed, 'Targets that were missed');
  return `<section id="targets" tabindex="-1">
<h2>Targets</h2>
<p class="about">What this package wants to reach, set before it was measured. A ratio is ours ÷ \
the peer's, and less is better.</p>
<div class="tally">${tally.join('')}</div>
${first}
${folded(`${of(null).length} not measured`, of(null))}
${folded(`${of(true).length} met`, of(true))}
</section>`;
}

function folded(summary, targets) {
  if (targets.length === 0) return '';
  return `<details><summary>${summary}</summary>${targetTable(targets, summary)}</details>`;
}

function targetTable(targets, label) {
  const lines = targets.map(({ title, reached, detail }) => {
    return `<tr><td>${verdict(reached)}</td><th scope="row">${escaped(title)}</th>\
<td>${escaped(detail)}</td></tr>`;
  });
  return `<table class="targets" aria-label="${escaped(label)}"><tbody>
${lines.join('\n')}
</tbody></table>`;
}

function section({ id, title, about, rows, fields, asked }, { merged, targets, titles, results }) {
  const missing = [];
  const cards = [];
  for (const name of rows) {
    const charts = chartsOfRow(merged, name);
    if (charts.length === 0) missing.push(name);
    else cards.push(card(charts, { goals: targets.filter(({ row }) => row === name) }));
  }
  for (const field of fields) {
    const measured = merged.measurements[field];
    const heading = titles.get(field) ?? field;
    if (measured === undefined) missing.push(heading);
    else cards.push(...cardsOf(field, heading, measured, results));
  }
  if (missing.length > 0) cards.push(missingCard(missing, asked));
  const key = id === 'hit-ratio' ? KEY : '';
  return `<section id="${id}" tabindex="-1">
<h2>${escaped(title)}</h2>
<p class="about">${escaped(about)}</p>${key}
<div class="cards">
${cards.join('\n')}
</div>
</section>`;
}

const KEY = `
<p class="key"><span><i class="dot us"></i>ours</span><span><i class="dot lru"></i>LRU \
(lru-cache)</span><span><i class="dot least"></i>the optimum</span></p>`;

/** A measurement with several charts of equal rank has a card for each. */
function cardsOf(field, title, measured, { machine }) {
  const where = measured.machine === undefined ? '' : otherMachine(measured.machine, machine);
  return chartsOfMeasurement(field, title, measured).map((chart) => {
    return card([chart], { where, isWide: chart.kind === 'parts' });
  });
}

function otherMachine({ processor, cores, memoryGigabytes, node }, { processor: usual }) {
  const what = `${processor}, ${cores} cores, ${memoryGigabytes} GB, Node.js ${node}`;
  return processor === usual ? what : `on another machine: ${what}`;
}

function card(charts, { goals = [], where = '', isWide = false }) {
  const [{ title, name, measuredAt }] = charts;
  const notes = [`<code>${escaped(name)}</code>`, dayOf(measuredAt), escaped(where)];
  const lines = goals.map(({ title: goal, reached, detail }) => {
    return `<li>${verdict(reached)} ${escaped(goal)}: ${escaped(detail)}</li>`;
  });
  const reasons = skippedLines(charts.flatMap(({ skipped = [] }) => skipped));
  const all = [...lines, ...reasons];
  const list = all.length === 0 ? '' : `<ul class="goals">${all.join('')}</ul>`;
  return `<article class="card${isWide ? ' wide' : ''}">
<h3>${escaped(title)}</h3>
<p>${notes.filter(Boolean).join(' · ')}</p>
${charts.map(tableOf).join('\n')}${list}
</article>`;
}

/** Who was skipped, by the reason; several were for one reason, in several charts. */
function skippedLines(skipped) {
  const peers = new Map();
  for (const [peer, why] of skipped) peers.set(why, (peers.get(why) ?? new Set()).add(peer));
  return [...peers].map(([why, names]) => {
    return `<li>Skipped ${escaped([...names].join('; '))}: ${escaped(why)}</li>`;
  });
}

function missingCard(missing, asked) {
  const names = missing.map((name) => `<code>${escaped(name)}</code>`).join(', ');
  return `<article class="card wide missing">
<h3>Not measured in this file</h3>
<p>${names}</p>
<p><code>npm run bench -- --rows '${escaped(asked)}'</code> measures it.</p>
</article>`;
}

function foot({ machine }) {
  return `<footer>
<p>Made from <a href="results.json">results.json</a> by <code>node benches/run.js --page</code>, \
on ${escaped(machine.system)}. How fairness is kept, and what the rows are: \
<a href="../README.md">benches/README.md</a>.</p>
</footer>`;
}

module.exports = { pageOf };
