#!/usr/bin/env node
/**
 * `npx shared-memory-store`: stores of this machine, and of a fleet, from a shell.
 *
 * Knows which commands there are, and loads the one that is asked for. Invariant: whatever happens,
 * the exit code says it: 0 done, 1 refused or failed, 2 asked for in a wrong way, 3 not there.
 */
'use strict';

const { parseArgs } = require('node:util');
const { COMMANDS, COMMON, helpOf, overview } = require('./catalogue.js');
const { Output } = require('./output/output.js');
const { Exit, exitCodeOf, usageError } = require('./exit.js');

/** @typedef {import('./catalogue.js').Command} Command */
/** @typedef {InstanceType<typeof Output>} Printer */

/** @param {string[]} given */
async function main([name, ...given]) {
  const output = new Output(given.includes('--json'));
  try {
    if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
      const command = name === 'help' ? given.find((word) => !word.startsWith('-')) : undefined;
      output.line(command === undefined ? overview() : helpOf(command, known(command)));
      return name === undefined ? Exit.USAGE : Exit.DONE;
    }
    if (name === '--version' || name === '-v') {
      output.line(require('../../package.json').version);
      return Exit.DONE;
    }
    return await run(name, known(name), given, output);
  } catch (error) {
    output.fail(error);
    return exitCodeOf(error);
  } finally {
    await output.end();
  }
}

/**
 * @param {string} name
 * @param {Command} command
 * @param {string[]} given
 * @param {Printer} output
 * @returns {Promise<number>}
 */
async function run(name, command, given, output) {
  const { values, positionals } = parsed(command, given);
  if (values.help === true) {
    output.line(helpOf(name, command));
    return Exit.DONE;
  }
  const [least, most = least] = command.words;
  if (positionals.length < least || positionals.length > most) {
    throw usageError(`${name} takes other arguments: ${command.usage}`);
  }
  const { [command.run]: act } = require(`./commands/${command.file}.js`);
  const code = await act({ words: positionals, options: values, output });
  return code ?? Exit.DONE;
}

/**
 * @param {Command} command
 * @param {string[]} args
 */
function parsed(command, args) {
  try {
    const options = { ...COMMON, ...command.options };
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw usageError(/** @type {Error} */ (error).message);
  }
}

/** @param {string} name */
function known(name) {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return command;
  throw usageError(`There is no command ${JSON.stringify(name)}. Try: shared-memory-store help`);
}

module.exports = { main };

if (require.main === module) {
  main(process.argv.slice(2)).then((code) => {
    // What could not be written has said so.
    process.exitCode ??= code;
  });
}
