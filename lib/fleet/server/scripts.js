/**
 * What a server does in one step for a verb: scripts, each with the hash that it is called by.
 *
 * Each gets the names of a key's value, claim, fence and lock as its keys, all in one slot. Knows
 * no connection. Invariant: whatever writes a value drops the claim of its key, so that a load that
 * began before it never replaces it.
 */
'use strict';

const { createHash } = require('node:crypto');

/** What scripts answer where they do nothing. */
const Answer = Object.freeze({
  FENCED: -9,
  FOREIGN: -8,
  NOT_A_NUMBER: -7,
  INFINITE: -6,
  NOT_MADE: -5,
});

/** Every script. @type {Script[]} */
const ALL = [];

/** Scripts begin so: the keys by name, and what several need. */
const HEAD = `
local value, claim, fence, lock = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local function fenced(token)
  return token ~= '' and tonumber(token) < tonumber(redis.call('GET', fence) or '0')
end
local function ours(bytes)
  return string.byte(bytes, 1) == 193 and #bytes >= 4
end
local function put(bytes, ttl, keep)
  local before = keep == '1' and redis.call('GET', value)
  if before then
    if ours(before) and ours(bytes) then
      -- What was noted of the entry stays, as its deadline does.
      local noted = string.byte(before, 3) * 256 + string.byte(before, 4)
      local own = string.byte(bytes, 3) * 256 + string.byte(bytes, 4)
      if own == 0 and noted > 0 then
        bytes = string.sub(bytes, 1, 2) .. string.sub(before, 3, 4 + noted) .. string.sub(bytes, 5)
      end
    end
    redis.call('SET', value, bytes, 'KEEPTTL')
  elseif tonumber(ttl) < 0 then
    redis.call('DEL', value)
  elseif ttl == '0' then
    redis.call('SET', value, bytes)
  else
    redis.call('SET', value, bytes, 'PX', ttl)
  end
  -- Last: once it has written, a script is not refused for lack of room.
  redis.call('DEL', claim)
end
`;

/** Of an entry: its bytes, and how long it has to live. */
const READ = script(
  'READ',
  `local bytes = redis.call('GET', KEYS[1])
if not bytes then return false end
return {bytes, redis.call('PTTL', KEYS[1])}`,
  true,
);

/** ARGV: bytes, ttl, whether a deadline is kept, fence, when. */
const WRITE = script(
  'WRITE',
  `if fenced(ARGV[4]) then return ${Answer.FENCED} end
if ARGV[5] ~= '0' then
  local there = redis.call('EXISTS', value)
  if (ARGV[5] == '1' and there == 1) or (ARGV[5] == '2' and there == 0) then return 0 end
end
put(ARGV[1], ARGV[2], ARGV[3])
return 1`,
);

/** ARGV: the first four of WRITE, whether an entry was seen, and its bytes. */
const EXCHANGE = script(
  'EXCHANGE',
  `if fenced(ARGV[4]) then return ${Answer.FENCED} end
local bytes = redis.call('GET', value)
if ARGV[5] == '0' then
  if bytes then return 0 end
elseif bytes ~= ARGV[6] then
  return 0
end
put(ARGV[1], ARGV[2], ARGV[3])
return 1`,
);

const REMOVE = script(
  'REMOVE',
  `redis.call('DEL', claim)
return redis.call('DEL', value)`,
);

const TAKE = script(
  'TAKE',
  `local bytes = redis.call('GET', value)
redis.call('DEL', claim)
if not bytes then return false end
if not ours(bytes) then return ${Answer.FOREIGN} end
redis.call('DEL', value)
return bytes`,
);

/** ARGV: ttl. */
const TOUCH = script(
  'TOUCH',
  `if redis.call('EXISTS', value) == 0 then return 0 end
if tonumber(ARGV[1]) < 0 then
  redis.call('DEL', value, claim)
elseif ARGV[1] == '0' then
  redis.call('PERSIST', value)
else
  redis.call('PEXPIRE', value, ARGV[1])
end
return 1`,
);

/** ARGV: by, min, max, whether an absent one stays so, ttl, fence. Gives the number, and PTTL. */
const COUNT = script(
  'COUNT',
  `if fenced(ARGV[6]) then return ${Answer.FENCED} end
local by, least, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local bytes = redis.call('GET', value)
if not bytes then
  if ARGV[4] == '1' then return false end
  local first = string.format('%.17g', math.min(math.max(by, least), most))
  if tonumber(ARGV[5]) < 0 then return {first, ${Answer.NOT_MADE}} end
  put(string.char(193, 1, 0, 0) .. first, ARGV[5], '0')
  return {first, redis.call('PTTL', value)}
end
if not ours(bytes) then return ${Answer.FOREIGN} end
if string.byte(bytes, 2) ~= 1 then return {${Answer.NOT_A_NUMBER}, bytes} end
local start = 5 + string.byte(bytes, 3) * 256 + string.byte(bytes, 4)
local current = tonumber(string.sub(bytes, start))
local sum = current + by
if sum - sum ~= 0 then return {${Answer.INFINITE}, string.format('%.17g', sum)} end
local next = math.min(math.max(sum, least), most)
if by > 0 then next = math.max(next, current)
elseif by < 0 then next = math.min(next, current)
else next = current end
local text = string.format('%.17g', next)
put(string.sub(bytes, 1, start - 1) .. text, '0', '1')
return {text, redis.call('PTTL', value)}`,
);

