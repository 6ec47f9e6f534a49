/**
 * What to do where no native core could be loaded: it depends on why, and on where one stands.
 *
 * Knows the errors of loaders and how this process was started. Each sentence can be followed as it
 * stands.
 */
'use strict';

const NAME = 'shared-memory-store';
const AGAIN = 'Install the package again';
const BUILD = 'or build it: npm run build (needs Rust).';

/**
 * Why something could not be loaded, in one line.
 *
 * @param {unknown} error
 */
function reasonOf(error) {
  if (isMissing(error)) return 'there is none';
  return error instanceof Error ? String(error.message).split('\n')[0] : String(error);
}

/**
 * The first cause that is found is what has to change first.
 *
 * @param {unknown[]} errors of all that was tried, in order
 */
function adviceFor(errors) {
  const found = errors.filter((error) => !isMissing(error));
  const texts = found.map((error) => String(error));
  const say = (/** @type {RegExp} */ what) => texts.some((text) => what.test(text));
  if (found.some((error) => codeOf(error) === 'ERR_DLOPEN_DISABLED')) return addonsOff();
  if (found.some((error) => codeOf(error) === 'ERR_ACCESS_DENIED')) return accessDenied();
  if (say(/No such built-in module/)) return inOneFile();
  if (say(/NotCapable|Requires ffi access/)) return 'Start Deno with --allow-ffi.';
  if (say(/GLIBC_\d|libc\.musl|ld-linux|symbol not found|Error relocating/)) {
    return (
      'It was built for another C library than this system has. Install the package here, not ' +
      `where another one is (npm ci in the image that runs it), ${BUILD}`
    );
  }
  if (say(/another version/)) {
    return `${AGAIN}, so that both of its parts are of one version, ${BUILD}`;
  }
  if (found.length > 0) return `The file is damaged, or of another system. ${AGAIN}, ${BUILD}`;
  return (
    `${AGAIN} without --omit=optional, on the system that runs it (a lock file or a node_modules ` +
    `of another one has other cores), ${BUILD} In a bundle: see docs/guides/bundling.md.`
  );
}

function addonsOff() {
  return isPermitted()
    ? 'Node runs with --permission: start it with --allow-addons, too.'
    : 'Node runs without addons: start it without --no-addons (it may stand in NODE_OPTIONS).';
}

function accessDenied() {
  return `Node runs with --permission: let it read the folder of ${NAME} (--allow-fs-read).`;
}

function inOneFile() {
  return (
    'A program of one file loads no other by itself: put the core of this platform beside it, or ' +
    'name it in SHARED_MEMORY_STORE_NATIVE_PATH. See docs/guides/bundling.md.'
  );
}

function isPermitted() {
  return Reflect.get(process, 'permission') !== undefined;
}

/** @param {unknown} error */
function isMissing(error) {
  return ['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(codeOf(error));
}

/** @param {unknown} error @returns {any} */
function codeOf(error) {
  // Not everywhere is what an engine throws here an `Error`.
  return typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
}

module.exports = { adviceFor, reasonOf };
