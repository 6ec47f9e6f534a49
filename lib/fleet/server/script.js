/**
 * How a script is made, and what all of them begin with: the entry of a key, and its marks.
 *
 * Knows the form of values (`codec.js`), no verb. The versions of marks lie in one slot. Where the
 * server is no cluster, a script sees them itself; in a cluster it is told which bytes its caller
 * has found alive, and gives the others back. Invariant: an entry one of whose marks has another
 * version than it names is not there, whoever asks.
 */
'use strict';

const { createHash } = require('node:crypto');
const { BLANK } = require('./codec.js');

/** What scripts answer where they do nothing. */
const Answer = Object.freeze({
  /**
   * The caller is to look at the marks of the bytes that follow: of an entry, of a claim. What
   * stands behind those of an entry, if anything, is the answer of a script that only reads if it
   * is alive.
   */
  UNSURE: -11,
  UNSURE_CLAIM: -10,
  FENCED: -9,
  FOREIGN: -8,
  NOT_A_NUMBER: -7,
  INFINITE: -6,
  NOT_MADE: -5,
  DEAD: -4,
});

/** How long it is known that something was invalidated, for loads that are under way. */
const TRACE_MS = 3_600_000;

/** The moment before anything was invalidated. */
const NEVER = '0'.repeat(16);

/** Every script. @type {Script[]} */
const ALL = [];

/** Of those that only read: they are told the names of a value and of the count of versions. */
const READING_KEYS = 'local value, root = KEYS[1], KEYS[2]';
const KEYS = 'local value, claim, fence, lock, root = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]';

/** What becomes of marks: `root` is the name that all of their names begin with. */
const MARKS = `
local function fresh()
  local clock = redis.call('TIME')
  local now = clock[1] * 1000000 + clock[2]
  local last = tonumber(redis.call('GET', root) or '0')
  if last >= now then now = last + 1 end
  local text = string.format('%016.0f', now)
  redis.call('SET', root, text)
  return text
end
-- A version lives at least as long as what names it: without it, that would not be there.
local function hold(name, need)
  local left = redis.call('PTTL', name)
  if left < 0 then return end
  if need == 0 then
    redis.call('PERSIST', name)
  elseif left < need then
    redis.call('PEXPIRE', name, string.format('%.0f', need * 2 + 60000))
  end
end
-- The versions of marks, made where there are none; none where one is not what was given, or was
-- invalidated after a moment.
local function current(names, given, need, moment, strict)
  local now = redis.call('MGET', unpack(names))
  if moment then
    if strict and (redis.call('GET', root) or '${NEVER}') ~= moment then return false end
    for index, it in ipairs(given) do
      local is = now[index]
      if it ~= '${BLANK}' then
        if is ~= it then return false end
      elseif is and string.byte(is) == 105 and string.sub(is, 2) > moment then
        return false
      end
    end
  end
  local text
  for index, name in ipairs(names) do
    if now[index] then
      hold(name, need)
    else
      text = text or fresh()
      now[index] = 'c' .. text
      if need == 0 then
        redis.call('SET', name, now[index])
      else
        redis.call('SET', name, now[index], 'PX', string.format('%.0f', need * 2 + 60000))
      end
    end
  end
  return now
end
`;

/** The entry of a key. */
const ENTRY = `
local known = not root and table.remove(ARGV, 1)
local function ours(bytes)
  return string.byte(bytes, 1) == 193 and #bytes >= 8
end
local function marked(bytes)
  return string.byte(bytes, 1) == 193 and (string.byte(bytes, 4) or 0) > 0
end
-- Where the versions of its marks begin, and where its value does.
local function places(bytes)
  local _, _, noted, count, a, b, c, d = string.byte(bytes, 1, 8)
  local versions = 9 + noted + ((a * 256 + b) * 256 + c) * 256 + d
  return versions, versions + 17 * count, 9 + noted
end
local function marks(bytes)
  local from, to, first = places(bytes)
  local names, versions = {}, {}
  for name in string.gmatch(string.sub(bytes, first, from - 1), '[^}]+') do
    names[#names + 1] = root .. name
  end
  for at = from, to - 1, 17 do versions[#versions + 1] = string.sub(bytes, at, at + 16) end
  return names, versions
end
local function alive(bytes)
  local names, versions = marks(bytes)
  if #names == 0 then return false end
  local now = redis.call('MGET', unpack(names))
  for index in ipairs(names) do
    if now[index] ~= versions[index] then return false end
  end
  return true
end
-- The bytes of the entry; what is to be answered where that cannot be known here; whether it died.
local function there()
  local bytes = redis.call('GET', value)
  if not bytes or not marked(bytes) then return bytes end
  if root then
    if alive(bytes) then return bytes end
    return false, nil, true
  end
  if bytes == known then return bytes end
  return bytes, {${Answer.UNSURE}, bytes}
end
-- The same without the bytes of what nobody has to look at.
local function exists()
  local head = redis.pcall('GETRANGE', value, 0, 7)
  -- Of another type, so it is somebody else's.
  if type(head) == 'table' then return true end
  if head == '' then return redis.call('EXISTS', value) == 1 end
  if not marked(head) then return true end
  return there()
end
`;

