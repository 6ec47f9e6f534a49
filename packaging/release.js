/**
 * Makes every package of a release, in `target/release-packages`, from the cores that were built.
 *
 *     npm run release -- <folder of cores> [--some]
 *
 * The main package has no core; it names those of the platforms, each with its own. Refuses when a
 * core of a supported platform is not there: whoever has that platform would install nothing that
 * works. `--some` is for trying it with the cores of one machine, and names only those.
 */
'use strict';

const { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync } = require('node:fs');
const { writeFileSync } = require('node:fs');
const path = require('node:path');
const { NAME, SUFFIXES, fileOf } = require('../lib/native/cores.js');
const { problemsOf } = require('./inspect.js');
const { stage } = require('./stage.js');

const REPOSITORY = path.join(__dirname, '..');
const RELEASE = path.join(REPOSITORY, 'target', 'release-packages');
const NOTICES = path.join('lib', 'native', 'THIRD-PARTY-NOTICES.txt');
/** How npm calls the C libraries. */
const LIBRARIES = Object.freeze({ gnu: 'glibc', musl: 'musl' });

/**
 * @param {string} cores the folder in which the cores lie, at any depth
 * @param {{ some?: boolean, into?: string }} [how]
 * @returns {string[]} the folders of the packages, the main one last
 */
function release(cores, { some = false, into = RELEASE } = {}) {
  const found = coresIn(cores);
  const suffixes = Object.values(SUFFIXES).flat();
  const missing = suffixes.filter((suffix) => !found.has(fileOf(suffix)));
  if (missing.length > 0 && !some) {
    throw new Error(`Expected a core for every platform in ${cores}, got none for ${missing}`);
  }
  const wrong = some ? [] : wrongCores(found);
  if (wrong.length > 0) throw new Error(`Expected cores that run anywhere, got ${wrong}`);
  rmSync(into, { recursive: true, force: true });
  const built = suffixes.filter((suffix) => found.has(fileOf(suffix)));
  const platforms = built.map((suffix) => platformPackage(suffix, found, into));
  return [...platforms, mainPackage(built, into)];
}

/** The cores for Linux that people could not run, each with what is wrong. */
function wrongCores(found) {
  const suffixes = Object.values(SUFFIXES).flat();
  return suffixes
    .filter((suffix) => suffix.startsWith('linux'))
    .map((suffix) => [suffix, problemsOf(found.get(fileOf(suffix)), suffix)])
    .filter(([, problems]) => problems.length > 0)
    .map(([suffix, problems]) => `${suffix}: ${problems.join(', ')}`);
}

/** The paths of the cores in a folder, by the names of their files. */
function coresIn(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.node'));
  return new Map(files.map(({ name, parentPath }) => [name, path.join(parentPath, name)]));
}

function platformPackage(suffix, found, into) {
  const name = `${NAME}-${suffix}`;
  const folder = path.join(into, name);
  mkdirSync(folder, { recursive: true });
  copyFileSync(found.get(fileOf(suffix)), path.join(folder, fileOf(suffix)));
  copyFileSync(path.join(REPOSITORY, 'LICENSE'), path.join(folder, 'LICENSE'));
  copyFileSync(path.join(REPOSITORY, NOTICES), path.join(folder, path.basename(NOTICES)));
  writeFileSync(path.join(folder, 'README.md'), `The native core of ${NAME} for ${suffix}.\n`);
  const [os, cpu, library] = suffix.split('-');
  const { version, license, engines, repository } = manifest();
  writeJson(path.join(folder, 'package.json'), {
    name,
    version,
    description: `The native core of ${NAME} for ${suffix}`,
    license,
    repository,
    engines,
    main: fileOf(suffix),
    files: [fileOf(suffix), path.basename(NOTICES)],
    os: [os],
    cpu: [cpu],
    libc: LIBRARIES[library] && [LIBRARIES[library]],
  });
  return folder;
}

/** The package that people name: without a core, and with the names of those that were built. */
function mainPackage(suffixes, into) {
  const folder = stage(path.join(into, NAME));
  const native = path.join(folder, 'lib', 'native');
  for (const name of readdirSync(native)) {
    if (!name.endsWith('.js')) rmSync(path.join(native, name));
  }
  const file = path.join(folder, 'package.json');
  const staged = JSON.parse(readFileSync(file, 'utf8'));
  const cores = suffixes.map((suffix) => [`${NAME}-${suffix}`, staged.version]);
  writeJson(file, { ...staged, optionalDependencies: Object.fromEntries(cores) });
  return folder;
}

function manifest() {
  return JSON.parse(readFileSync(path.join(REPOSITORY, 'package.json'), 'utf8'));
}

function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

if (require.main === module) {
  const [cores] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
  if (cores === undefined) throw new Error('Expected the folder of the cores, got none');
  for (const folder of release(cores, { some: process.argv.includes('--some') })) {
    console.log(folder);
  }
}

module.exports = { release };
