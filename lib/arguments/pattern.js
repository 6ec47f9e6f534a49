/**
 * Patterns of keys, as callers write them: a glob, a regular expression, or a key itself.
 *
 * Knows no store. Whether a pattern can be matched in linear time, the native core says.
 */
'use strict';

const { types } = require('node:util');
const { sharedKeyArgument } = require('../keys/key.js');

/** A regular expression between slashes. */
const EXPRESSION = /^\/(.+)\/$/s;

/**
 * What a pattern means: a key, or source and flags for the native core.
 *
 * @param {unknown} pattern
 * @param {string} method
 * @param {number} count of arguments
 */
function patternOf(pattern, method, count) {
  if (types.isRegExp(pattern)) return { source: pattern.source, flags: pattern.flags };
  const string = sharedKeyArgument(method, pattern, count);
  const [, source] = EXPRESSION.exec(string) ?? [];
  if (source !== undefined) return { source, flags: '' };
  return /[*?]/.test(string) ? { source: string, flags: '*' } : string;
}

module.exports = { patternOf };