/** What writes an entry. */
const WRITING = `
local function fenced(token)
  return token ~= '' and tonumber(token) < tonumber(redis.call('GET', fence) or '0')
end
local function filled(bytes, need, moment, strict)
  local names, given = marks(bytes)
  local now = current(names, given, need, moment, strict)
  if not now then return false end
  local from, to = places(bytes)
  return string.sub(bytes, 1, from - 1) .. table.concat(now) .. string.sub(bytes, to)
end
-- Stores an entry, with the deadline of the one before, if that is given. Whether it did.
local function put(bytes, ttl, before, moment, strict)
  local need = tonumber(ttl)
  if before then
    need = math.max(redis.call('PTTL', value), 0)
    local noted = string.byte(before, 3)
    if ours(before) and ours(bytes) and string.byte(bytes, 3) == 0 and noted > 0 then
      -- What was noted of the entry stays, as its deadline does.
      bytes = string.sub(bytes, 1, 2) .. string.char(noted) .. string.sub(bytes, 4, 8)
        .. string.sub(before, 9, 8 + noted) .. string.sub(bytes, 9)
    end
  end
  if need >= 0 and root and marked(bytes) then
    bytes = filled(bytes, need, moment, strict)
    if not bytes then return false end
  end
  if before then
    redis.call('SET', value, bytes, 'KEEPTTL')
  elseif need < 0 then
    redis.call('DEL', value)
  elseif need == 0 then
    redis.call('SET', value, bytes)
  else
    redis.call('SET', value, bytes, 'PX', ttl)
  end
  -- Last: once it has written, a script is not refused for lack of room.
  redis.call('DEL', claim)
  return true
end
`;

/**
 * @typedef {object} Script
 * @property {string} name
 * @property {string} text
 * @property {string} hash
 * @property {boolean} isRead whether it changes nothing, so that it may be tried again
 */

/**
 * A script that changes something of a key.
 *
 * @param {string} name
 * @param {string} body
 */
function writing(name, body) {
  return script(name, KEYS + MARKS + ENTRY + WRITING + body, false);
}

/**
 * A script that changes nothing.
 *
 * @param {string} name
 * @param {string} body
 */
function reading(name, body) {
  return script(name, READING_KEYS + ENTRY + body, true);
}

/**
 * A script on the versions of marks, the first of whose keys is the count by which they rise.
 *
 * @param {string} name
 * @param {string} body
 */
function marking(name, body) {
  return script(name, `local root = KEYS[1]${MARKS}${body}`, false);
}

/**
 * @param {string} name
 * @param {string} text
 * @param {boolean} isRead
 * @returns {Script}
 */
function script(name, text, isRead) {
  const hash = createHash('sha1').update(text).digest('hex');
  const made = { name, text, hash, isRead };
  ALL.push(made);
  return made;
}

/**
 * The last that were asked for: reads of a while are of one run.
 *
 * @type {Map<Script, { run: string, made: Script }>}
 */
const lastOfRun = new Map();

/**
 * The same script by a name that only the masters know that somebody listens to: a server that has
 * it not is another, or was started anew.
 *
 * @param {Script} plain
 * @param {string} run of those masters
 * @returns {Script}
 */
function ofRun(plain, run) {
  const last = lastOfRun.get(plain);
  if (last?.run === run) return last.made;
  const text = `${plain.text}\n-- ${run}`;
  const hash = createHash('sha1').update(text).digest('hex');
  const made = { ...plain, text, hash };
  lastOfRun.set(plain, { run, made });
  return made;
}

module.exports = { ALL, Answer, ENTRY, NEVER, TRACE_MS, marking, ofRun, reading, script, writing };
