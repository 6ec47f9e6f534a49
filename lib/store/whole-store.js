/**
 * `WholeStore`: a store of its own, which has an end and can be written to files.
 *
 * Names no scope. What is only a part of a store, a namespace, has the verbs alone.
 */
'use strict';

const { atCaller } = require('../errors/errors.js');
const { later } = require('../native/later.js');
const { Store } = require('./store.js');

const files = later(() => require('../snapshot/snapshot.js'));

class WholeStore extends Store {
  /** @param {unknown} file @param {unknown} [options] */
  async snapshot(file, options) {
    Store.partsOf(this, 'snapshot', arguments.length, 'a file');
    const { snapshot, snapshotArguments } = files();
    const request = snapshotArguments(file, options);
    try {
      return await snapshot(Store.opened(this, 'snapshot').stored('snapshot'), request);
    } catch (error) {
      throw atCaller(error);
    }
  }

  /** @param {unknown} file @param {unknown} [options] */
  async restore(file, options) {
    Store.partsOf(this, 'restore', arguments.length, 'a file');
    const { restore, restoreArguments } = files();
    const request = restoreArguments(file, options);
    try {
      return await restore(Store.opened(this, 'restore').stored('restore'), request);
    } catch (error) {
      throw atCaller(error);
    }
  }

  close() {
    return Store.partsOf(this, 'close').backend.close();
  }
}

module.exports = { WholeStore };
