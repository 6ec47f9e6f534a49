/**
 * Brings along what is used of packages that are no dependencies: their code, and their licenses.
 *
 *     npm run vendor
 *
 * A part of `npm run build`; `docs/development.md` says why each is not a dependency. Invariant:
 * the code is as it was published, but for what lets it be loaded from here.
 */
'use strict';

const { copyFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const REPOSITORY = path.join(__dirname, '..');
/** A map that is not brought along. */
const SOURCE_MAP = /\n\/\/ ?# sourceMappingURL.*/;

/** Files of a package by the names that they get here: what each is there, and becomes here. */
const BROUGHT = Object.freeze([
  {
    name: 'msgpackr',
    folder: 'lib/values/msgpackr',
    files: {
      'msgpackr.cjs': ['dist/index.js', (text) => text.replace(SOURCE_MAP, '')],
    },
    made: { 'msgpackr.d.cts': "export * from 'msgpackr';" },
  },
  {
    name: 'uplot',
    folder: 'lib/cli/ui/page/uplot',
    files: {
      // A third of the size of what it has for modules.
      'uplot.mjs': ['dist/uPlot.iife.min.js', (text) => `${text.trim()}\nexport default uPlot;\n`],
      'uplot.css': ['dist/uPlot.min.css', (text) => text],
    },
    made: {},
  },
]);

for (const { name, folder, files, made } of BROUGHT) {
  const [from, to] = [path.join(REPOSITORY, 'node_modules', name), path.join(REPOSITORY, folder)];
  mkdirSync(to, { recursive: true });
  for (const [file, [source, changed]] of Object.entries(files)) {
    writeFileSync(path.join(to, file), changed(readFileSync(path.join(from, source), 'utf8')));
  }
  for (const [file, text] of Object.entries(made)) writeFileSync(path.join(to, file), text);
  copyFileSync(path.join(from, 'LICENSE'), path.join(to, 'LICENSE'));
}
