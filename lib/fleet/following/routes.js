/**
 * Where the masters of a store are, and whether those that are followed still are all of them.
 *
 * A server says itself that it is a master; sentinels say which one is; each master of a cluster
 * says who has which slots. Knows links, no store. Invariant: masters are confirmed only by what
 * was said after they were asked, and only if nobody who is heard says otherwise.
 */
'use strict';

const { Link } = require('./link.js');
const { viewOf } = require('./cluster-view.js');

/** Of masters that are followed: all there are; perhaps not; not any more. */
const Standing = Object.freeze({ WHOLE: 'whole', UNSURE: 'unsure', OVER: 'over' });

/** @typedef {import('../connection/address.js').Address} Address */
/** @typedef {import('../connection/address.js').Place} Place */
/** @typedef {typeof Standing[keyof typeof Standing]} Stand */
/**
 * @typedef {object} Route
 * @property {() => Promise<Address[]>} find the masters as of now
 * @property {(links: InstanceType<typeof Link>[]) => Promise<{ stand: Stand, isMoved: boolean }>}
 *   confirm whether these lead to all masters; `isMoved` if keys have moved among them
 * @property {(isHeld: boolean) => void} hold whether its own links keep the process
 * @property {() => void} close
 */

/** @implements {Route} */
class ServerRoute {
  #place;

  /** @param {Place} place */
  constructor(place) {
    this.#place = place;
  }

  async find() {
    return this.#place.addresses;
  }

  /** @param {InstanceType<typeof Link>[]} links */
  async confirm([link]) {
    const isMaster = await saysMaster(link);
    return { stand: isMaster ? Standing.WHOLE : Standing.OVER, isMoved: false };
  }

  hold() {}

  close() {}
}

/** @typedef {{ host: string, port: number, epoch: number }} Said by a sentinel of the master */

/** @implements {Route} */
class SentinelRoute {
  #place;
  #silentMs;
  /** @type {Map<string, InstanceType<typeof Link>>} */
  #links = new Map();
  /** The last that each of them has said. @type {Map<string, Said>} */
  #said = new Map();
  /** @type {Map<string, Address>} */
  #sentinels;
  #isHeld = true;

  /**
   * @param {Place} place
   * @param {number} silentMs
   */
  constructor(place, silentMs) {
    this.#place = place;
    this.#silentMs = silentMs;
    this.#sentinels = new Map(place.addresses.map((address) => [nameOf(address), address]));
  }

