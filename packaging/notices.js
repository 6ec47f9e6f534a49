/**
 * Writes the notices of the crates that are linked into the core, beside it.
 *
 *     node packaging/notices.js
 *
 * A part of `npm run build`. Knows Cargo's own description of the crates, and reads their licenses
 * where Cargo has put them. What only builds the core is not in it, and needs no notice.
 */
'use strict';

const { execFileSync } = require('node:child_process');
const { readFileSync, readdirSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const REPOSITORY = path.join(__dirname, '..');
const NOTICES = path.join(REPOSITORY, 'lib', 'native', 'THIRD-PARTY-NOTICES.txt');
const RULE = '-'.repeat(80);
/** Of several licenses that one may choose from, this one. */
const CHOSEN = /MIT/i;
const LICENSE = /^(licen[cs]e|copying)/i;

/** What Cargo says of this crate and all others, on the system that builds. */
function metadata() {
  const how = { cwd: REPOSITORY, encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 };
  const host = /^host: (.*)$/m.exec(execFileSync('rustc', ['-vV'], how))[1];
  const given = ['metadata', '--format-version=1', '--locked', `--filter-platform=${host}`];
  return JSON.parse(execFileSync('cargo', given, how));
}

/** The crates that are linked in, by name. */
function linkedCrates({ packages, resolve }) {
  const crates = new Map(packages.map((crate) => [crate.id, crate]));
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const found = new Set();
  const waiting = [resolve.root];
  while (waiting.length > 0) {
    for (const { pkg, dep_kinds: kinds } of nodes.get(waiting.pop()).deps) {
      const isLinked = kinds.some(({ kind }) => kind === null) && !isMacro(crates.get(pkg));
      if (!isLinked || found.has(pkg)) continue;
      found.add(pkg);
      waiting.push(pkg);
    }
  }
  const linked = [...found].map((id) => crates.get(id));
  return linked.sort((one, other) => one.name.localeCompare(other.name));
}

/** Whether a crate runs while others are compiled, and is no part of what comes out. */
function isMacro(crate) {
  return crate.targets.some(({ kind }) => kind.includes('proc-macro'));
}

function noticeOf({ name, version, license, authors, repository, manifest_path: manifest }) {
  const folder = path.dirname(manifest);
  const files = readdirSync(folder).filter((file) => LICENSE.test(file));
  const chosen = files.filter((file) => CHOSEN.test(file));
  const texts = (chosen.length > 0 ? chosen : files).map((file) => {
    return readFileSync(path.join(folder, file), 'utf8').trim();
  });
  const by = authors.length > 0 ? [`Copyright (c) ${authors.join(', ')}`] : [];
  const head = [`${name} ${version}, ${license}`, repository].filter(Boolean);
  return [head.join('\n'), ...(texts.length > 0 ? texts : by)].join('\n\n');
}

function write() {
  const notices = linkedCrates(metadata()).map(noticeOf);
  const head = 'The native core of shared-memory-store has these crates in it.';
  writeFileSync(NOTICES, `${[head, ...notices].join(`\n\n${RULE}\n\n`)}\n`);
}

write();
