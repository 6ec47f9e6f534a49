/**
 * The cores that the package is built with, by name, each with a `require` of its own.
 *
 * Knows names only. Bundlers and tracers follow a `require` with a name in it, and take it for one
 * that may fail if it stands in a `try`: most of these are not there.
 */
// TypeScript knows no files of this kind, and not the packages of other platforms.
// @ts-nocheck
'use strict';

const NAME = 'shared-memory-store';

/** The platforms that packages are built for, as `platform-arch` → suffix of the names. */
const SUFFIXES = Object.freeze({
  'linux-x64': ['linux-x64-gnu', 'linux-x64-musl'],
  'linux-arm64': ['linux-arm64-gnu', 'linux-arm64-musl'],
  'darwin-x64': ['darwin-x64'],
  'darwin-arm64': ['darwin-arm64'],
  'win32-x64': ['win32-x64-msvc'],
});

/** @param {string} suffix @returns {string} */
function fileOf(suffix) {
  return `${NAME}.${suffix}.node`;
}

/** What may be required for a suffix. @param {string} suffix @returns {string[]} */
function namesOf(suffix) {
  return [`./${fileOf(suffix)}`, `${NAME}-${suffix}`];
}

/** @param {string} name @returns {any} */
function required(name) {
  try {
    switch (name) {
      case './shared-memory-store.linux-x64-gnu.node':
        return require('./shared-memory-store.linux-x64-gnu.node');
      case 'shared-memory-store-linux-x64-gnu':
        return require('shared-memory-store-linux-x64-gnu');
      case './shared-memory-store.linux-x64-musl.node':
        return require('./shared-memory-store.linux-x64-musl.node');
      case 'shared-memory-store-linux-x64-musl':
        return require('shared-memory-store-linux-x64-musl');
      case './shared-memory-store.linux-arm64-gnu.node':
        return require('./shared-memory-store.linux-arm64-gnu.node');
      case 'shared-memory-store-linux-arm64-gnu':
        return require('shared-memory-store-linux-arm64-gnu');
      case './shared-memory-store.linux-arm64-musl.node':
        return require('./shared-memory-store.linux-arm64-musl.node');
      case 'shared-memory-store-linux-arm64-musl':
        return require('shared-memory-store-linux-arm64-musl');
      case './shared-memory-store.darwin-x64.node':
        return require('./shared-memory-store.darwin-x64.node');
      case 'shared-memory-store-darwin-x64':
        return require('shared-memory-store-darwin-x64');
      case './shared-memory-store.darwin-arm64.node':
        return require('./shared-memory-store.darwin-arm64.node');
      case 'shared-memory-store-darwin-arm64':
        return require('shared-memory-store-darwin-arm64');
      case './shared-memory-store.win32-x64-msvc.node':
        return require('./shared-memory-store.win32-x64-msvc.node');
      case 'shared-memory-store-win32-x64-msvc':
        return require('shared-memory-store-win32-x64-msvc');
      default:
        throw new Error('no core has this name');
    }
  } catch (error) {
    // In this function, so that bundlers see that it may fail.
    return rethrow(error);
  }
}

function rethrow(error) {
  throw error;
}

module.exports = { NAME, SUFFIXES, fileOf, namesOf, required };
