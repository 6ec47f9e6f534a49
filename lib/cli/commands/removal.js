/** `destroy`: the file of a store goes, whatever is in it. Opens nothing. */
'use strict';

const { agreed } = require('../choices.js');
const { notThere } = require('../exit.js');
const { SharedStore } = require('../../shared/shared-store.js');
const { checkIsHere, placeOf } = require('../targets.js');

/** @typedef {import('../context.js').Context} Context */

/** @param {Context} context */
async function destroy({ words: [target = ''], options, output }) {
  checkIsHere('destroy', target);
  const place = placeOf(options);
  await agreed(options, `Remove the store ${target}${usersOf(target, place)}?`);
  const isRemoved = SharedStore.remove(target, place);
  if (!isRemoved) throw notThere(`There is no store ${JSON.stringify(target)}`);
  output.isJson ? output.json({ removed: true }) : output.line('removed');
}

/**
 * @param {string} name
 * @param {ReturnType<typeof placeOf>} place
 */
function usersOf(name, place) {
  const participants = SharedStore.list(place).find((one) => one.name === name)?.participants ?? [];
  return participants.length === 0 ? '' : `, which ${participants.length} threads have open`;
}

module.exports = { destroy };
