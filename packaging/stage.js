/**
 * Makes the package that people install, in `target/package`, from the files of this checkout.
 *
 *     npm run stage
 *
 * What a program loads at its start is one file there, and so is what each kind of store needs: to
 * find and compile 60 files takes three times as long as one of the same size. The code is without
 * comments and spaces; all names stay, for those who look into a stack. Pages for those who work on
 * the package stay in the repository, and links lead there. All else is as in the checkout. Knows
 * no module but those that others name by a path: which ones a start loads it sees by starting.
 */
'use strict';

const { execFileSync } = require('node:child_process');
const { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { transformSync } = require('esbuild');
const { led, linked } = require('./link.js');

const REPOSITORY = path.join(__dirname, '..');
const STAGE = path.join(REPOSITORY, 'target', 'package');
const MAIN = 'index.js';

/** The files of many modules: what a program does that needs those, and a folder of more. */
const LINKED = Object.freeze([
  {
    file: 'lib/made/start.js',
    use: `new MemoryStore().set('key', 'value');`,
  },
  {
    file: 'lib/made/shared.js',
    use: `const store = new MemoryStore.SharedStore({ name: 'stage', maxBytes: 1024 ** 2 });
          store.set('key', 'value');
          store.get('key');
          store.close();`,
  },
  {
    file: 'lib/made/fleet.js',
    folder: 'lib/fleet/',
    use: `require('./lib/fleet/fleet-store.js');`,
  },
  { file: 'lib/made/cli.js', folder: 'lib/cli/' },
]);
/** Modules that are named by a path, and have to lie there. */
const NAMED = /^lib\/(?:cli\/commands\/.*|fleet\/near\/listener)\.js$/;
/**
 * What code is made smaller by. Engines print the line of an error that nobody caught: lines end
 * where they may soon after this many columns, and cost 1 % of what is saved.
 */
const SMALL = Object.freeze({
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 400,
  target: 'node20',
});
/** Code that is as small as it gets. */
const SMALL_ALREADY = /\/uplot\//;
const LINK = /(!?)\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)/g;
/** What is of no use to those who install the package. */
const UNUSED_FIELDS = Object.freeze(['allowScripts', 'devDependencies', 'napi', 'scripts']);

/**
 * Makes the package anew in a folder, and gives its path.
 *
 * @param {string} [folder]
 */
function stage(folder = STAGE) {
  rmSync(folder, { recursive: true, force: true });
  const files = packedFiles();
  const homes = homesOf(files);
  for (const file of files.filter((name) => !homes.has(name))) place(folder, file, files, homes);
  for (const { file } of LINKED) {
    const names = [...homes.keys()].filter((name) => homes.get(name) === file);
    const modules = names.map((name) => ({ name, text: textOf(name) }));
    const text = linked(modules, file, { callOf: (name) => callOf(name, file, homes), small });
    write(path.join(folder, file), text);
  }
  return folder;
}

/** What npm would pack of this checkout. */
function packedFiles() {
  const printed = execFileSync('npm', ['pack', '--dry-run', '--json', '--loglevel=error'], {
    cwd: REPOSITORY,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const packed = JSON.parse(printed);
  // npm 12 prints an object by package name, earlier ones an array.
  const [{ files }] = Array.isArray(packed) ? packed : Object.values(packed);
  return files.map((file) => file.path.replaceAll('\\', '/'));
}

/** Whether a file is of what runs, not of what people read. */
function isCode(file) {
  if (SMALL_ALREADY.test(file)) return false;
  return file === MAIN || (file.startsWith('lib/') && /\.(?:[cm]?js|css)$/.test(file));
}

/** A text of code without what only people need, and with a byte a character. */
function small(text, loader = 'js') {
  return transformSync(text, { ...SMALL, loader }).code;
}

/** In which file of many each module lies that does not stay where it is, by name. */
function homesOf(files) {
  const homes = new Map();
  let program = `const MemoryStore = require('./${MAIN}');`;
  for (const { file, use = '', folder } of LINKED) {
    program += use;
    const inside = folder === undefined ? [] : files.filter((name) => name.startsWith(folder));
    for (const name of [...loadedBy(program), ...inside].filter(isPart)) {
      if (!homes.has(name)) homes.set(name, file);
    }
  }
  return homes;
}

/** Whether a module may lie in a file of many: others reach it by `require` alone. */
function isPart(name) {
  const { bin, exports: given } = JSON.parse(textOf('package.json'));
  const entries = [...Object.values(given).map((entry) => entry.default), ...Object.values(bin)];
  const isEntry = entries.some((entry) => path.posix.normalize(entry ?? '') === name);
  return name.endsWith('.js') && !isEntry && !NAMED.test(name);
}

/** The modules of this package that a program loads, but for the main one. */
function loadedBy(program) {
  const printed = execFileSync(
    process.execPath,
    ['-e', `${program}process.stdout.write(JSON.stringify(Object.keys(require.cache)))`],
    { cwd: REPOSITORY, encoding: 'utf8' },
  );
  const names = JSON.parse(printed).map((file) => path.relative(REPOSITORY, file));
  const ours = names.map((name) => name.replaceAll('\\', '/'));
  return ours.filter((name) => /^lib\/.*(?<!\.d)\.js$/.test(name));
}

/** Puts one file of the checkout into the package. */
function place(folder, file, files, homes) {
  const to = path.join(folder, file);
  if (file === 'package.json') {
    const manifest = JSON.parse(textOf(file));
    for (const field of UNUSED_FIELDS) delete manifest[field];
    write(to, `${JSON.stringify(manifest, null, 2)}\n`);
  } else if (isCode(file)) {
    const text = led(textOf(file), file, (name) => callOf(name, file, homes));
    write(to, small(text, file.endsWith('.css') ? 'css' : 'js'));
  } else if (file.endsWith('.md')) {
    const { repository, version } = JSON.parse(textOf('package.json'));
    write(to, withLinks(textOf(file), file, { files, repository, version }));
  } else {
    mkdirSync(path.dirname(to), { recursive: true });
    cpSync(path.join(REPOSITORY, file), to);
  }
}

/**
 * The text of a page with links into the repository where the package lacks what they name.
 *
 * @param {string} text
 * @param {string} page
 * @param {{ files: string[], version: string, repository?: { url: string } }} packed
 */
function withLinks(text, page, { files, version, repository }) {
  const address = /https:.*?(?=\.git$|$)/.exec(repository?.url ?? '')?.[0];
  return text.replace(LINK, (whole, picture, name, target, anchor = '') => {
    if (picture !== '' || target.includes(':')) return whole;
    const found = path.posix.join(path.posix.dirname(page), target);
    if (files.some((file) => file === found || file.startsWith(`${found}/`))) return whole;
    if (address === undefined) return `${name} (in the repository)`;
    return `[${name}](${address}/blob/v${version}/${found}${anchor})`;
  });
}

/** What a file calls to have a module. */
function callOf(name, from, homes) {
  const home = homes.get(name);
  if (home === from) return `part['${name}']()`;
  const relative = path.posix.relative(path.posix.dirname(from), home ?? name);
  const call = `require('${relative.startsWith('.') ? relative : `./${relative}`}')`;
  return home === undefined ? call : `${call}['${name}']()`;
}

function textOf(file) {
  return readFileSync(path.join(REPOSITORY, file), 'utf8');
}

function write(to, text) {
  mkdirSync(path.dirname(to), { recursive: true });
  writeFileSync(to, text);
}

if (require.main === module) console.log(stage());

module.exports = { stage, withLinks };