  async find() {
    await Promise.all([...this.#sentinels.keys()].map((name) => this.#ask(name).catch(() => {})));
    const [newest] = this.#newest();
    if (newest === undefined) throw new Error('no sentinel answers that knows the master');
    await this.#meet();
    return [masterOf(this.#place, newest)];
  }

  /** @param {InstanceType<typeof Link>[]} links */
  async confirm([link]) {
    const asked = [...this.#sentinels.keys()].map((name) => this.#ask(name));
    const [isMaster] = await Promise.all([saysMaster(link), Promise.any(asked)]);
    if (!isMaster) return { stand: Standing.OVER, isMoved: false };
    const newest = this.#newest();
    const isIt = newest.every((said) => {
      const { host, port } = masterOf(this.#place, said);
      return host === link?.address.host && port === link.address.port;
    });
    return { stand: isIt ? Standing.WHOLE : Standing.OVER, isMoved: false };
  }

  /** @param {boolean} isHeld */
  hold(isHeld) {
    this.#isHeld = isHeld;
    for (const link of this.#links.values()) link.hold(isHeld);
  }

  close() {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }

  /** What those say who know of the last failover: one thing, as a rule. */
  #newest() {
    const all = [...this.#said.values()];
    const last = Math.max(...all.map(({ epoch }) => epoch));
    return all.filter(({ epoch }) => epoch === last);
  }

  /** @param {string} name of a sentinel */
  async #ask(name) {
    const { group } = this.#place;
    try {
      const link = await this.#linkTo(name);
      const said = fieldsOf(await link.ask(['SENTINEL', 'MASTER', group]));
      const [host, port] = [String(said.get('ip')), Number(said.get('port'))];
      this.#said.set(name, { host, port, epoch: Number(said.get('config-epoch')) });
    } catch (error) {
      this.#said.delete(name);
      throw error;
    }
  }

  /** Learns of the other sentinels from the first that knows them. */
  async #meet() {
    const [link] = this.#links.values();
    try {
      const others = await link?.ask(['SENTINEL', 'SENTINELS', this.#place.group]);
      const [first] = this.#place.addresses;
      if (first === undefined) return;
      for (const fields of others.map(fieldsOf)) {
        const [host, port] = [String(fields.get('ip')), Number(fields.get('port'))];
        const address = { ...first, host, port };
        this.#sentinels.set(nameOf(address), address);
      }
    } catch {
      // Those that are known will do.
    }
  }

  /** @param {string} name */
  async #linkTo(name) {
    const known = this.#links.get(name);
    if (known !== undefined) return known;
    const over = () => this.#links.delete(name);
    const address = /** @type {Address} */ (this.#sentinels.get(name));
    const link = new Link(address, { silentMs: this.#silentMs, over });
    link.hold(this.#isHeld);
    this.#links.set(name, link);
    await link.greet();
    return link;
  }
}

/** @implements {Route} */
class ClusterRoute {
  #place;
  #silentMs;
  #turn = 0;
  /** The masters that were found last. @type {Address[]} */
  #known = [];
  /** Who had which slots, or handed them over, when that was looked at last. */
  #layout = '';
  /** Whether they did not say the same then. */
  #isUnsure = false;
  /** That is asked now. @type {InstanceType<typeof Link> | undefined} */
  #link;
  #isHeld = true;
  #isClosed = false;

  /**
   * @param {Place} place
   * @param {number} silentMs
   */
  constructor(place, silentMs) {
    this.#place = place;
    this.#silentMs = silentMs;
  }

  /** Each time by another one: what one of them says may be old. */
  async find() {
    const all = [...this.#place.addresses, ...this.#known];
    let reason = new Error('no server of the cluster is known');
    for (let attempt = 0; attempt < all.length && !this.#isClosed; attempt += 1) {
      const address = /** @type {Address} */ (all[this.#turn % all.length]);
      this.#turn += 1;
      const link = new Link(address, { silentMs: this.#silentMs });
      link.hold(this.#isHeld);
      this.#link = link;
      try {
        await link.greet();
        const view = viewOf(await link.ask(['CLUSTER', 'NODES']), address);
        this.#known = view.owners.map((owner) => masterOf(this.#place, owner));
        if (this.#known.length > 0) return this.#known;
      } catch (error) {
        reason = /** @type {Error} */ (error);
      } finally {
        this.#link = undefined;
        link.close();
      }
    }
    throw reason;
  }

  /** @param {InstanceType<typeof Link>[]} links */
  async confirm(links) {
    const views = await Promise.all(
      links.map(async (link) => viewOf(await link.ask(['CLUSTER', 'NODES']), link.address)),
    );
    const followed = views.map(({ id }) => id).sort();
    const isMaster = views.every((view) => view.isMaster);
    const owners = views[0]?.owners.map(({ id }) => id).sort();
    const isAll = owners?.join() === followed.join();
    if (!isMaster || !isAll) return { stand: Standing.OVER, isMoved: false };
    const text = /** @type {string} */ (views[0]?.text);
    const wasUnsure = this.#isUnsure;
    // Some have not heard yet what others know: who is right will be seen.
    this.#isUnsure = views.some((view) => view.text !== text);
    if (this.#isUnsure) return { stand: Standing.UNSURE, isMoved: false };
    // What a master has not got of a slot that it hands over is asked of one that may be unheard.
    const layout = [text, ...views.map(({ id, moving }) => `${id} ${moving}`).sort()].join('\n');
    const isMoved = wasUnsure || (this.#layout !== '' && this.#layout !== layout);
    this.#layout = layout;
    return { stand: Standing.WHOLE, isMoved };
  }

  /** @param {boolean} isHeld */
  hold(isHeld) {
    this.#isHeld = isHeld;
    this.#link?.hold(isHeld);
  }

  close() {
    this.#isClosed = true;
    this.#link?.close();
  }
}

/**
 * @param {Place} place
 * @param {number} silentMs how long a server may say nothing that is asked
 * @returns {Route}
 */
function routeOf(place, silentMs) {
  if (place.kind === 'sentinel') return new SentinelRoute(place, silentMs);
  if (place.kind === 'cluster') return new ClusterRoute(place, silentMs);
  return new ServerRoute(place);
}

/**
 * Whether a server says that it is a master, as everybody may ask who may connect.
 *
 * @param {InstanceType<typeof Link> | undefined} link
 */
async function saysMaster(link) {
  return fieldsOf((await link?.ask(['HELLO'])) ?? []).get('role') === 'master';
}

/**
 * Where a master that others have named is to be reached from here.
 *
 * @param {Place} place
 * @param {{ host: string, port: number }} named
 * @returns {Address}
 */
function masterOf({ login, mapped }, { host, port }) {
  return { ...login, ...(mapped[nameOf({ host, port })] ?? { host, port }) };
}

/** @param {{ host: string, port: number }} address */
function nameOf({ host, port }) {
  return `${host}:${port}`;
}

/**
 * Names and values in turns, as a map.
 *
 * @param {unknown[]} list
 */
function fieldsOf(list) {
  /** @type {Map<unknown, unknown>} */
  const fields = new Map();
  for (let at = 0; at + 1 < list.length; at += 2) fields.set(list[at], list[at + 1]);
  return fields;
}

module.exports = { Standing, fieldsOf, routeOf };
