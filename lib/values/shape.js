/**
 * Shapes of plain values: the names in them, and how to copy a value that has these.
 *
 * Knows no encoding. A copy by the plan takes each object by itself. A shape that is copied often
 * gets a function of its own, whose text names every property: the engine makes the whole copy at
 * once, some six times as fast. Where texts may not become code, all goes on by the plan.
 */
'use strict';

/** Copies by the plan, before a function is worth its making. */
const COMPILE_AFTER = 64;
/** Shapes that are known at once. */
const SHAPES = 256;

/**
 * @typedef {object} Plan
 * @property {boolean} isArray
 * @property {readonly string[]} names of all properties of an object, in their order
 * @property {readonly (string | number)[]} keys of the objects and arrays in it
 * @property {readonly Plan[]} plans for these
 */

/** By what they look like. @type {Map<string, Shape>} */
const shapes = new Map();
let mayCompile = true;

class Shape {
  plan;
  #text;
  #uses = 0;
  /** @type {((value: any) => any) | undefined} */
  #copier;

  /**
   * @param {Plan} plan
   * @param {string | undefined} text of the function, if there can be one
   */
  constructor(plan, text) {
    this.plan = plan;
    this.#text = text;
  }

  /** Whether other values may be of this shape: one that has a text. */
  get isSmall() {
    return this.#text !== undefined;
  }

  /**
   * A copy of a value of this shape.
   *
   * @param {any} value
   * @returns {any}
   */
  copy(value) {
    if (this.#copier !== undefined) return this.#copier(value);
    this.#uses += 1;
    if (this.#uses === COMPILE_AFTER && this.#text !== undefined) {
      this.#copier = compiled(this.#text);
    }
    return copyOf(value, this.plan);
  }
}

/**
 * The shape that values of this plan have.
 *
 * @param {Plan} plan
 * @param {boolean} isSmall whether it is worth to be told from others
 */
function shapeOf(plan, isSmall) {
  const text = isSmall ? textOf(plan) : undefined;
  if (text === undefined) return new Shape(plan, undefined);
  const known = shapes.get(text);
  if (known !== undefined) return known;
  // One of those that are often met is soon here again.
  if (shapes.size >= SHAPES) shapes.clear();
  const shape = new Shape(plan, text);
  shapes.set(text, shape);
  return shape;
}

/**
 * The text of a function's body that copies `value`; `undefined` where none can say it: of arrays
 * with objects in them, which are of any length, and of a name that would be no property.
 *
 * @param {Plan} plan
 */
function textOf(plan) {
  /** @type {string[]} */
  const parts = [];
  const whole = literalOf(plan, 'value', parts);
  return whole === undefined ? undefined : `${parts.join('')}return ${whole};`;
}

/**
 * @param {Plan} plan
 * @param {string} from the variable that has the value
 * @param {string[]} parts statements that name what lies in it
 * @returns {string | undefined}
 */
function literalOf(plan, from, parts) {
  if (plan.isArray) return plan.keys.length === 0 ? `${from}.slice()` : undefined;
  const fields = [];
  let nested = 0;
  for (const name of plan.names) {
    if (name === '__proto__') return undefined;
    const quoted = JSON.stringify(name);
    let field = `${from}[${quoted}]`;
    if (name === plan.keys[nested]) {
      const part = `part${parts.length}`;
      parts.push(`const ${part} = ${field};`);
      const literal = literalOf(/** @type {Plan} */ (plan.plans[nested]), part, parts);
      if (literal === undefined) return undefined;
      field = literal;
      nested += 1;
    }
    fields.push(`${quoted}: ${field}`);
  }
  return `{${fields.join(', ')}}`;
}

/** @param {string} text */
function compiled(text) {
  if (!mayCompile) return undefined;
  try {
    return /** @type {(value: any) => any} */ (new Function('value', text));
  } catch {
    // `--disallow-code-generation-from-strings`.
    mayCompile = false;
    return undefined;
  }
}

/**
 * A copy of a value by its plan.
 *
 * @param {any} value
 * @param {Plan} plan
 * @returns {any}
 */
function copyOf(value, plan) {
  const copy = plan.isArray ? value.slice() : { ...value };
  const { keys, plans } = plan;
  for (let index = 0; index < keys.length; index += 1) {
    const key = /** @type {string} */ (keys[index]);
    copy[key] = copyOf(copy[key], /** @type {Plan} */ (plans[index]));
  }
  return copy;
}

module.exports = { shapeOf };
