/**
 * Opens a fleet store with near copies in a process that may start no thread, and prints the error,
 * and whether the file of the copies is still mapped.
 *
 * Arguments: the folder of the copies.
 */
const { readFileSync } = require('node:fs');
const { FleetStore } = require('shared-memory-store/fleet');

const [, , folder] = process.argv;
try {
  new FleetStore({ name: 'store', url: 'redis://127.0.0.1:1', near: { path: folder } });
} catch ({ code, message, cause }) {
  const isMapped = readFileSync('/proc/self/maps', 'utf8').includes(folder);
  console.log(JSON.stringify({ code, message, cause: cause.code, isMapped }));
}
