/** `completion`: a script that lets a shell complete commands, options and names of stores. */
'use strict';

const { COMMANDS, COMMON } = require('../catalogue.js');
const { usageError } = require('../exit.js');

/** @typedef {import('../context.js').Context} Context */

const PROGRAM = 'shared-memory-store';
/** Names without what a shell would read as more than a name. */
const NAMES = `${PROGRAM} ls 2>/dev/null | awk 'NR > 1 && $1 ~ /^[A-Za-z0-9_.:@-]+$/ { print $1 }'`;

/** @param {Context} context */
function completion({ words: [shell = ''], output }) {
  const make = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (make === undefined) throw usageError(`completion knows ${Object.keys(SCRIPTS).join(', ')}`);
  output.line(make());
}

/** Within single quotes of a shell. @param {string} text */
function quoted(text) {
  return text.replaceAll("'", '’');
}

/** @param {import('../catalogue.js').Command['options']} options */
function optionsOf(options) {
  return Object.keys({ ...options, ...COMMON }).map((name) => `--${name}`);
}

/** @param {[string, import('../catalogue.js').Command]} command */
function bashCase([name, { options }]) {
  return `      ${name}) words="${optionsOf(options).join(' ')}" ;;`;
}

/** @type {Readonly<Record<string, () => string>>} */
const SCRIPTS = Object.freeze({
  bash: () => `_shared_memory_store() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${Object.keys(COMMANDS).join(' ')}"
  elif [ "\${word#-}" != "$word" ]; then
    case "\${COMP_WORDS[1]}" in
${Object.entries(COMMANDS).map(bashCase).join('\n')}
    esac
  elif [ "$COMP_CWORD" -eq 2 ]; then
    words="$(${NAMES})"
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _shared_memory_store ${PROGRAM}`,
  zsh: () =>
    [
      `#compdef ${PROGRAM}`,
      '_shared_memory_store() {',
      '  local -a commands',
      '  commands=(',
      ...Object.entries(COMMANDS).map(([name, { summary }]) => `    '${name}:${quoted(summary)}'`),
      '  )',
      '  if (( CURRENT == 2 )); then _describe command commands; return; fi',
      `  if (( CURRENT == 3 )); then compadd -- \${(f)"$(${NAMES})"}; fi`,
      '  _files',
      '}',
      `compdef _shared_memory_store ${PROGRAM}`,
    ].join('\n'),
  fish: () =>
    Object.entries(COMMANDS)
      .flatMap(([name, { summary, options }]) => [
        `complete -c ${PROGRAM} -n __fish_use_subcommand -a ${name} -d '${quoted(summary)}'`,
        ...optionsOf(options).map(
          (option) =>
            `complete -c ${PROGRAM} -n '__fish_seen_subcommand_from ${name}' -l ${option.slice(2)}`,
        ),
      ])
      .concat(`complete -c ${PROGRAM} -n 'not __fish_use_subcommand' -a "(${NAMES})"`)
      .join('\n'),
});

module.exports = { completion };
