/**
 * A class as people call it: without `new` it throws an error that has a code; a store has a tag,
 * can be iterated and disposed of. Knows no store.
 */
'use strict';

const { constructCallRequired } = require('../errors/errors.js');

/** Node has it everywhere; other engines may not yet. @type {typeof Symbol.dispose} */
const DISPOSE = Symbol.dispose ?? Symbol.for('nodejs.dispose');

/** What every function has of its own. @type {readonly PropertyKey[]} */
const FUNCTION_PROPERTIES = Object.freeze(['length', 'name', 'prototype']);

/**
 * @template {abstract new (...given: any[]) => object} C
 * @param {C} Class
 * @returns {C}
 */
function constructible(Class) {
  /** @param {unknown[]} given */
  function Constructor(...given) {
    if (new.target === undefined) throw constructCallRequired(Class.name);
    // For a function like this one, V8 gives each object a hidden class of its own.
    return Reflect.construct(Class, given, new.target === Constructor ? Class : new.target);
  }
  for (const key of Reflect.ownKeys(Class)) {
    if (FUNCTION_PROPERTIES.includes(key)) continue;
    const own = Object.getOwnPropertyDescriptor(Class, key);
    Object.defineProperty(Constructor, key, /** @type {PropertyDescriptor} */ (own));
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

/**
 * Gives the class of a store its tag, and to some of its methods the names that they have besides.
 *
 * @param {abstract new (...given: any[]) => { entries(): unknown, close(): void }} Class
 * @param {Record<string, unknown>} [others] methods by further names
 */
function nameMembers(Class, others = {}) {
  const { name, prototype } = Class;
  const methods = { ...others, [Symbol.iterator]: prototype.entries, [DISPOSE]: prototype.close };
  for (const key of Reflect.ownKeys(methods)) {
    const value = Reflect.get(methods, key);
    Object.defineProperty(prototype, key, { value, writable: true, configurable: true });
  }
  nameInstances(prototype, name);
}

/**
 * Gives what inherits from a prototype a tag, but not the prototype itself: those who make a double
 * of a class look for its methods in a prototype that is an object like others.
 *
 * @param {object} prototype
 * @param {string} name
 */
function nameInstances(prototype, name) {
  Object.defineProperty(prototype, Symbol.toStringTag, {
    /** @this {object} */
    get() {
      return this === prototype ? undefined : name;
    },
    configurable: true,
  });
}

module.exports = { constructible, nameInstances, nameMembers };
