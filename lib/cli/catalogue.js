/**
 * The commands that there are: what each takes, what it does in a sentence, where it is.
 *
 * Loads none of them. Invariant: help, completion and parsing say the same, for all ask here.
 */
'use strict';

/**
 * @typedef {object} Command
 * @property {string} file from `commands`
 * @property {string} run the function in it
 * @property {string} usage
 * @property {string} summary
 * @property {readonly [least: number, most?: number]} words
 * @property {NonNullable<import('node:util').ParseArgsConfig['options']>} options
 */

const FLAG = Object.freeze({ type: /** @type {const} */ ('boolean') });
const TEXT = Object.freeze({ type: /** @type {const} */ ('string') });
const TEXTS = Object.freeze({ ...TEXT, multiple: true });

/** Options of every command. */
const COMMON = Object.freeze({
  json: FLAG,
  path: TEXT,
  access: TEXT,
  help: Object.freeze({ ...FLAG, short: 'h' }),
});
const FILTER = Object.freeze({ prefix: TEXT, match: TEXT, namespace: TEXTS });
const CARE = Object.freeze({ yes: Object.freeze({ ...FLAG, short: 'y' }) });

/** What each option means. @type {Readonly<Record<string, string>>} */
const MEANINGS = Object.freeze({
  json: 'print JSON, one document, or one a line where there may be many',
  path: 'the folder of the stores; default: that of this user in /dev/shm',
  access: "whose stores: 'user' (default) or 'group'",
  help: 'this',
  yes: 'do not ask',
  prefix: 'keys that begin so',
  match: 'keys that a pattern means: * and ?',
  namespace: 'a namespace; again for one within',
  long: 'with sizes, times to live and tags',
  limit: 'so many at the most',
  'by-prefix': 'count the keys of each prefix',
  delimiter: "what ends a prefix; default ':'",
  raw: 'the bytes of a string or of a Buffer, and nothing else',
  ttl: 'time to live in ms, or as 30s, 5m, 2h, 1d',
  tag: 'a tag of the entry; again for more',
  string: 'take the value as a string, JSON or not',
  once: 'one look, without redrawing',
  interval: 'ms between two looks; default 1000',
  count: 'end after so many',
  overwrite: 'replace entries that are there; default: they are',
  keep: 'leave entries that are there as they are',
  'read-only': 'the page may change nothing',
  port: 'on loopback; default any',
  seconds: 'how long it may take; default 60',
});

/**
 * @param {string} file
 * @param {string} run
 * @param {string} usage
 * @param {string} summary
 * @param {Command['words']} words
 * @param {Command['options']} [options]
 * @returns {Command}
 */
function command(file, run, usage, summary, words, options = {}) {
  return Object.freeze({ file, run, usage, summary, words, options });
}

const MANY = Number.POSITIVE_INFINITY;
const ONCE = Object.freeze({ once: FLAG, interval: TEXT });

/** @type {Readonly<Record<string, Command>>} */
const COMMANDS = Object.freeze({
  ls: command('list', 'list', 'ls', 'the stores of this machine', [0]),
  info: command('info', 'info', 'info STORE', 'what a store is, holds and has done', [1]),
  top: command('top', 'top', 'top STORE', 'what happens in a store, live', [1], ONCE),
  keys: command('keys', 'keys', 'keys STORE', 'keys, those that are meant', [1], {
    ...FILTER,
    long: FLAG,
    limit: TEXT,
  }),
  count: command('keys', 'count', 'count STORE', 'how many keys, or how many of each prefix', [1], {
    ...FILTER,
    'by-prefix': FLAG,
    delimiter: TEXT,
    limit: TEXT,
  }),
  get: command('values', 'get', 'get STORE KEY', 'the value of a key', [2], {
    namespace: TEXTS,
    raw: FLAG,
  }),
  set: command(
    'values',
    'set',
    'set STORE KEY VALUE',
    'sets a key: VALUE is JSON or a string',
    [3],
    {
      namespace: TEXTS,
      ttl: TEXT,
      tag: TEXTS,
      string: FLAG,
      ...CARE,
    },
  ),
  rm: command(
    'values',
    'remove',
    'rm STORE [KEY …]',
    'removes keys, or those that are meant',
    [1, MANY],
    {
      ...FILTER,
      ...CARE,
    },
  ),
  tags: command('tags', 'tags', 'tags STORE', 'the tags of entries, with counts', [1], {
    limit: TEXT,
  }),
  invalidate: command(
    'tags',
    'invalidate',
    'invalidate STORE TAG …',
    'removes what carries a tag',
    [2, MANY],
    { namespace: TEXTS, ...CARE },
  ),
  locks: command('holders', 'locks', 'locks STORE', 'who keeps which key from others', [1]),
  who: command('holders', 'who', 'who STORE', 'the participants of a store', [1]),
  watch: command('watch', 'watch', 'watch STORE', 'changes as they come', [1], {
    prefix: TEXT,
    tag: TEXT,
    namespace: TEXTS,
    count: TEXT,
  }),
  snapshot: command(
    'files',
    'snapshot',
    'snapshot STORE FILE',
    'writes all entries to a file',
    [2],
  ),
  restore: command('files', 'restore', 'restore STORE FILE', 'sets the entries of a file', [2], {
    keep: FLAG,
    ...CARE,
  }),
  verify: command('files', 'verify', 'verify FILE', "checks a snapshot, or a store's file", [1]),
  ui: command('../ui/dashboard', 'dashboard', 'ui', 'a page with live charts, for a browser', [0], {
    port: TEXT,
    'read-only': FLAG,
  }),
  destroy: command(
    'removal',
    'destroy',
    'destroy STORE',
    'removes a store, damaged or not',
    [1],
    CARE,
  ),
  bench: command('bench', 'bench', 'bench', 'what this machine does, beside its peers', [0], {
    seconds: TEXT,
  }),
  completion: command(
    'completion',
    'completion',
    'completion SHELL',
    'a script for bash, zsh or fish',
    [1],
  ),
});

/** @returns {string} */
function overview() {
  const all = Object.values(COMMANDS);
  const width = Math.max(...all.map(({ usage }) => usage.length));
  return [
    'Usage: shared-memory-store COMMAND …',
    '',
    ...all.map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`),
    '',
    'STORE is a name, the path of a file, or redis://host:port/db#NAME for a fleet (keys, count,',
    'get, info, set, rm, invalidate). Every command takes --json, --path, --access and --help.',
    'Exit codes: 0 done, 1 refused or failed, 2 asked for in a wrong way, 3 not there.',
  ].join('\n');
}

/**
 * @param {string} name
 * @param {Command} known
 */
function helpOf(name, { usage, summary, options }) {
  const lines = Object.entries({ ...options, ...COMMON }).map(([option, how]) => {
    const short = 'short' in how ? `, -${how.short}` : '';
    const said = `--${option}${how.type === 'string' ? ' …' : ''}${short}`;
    return `  ${said.padEnd(18)}  ${MEANINGS[option]}`;
  });
  return [`Usage: shared-memory-store ${usage}`, '', `${name}: ${summary}`, '', ...lines].join(
    '\n',
  );
}

module.exports = { COMMANDS, COMMON, helpOf, overview };