/**
 * ARGV: how long a unit takes to come back, the most at once, the cost. Gives whether it is
 * allowed, what is left, and when to try again, -1 for never. The entry is how much is taken; when
 * all of it is there again, by this clock, is noted besides.
 */
const LIMIT = script(
  'LIMIT',
  `local unit, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local bytes = redis.call('GET', value)
local taken, full = 0, now
if bytes then
  if not ours(bytes) then return ${Answer.FOREIGN} end
  if string.byte(bytes, 2) ~= 1 then return {${Answer.NOT_A_NUMBER}, bytes} end
  local noted = string.byte(bytes, 3) * 256 + string.byte(bytes, 4)
  taken = tonumber(string.sub(bytes, 5 + noted))
  local notes = noted > 0 and cjson.decode(string.sub(bytes, 5, 4 + noted)) or {}
  local ends = redis.call('PEXPIRETIME', value)
  if ends < 0 then return {0, 0, -1} end
  -- The deadline decides, which others may have moved; what is noted is more exact.
  local is_moved = notes.l == nil or math.abs(ends - notes.l) > 2
  full = math.max(is_moved and ends or notes.l, now)
end
-- What is lost by counting in floats is less than a millionth of a unit.
local left = burst - (full - now) / unit
if cost > left + 1e-6 then
  return {0, math.max(math.floor(left + 1e-6), 0), math.ceil((cost - left) * unit - 1e-6)}
end
full = full + unit * cost
if full > now and cost > 0 then
  local notes = string.format('{"l":%.17g}', full)
  local text = string.format('%.17g', taken + cost)
  local head = string.char(193, 1, 0, #notes)
  put(head .. notes .. text, string.format('%d', math.ceil(full - now)), '0')
end
return {1, math.max(math.floor(left - cost + 1e-6), 0), 0}`,
);

/** ARGV: token, lease, whether a stale entry is claimed. Gives bytes, PTTL, whether claimed. */
const FIND = script(
  'FIND',
  `local bytes = redis.call('GET', value)
local left = -2
if bytes then
  left = redis.call('PTTL', value)
  if ARGV[3] ~= '1' or not ours(bytes) or left < 0 then return {bytes, left, 0} end
  local noted = string.byte(bytes, 3) * 256 + string.byte(bytes, 4)
  if noted == 0 then return {bytes, left, 0} end
  local notes = cjson.decode(string.sub(bytes, 5, 4 + noted))
  if left > (notes.s or 0) then return {bytes, left, 0} end
end
local claimed = redis.call('SET', claim, ARGV[1], 'NX', 'PX', ARGV[2])
return {bytes, left, claimed and 1 or 2}`,
);

/** ARGV: bytes, ttl, token, whether an entry was to be renewed, its bytes. */
const STORE = script(
  'STORE',
  `if redis.call('GET', claim) ~= ARGV[3] then return 0 end
local bytes = redis.call('GET', value)
if ARGV[4] == '1' then
  if bytes and bytes ~= ARGV[5] then return 0 end
elseif bytes then
  return 0
end
put(ARGV[1], ARGV[2], '0')
return 1`,
);

/** ARGV: token, lease; 0 to end it. Of a claim. */
const CLAIM = script('CLAIM', held('claim'));
/** The same of a lock. */
const LOCK = script('LOCK', held('lock'));

/** ARGV: token, lease, how long a fence lives. Gives the fence; below 0: what others have left. */
const ACQUIRE = script(
  'ACQUIRE',
  `if not redis.call('SET', lock, ARGV[1], 'NX', 'PX', ARGV[2]) then
  return -math.max(redis.call('PTTL', lock), 1)
end
local token = redis.call('INCR', fence)
redis.call('PEXPIRE', fence, ARGV[3])
return token`,
);

/** Those that may change a value. @type {ReadonlySet<Script>} */
const WRITING = new Set([WRITE, EXCHANGE, REMOVE, TAKE, TOUCH, COUNT, STORE, LIMIT]);

/** @param {string} name of what is held */
function held(name) {
  return `if redis.call('GET', ${name}) ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then return redis.call('DEL', ${name}) end
return redis.call('PEXPIRE', ${name}, ARGV[2])`;
}

/**
 * @typedef {object} Script
 * @property {string} name
 * @property {string} text
 * @property {string} hash
 * @property {boolean} isRead whether it changes nothing, so that it may be tried again
 */

/**
 * @param {string} name
 * @param {string} body
 * @param {boolean} [isRead] then it needs none of what the others begin with
 * @returns {Script}
 */
function script(name, body, isRead = false) {
  const text = isRead ? body : HEAD + body;
  const hash = createHash('sha1').update(text).digest('hex');
  const made = { name, text, hash, isRead };
  ALL.push(made);
  return made;
}

module.exports = {
  ACQUIRE,
  ALL,
  Answer,
  CLAIM,
  COUNT,
  EXCHANGE,
  FIND,
  LIMIT,
  LOCK,
  READ,
  REMOVE,
  STORE,
  TAKE,
  TOUCH,
  WRITE,
  WRITING,
};
