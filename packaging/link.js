/**
 * Makes one file of many modules: to find, read and compile each costs more than to run it.
 *
 * Knows texts only, and one form of `require`: a relative path, in single quotes. What makes
 * a text small comes after that. Invariant: a module is made once, at the first call for it.
 */
'use strict';

const path = require('node:path');

const RELATIVE = /\brequire\('(\.[^']*)'\)/g;
const OWN_FOLDER = /\b__dirname\b/g;

/**
 * The text of a module with its calls of `require` led to where those modules are now.
 *
 * @param {string} text
 * @param {string} name of the module: its path from the root of the package
 * @param {(name: string) => string} callOf what takes the place of the call for a module
 */
function led(text, name, callOf) {
  return text.replace(RELATIVE, (_call, relative) => {
    return callOf(path.posix.join(path.posix.dirname(name), relative));
  });
}

/**
 * The text of a file that has many modules in it, each made at the first call for it.
 *
 * @param {{ name: string, text: string }[]} modules
 * @param {string} file where it will lie, from the root of the package
 * @param {object} how
 * @param {(name: string) => string} how.callOf
 * @param {(text: string) => string} how.small what is done to the text of each module
 */
function linked(modules, file, { callOf, small }) {
  const parts = modules.map(({ name, text }) => {
    const folder = `folderOf('${path.posix.dirname(name)}')`;
    const body = led(text, name, callOf).replace(OWN_FOLDER, () => folder);
    // A function in parentheses is compiled at once, not looked through first.
    return `define('${name}', (function (module) {\n${small(body).trim()}\n}));`;
  });
  const up = path.posix.relative(path.posix.dirname(file), '');
  return `${headOf(path.posix.dirname(file), up)}\n${parts.join('\n')}`;
}

/** What such a file begins with: it lies in a folder, and the root is so far up from there. */
function headOf(folder, up) {
  return `/**
 * Made by \`npm run stage\` of the modules that it names: one file is found and read sooner.
 */
'use strict';

const { join, sep } = require('node:path');

const part = exports;

function define(name, make) {
  let made;
  part[name] = () => {
    if (made !== undefined) return made.exports;
    // Who asks while it is made gets what there is so far, as of any module.
    made = { exports: {} };
    try {
      make(made);
    } catch (error) {
      made = undefined;
      throw error;
    }
    return made.exports;
  };
}

/** Where a module would lie; where this file does, once a bundler has put it elsewhere. */
function folderOf(name) {
  const isInPlace = __dirname.replaceAll(sep, '/').endsWith('/${folder}');
  return isInPlace ? join(__dirname, '${up}', name) : __dirname;
}
`;
}

module.exports = { led, linked };
