/**
 * How long this thread has been ready to run and was given no processor, on Linux.
 *
 * What a busy machine does to a program is no property of a store: this tells the two apart. It
 * does not see what a hypervisor takes. Elsewhere than on Linux it is always 0.
 */
'use strict';

const fs = require('node:fs');

/** Three numbers: nanoseconds on a processor, nanoseconds waiting for one, time slices. */
const FILE = '/proc/thread-self/schedstat';
const buffer = Buffer.alloc(64);
const descriptor = fs.existsSync(FILE) ? fs.openSync(FILE, 'r') : undefined;

/** Milliseconds since the thread began. */
function processorWaitMs() {
  if (descriptor === undefined) return 0;
  const length = fs.readSync(descriptor, buffer, 0, buffer.length, 0);
  return Number(buffer.latin1Slice(0, length).split(' ')[1]) / 1e6;
}

module.exports = { processorWaitMs };
