/**
 * Makes the package that people install, in `target/package`, from the files of this checkout.
 *
 *     npm run stage
 *
 * What a program loads at its start is one file there, and what a shared store needs another: to
 * find and compile 60 files takes three times as long as one of the same size. The code is without
 * its comments, a quarter of the package; names and lines stay, for those who look into a stack.
 * All else is as in the checkout. Knows no module: which ones a start loads it sees by starting.
 */
'use strict';

const { execFileSync } = require('node:child_process');
const { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { led, linked } = require('./link.js');

const REPOSITORY = path.join(__dirname, '..');
const STAGE = path.join(REPOSITORY, 'target', 'package');
const MAIN = 'index.js';

/** The files of many modules, and what a program does that needs those. */
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
]);
/** A letter of another alphabet makes an engine keep all of a file in twice the room. */
const NOT_ASCII = /(?<!\\)[^\0-\x7f]/g;
/** Takes comments out of code, and changes nothing else: no syntax, no kind of module. */
const BARE = Object.freeze([
  ...['--ignoreConfig', '--allowJs', '--noCheck', '--removeComments', '--declaration', 'false'],
  ...['--newLine', 'lf', '--target', 'esnext', '--module', 'nodenext'],
  ...['--moduleDetection', 'legacy', '--types', 'node', '--rootDir', REPOSITORY],
]);
/** As TypeScript indents, and as few bytes do. */
const INDENTED = /^(?: {4})+/gm;
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
  const homes = homesOf();
  const bare = bareTexts(files.filter(isCode));
  for (const file of files.filter((name) => !homes.has(name))) place(folder, file, homes, bare);
  for (const { file } of LINKED) {
    const names = [...homes.keys()].filter((name) => homes.get(name) === file);
    const modules = names.map((name) => ({ name, text: bare.get(name) }));
    const text = linked(modules, file, (name) => callOf(name, file, homes));
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
  return file === MAIN || (file.startsWith('lib/') && /\.c?js$/.test(file));
}

/** The texts of files without their comments, by name. */
function bareTexts(files) {
  const folder = mkdtempSync(path.join(tmpdir(), 'shared-memory-store-bare-'));
  try {
    const compiler = path.join(REPOSITORY, 'node_modules', 'typescript', 'bin', 'tsc');
    const given = [...BARE, '--outDir', folder, ...files];
    execFileSync(process.execPath, [compiler, ...given], { cwd: REPOSITORY, stdio: 'inherit' });
    return new Map(files.map((file) => [file, slim(path.join(folder, file))]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The text of a file with a byte a character, and one space a level. */
function slim(file) {
  const text = readFileSync(file, 'utf8').replace(NOT_ASCII, (letter) => {
    return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  // A text over several lines is left alone.
  if (text.includes('`')) return text;
  return text.replace(INDENTED, (spaces) => ' '.repeat(spaces.length / 4));
}

/** In which file of many each module lies that does not stay where it is, by name. */
function homesOf() {
  const homes = new Map();
  let program = `const MemoryStore = require('./${MAIN}');`;
  for (const { file, use } of LINKED) {
    program += use;
    for (const name of loadedBy(program)) if (!homes.has(name)) homes.set(name, file);
  }
  return homes;
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
function place(folder, file, homes, bare) {
  const to = path.join(folder, file);
  if (file === 'package.json') {
    const manifest = JSON.parse(textOf(file));
    for (const field of UNUSED_FIELDS) delete manifest[field];
    write(to, `${JSON.stringify(manifest, null, 2)}\n`);
  } else if (bare.has(file)) {
    const text = led(bare.get(file), file, (name) => callOf(name, file, homes));
    write(to, text);
  } else {
    mkdirSync(path.dirname(to), { recursive: true });
    cpSync(path.join(REPOSITORY, file), to);
  }
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

module.exports = { stage };
