/** What a command is given. Has no code: a name for a type. */
'use strict';

/**
 * @typedef {object} Context
 * @property {string[]} words the arguments that are no options
 * @property {import('./targets.js').Options} options
 * @property {InstanceType<typeof import('./output/output.js').Output>} output
 */

module.exports = {};
