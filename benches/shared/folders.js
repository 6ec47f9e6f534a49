/**
 * Folders for the files of a child process: in memory, and gone when the process ends.
 *
 * Knows nothing of what is put there. Invariant: no folder is given out twice.
 */
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/** A file system in memory: nobody is to pay for a disk. */
const MEMORY = '/dev/shm';
const PREFIX = 'shared-memory-store-bench-';

/** A new folder in memory; throws where the system has no place for one. */
function memoryFolder() {
  if (!fs.existsSync(MEMORY)) throw new Error(`no ${MEMORY} for its files`);
  return temporaryFolder(MEMORY);
}

/** A new folder, of a path that is short enough for a socket. */
function temporaryFolder(parent = os.tmpdir()) {
  const folder = fs.mkdtempSync(path.join(parent, PREFIX));
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

module.exports = { memoryFolder, temporaryFolder };
