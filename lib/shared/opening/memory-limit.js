/**
 * How much memory the group of this process may have: the limit of its container, or of a service.
 *
 * Linux alone has such groups, in two ways: a hierarchy of its own for memory (version 1), or one
 * for all (version 2). Knows no store. Invariant: the limits of the groups around count as well, as
 * far as they can be seen from inside; what cannot be read limits nothing.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** Where the system says which groups this process is in, and where they are to be seen. */
const GROUPS = '/proc/self/cgroup';
const MOUNTS = '/proc/self/mountinfo';

/** What a process may have, and from where on the system takes its time to give it more. */
const LIMIT_FILES = Object.freeze(['memory.max', 'memory.high']);
/** Of version 1: the least of the group and of those around it. */
const LEAST_LIMIT = /^hierarchical_memory_limit (\d+)$/m;

/**
 * @typedef {object} Hierarchy
 * @property {boolean} isOwn whether it is one of memory alone: of version 1
 * @property {string} root the group that is seen at its mount point
 * @property {string} point
 */

/**
 * In bytes; infinite where there is none.
 *
 * @param {string} [system] the folder in which the files of the system lie
 */
function memoryLimit(system = '/') {
  if (process.platform !== 'linux') return Number.POSITIVE_INFINITY;
  const known = linesOf(path.join(system, MOUNTS)).flatMap((line) => hierarchyOf(line) ?? []);
  // Memory is limited in one of them: in its own, if it has one.
  const hierarchy = known.find(({ isOwn }) => isOwn) ?? known[0];
  if (hierarchy === undefined) return Number.POSITIVE_INFINITY;
  const point = path.join(system, hierarchy.point);
  const group = groupIn(hierarchy, linesOf(path.join(system, GROUPS)));
  const folder = path.join(point, within(group, hierarchy.root));
  return hierarchy.isOwn ? leastLimit(folder, point) : limitUpTo(folder, point);
}

/**
 * The group of this process.
 *
 * @param {Hierarchy} hierarchy
 * @param {string[]} lines each `number:controllers:group`, with no controllers for version 2
 */
function groupIn({ isOwn }, lines) {
  for (const line of lines) {
    const [, controllers = '?', ...group] = line.split(':');
    const isOf = isOwn ? controllers.split(',').includes('memory') : controllers === '';
    if (isOf) return group.join(':');
  }
  return '/';
}

/**
 * The hierarchy of groups that a line of the mounts is about, if it may limit memory.
 *
 * @param {string} line `id parent device root point options … - type source options`
 * @returns {Hierarchy | undefined}
 */
function hierarchyOf(line) {
  const [mount = '', system = ''] = line.split(' - ');
  const [, , , root = '/', point = '/'] = mount.split(' ');
  const [type, , options = ''] = system.split(' ');
  if (type === 'cgroup2') return { isOwn: false, root, point };
  const isOwn = type === 'cgroup' && options.split(',').includes('memory');
  return isOwn ? { isOwn, root, point } : undefined;
}

/**
 * The way from the mount point to a group. Of one that is not below it, the group that is there has
 * to do: a container sees its own, under a name that it has outside.
 *
 * @param {string} group
 * @param {string} root
 */
function within(group, root) {
  const way = path.posix.relative(root, group);
  return way.split('/').includes('..') ? '' : way;
}

/**
 * The limit of a group, and of those around it up to the mount point.
 *
 * @param {string} folder
 * @param {string} point
 */
function limitUpTo(folder, point) {
  let limit = Number.POSITIVE_INFINITY;
  for (let at = folder; ; at = path.dirname(at)) {
    for (const name of LIMIT_FILES) {
      const bytes = Number(linesOf(path.join(at, name))[0]);
      // `max` is no number.
      if (bytes > 0) limit = Math.min(limit, bytes);
    }
    if (at === point || at === path.dirname(at)) return limit;
  }
}

/**
 * The same where the system says it at once.
 *
 * @param {string} folder
 * @param {string} point where a container without the folder sees its own
 */
function leastLimit(folder, point) {
  for (const at of [folder, point]) {
    const [, bytes] = LEAST_LIMIT.exec(linesOf(path.join(at, 'memory.stat')).join('\n')) ?? [];
    if (bytes !== undefined) return Number(bytes);
  }
  return Number.POSITIVE_INFINITY;
}

/** @param {string} file */
function linesOf(file) {
  try {
    return fs.readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

module.exports = { memoryLimit };
