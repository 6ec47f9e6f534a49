/**
 * A class as people call it: without `new` it throws an error that has a code. Knows no store.
 */
'use strict';

const { constructCallRequired } = require('./errors.js');

/**
 * @template {abstract new (...given: any[]) => object} C
 * @param {C} Class
 * @returns {C}
 */
function constructible(Class) {
  /** @param {unknown[]} given */
  function Constructor(...given) {
    if (new.target === undefined) throw constructCallRequired(Class.name);
    return Reflect.construct(Class, given, new.target);
  }
  Object.defineProperty(Constructor, 'name', { value: Class.name, configurable: true });
  Object.defineProperty(Constructor, 'length', { value: Class.length, configurable: true });
  Object.defineProperty(Constructor, 'prototype', { value: Class.prototype, writable: false });
  Object.defineProperty(Class.prototype, 'constructor', {
    value: Constructor,
    writable: true,
    configurable: true,
  });
  return /** @type {C} */ (/** @type {unknown} */ (Constructor));
}

module.exports = { constructible };
