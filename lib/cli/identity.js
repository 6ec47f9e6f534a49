/** Which file there is under a name: one that was made anew is another store. Knows no store. */
'use strict';

const fs = require('node:fs');

/** @param {string} file */
function identityOf(file) {
  const found = fs.statSync(file, { throwIfNoEntry: false });
  return found === undefined ? 'gone' : `${found.dev} ${found.ino}`;
}

module.exports = { identityOf };
