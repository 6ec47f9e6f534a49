/**
 * Where commands print to: text for people, or JSON for programs.
 *
 * Knows no command. Invariant: what others have stored never reaches a terminal as it is; control
 * characters are shown, not done. A reader that goes away (`| head`) is no failure.
 */
'use strict';

const { Exit } = require('../exit.js');
const { jsonText } = require('./json.js');
const { cutTo, printable } = require('./text.js');
const { table } = require('./table.js');

/** @typedef {import('./table.js').Column} Column */

const CLEAR = '\u001b[H\u001b[J';
/** Characters that are written at once. */
const CHUNK = 1 << 16;

class Output {
  isJson;
  #text = '';
  #isClosed = false;

  /** @param {boolean} isJson */
  constructor(isJson) {
    this.isJson = isJson;
    process.stdout.on('error', (error) => {
      if (!this.#isClosed && /** @type {NodeJS.ErrnoException} */ (error).code !== 'EPIPE') {
        // A full disk, say: the command may be over by now.
        this.fail(error);
        process.exitCode = Exit.FAILED;
      }
      this.#isClosed = true;
    });
    // Nobody is left to be told.
    process.stderr.on('error', () => {});
  }

  /** Whether nothing can be written any more. */
  get isClosed() {
    return this.#isClosed;
  }

  get isTerminal() {
    return process.stdout.isTTY === true && !this.isJson;
  }

  /**
   * A line as it is: of what commands say themselves.
   *
   * @param {string} text
   */
  line(text) {
    this.#text += `${text}\n`;
    if (this.#text.length > CHUNK) this.flush();
  }

  /**
   * Lines in place of all that a terminal shows: what there is room for. Elsewhere all, as lines.
   *
   * @param {readonly string[]} lines
   */
  screen(lines) {
    if (!this.isTerminal) return this.line(lines.join('\n'));
    const { columns, rows } = process.stdout;
    const fitting = lines.slice(0, rows - 1).map((line) => cutTo(line, columns));
    this.line(CLEAR + fitting.join('\n'));
  }

  /** @param {unknown} value */
  json(value) {
    this.line(jsonText(value));
  }

  /**
   * Things as a table, or as one JSON document.
   *
   * @template T
   * @param {readonly T[]} things
   * @param {readonly (Column & { value: (thing: T) => unknown })[]} columns
   */
  things(things, columns) {
    if (this.isJson) return this.json(things);
    const rows = things.map((thing) => columns.map(({ value }) => printable(String(value(thing)))));
    for (const line of table(columns, rows)) this.line(line);
  }

  /**
   * Names and values, one a line.
   *
   * @param {readonly (readonly [name: string, value: unknown])[]} pairs
   */
  pairs(pairs) {
    const width = Math.max(...pairs.map(([name]) => name.length));
    for (const [name, value] of pairs) {
      this.line(`${name.padEnd(width)}  ${printable(String(value))}`);
    }
  }

  /**
   * Bytes as they are.
   *
   * @param {string | Uint8Array} bytes
   */
  raw(bytes) {
    this.flush();
    if (!this.#isClosed) process.stdout.write(bytes);
  }

  /** @param {unknown} error */
  fail(error) {
    const { code = 'unknown', message } = /** @type {NodeJS.ErrnoException} */ (error);
    const text = this.isJson
      ? jsonText({ error: { code, message } })
      : `shared-memory-store: ${printable(message)}`;
    process.stderr.write(`${text}\n`);
  }

  /**
   * Says something beside what is printed.
   *
   * @param {string} text
   */
  note(text) {
    this.flush();
    process.stderr.write(`shared-memory-store: ${printable(text)}\n`);
  }

  flush() {
    const text = this.#text;
    this.#text = '';
    return this.#isClosed || text === '' ? true : process.stdout.write(text);
  }

  /** Comes when a slow reader has caught up. */
  async caughtUp() {
    const isFull = !this.flush();
    if (!isFull || this.#isClosed) return;
    await new Promise((resolve) => {
      process.stdout.once('drain', resolve);
      process.stdout.once('error', resolve);
    });
  }

  async end() {
    await this.caughtUp();
  }
}

module.exports = { Output };
