/**
 * What a server does in one step for a verb: scripts, each with the hash that it is called by.
 *
 * Each gets the names of a key's value, claim, fence and lock as its keys, all in one slot; those
 * that only read, that of its value. Knows no connection. Invariant: whatever writes a value drops
 * the claim of its key, so that a load that began before it never replaces it.
 */
'use strict';

const lua = require('./script.js');

const { ALL, Answer, NEVER, TRACE_MS, marking, ofRun, reading, script, writing } = lua;

/** @typedef {import('./script.js').Script} Script */

/** Of an entry: its bytes, and how long it has to live. */
const READ = reading(
  'READ',
  `local bytes, doubt, dead = there()
if doubt then
  doubt[3] = redis.call('PTTL', value)
  return doubt
end
if dead then return ${Answer.DEAD} end
return bytes and {bytes, redis.call('PTTL', value)}`,
);

const HAS = reading(
  'HAS',
  `local is, doubt = exists()
if doubt then
  doubt[3] = 1
  return doubt
end
return is and 1 or 0`,
);

const TTL = reading(
  'TTL',
  `local is, doubt = exists()
if doubt then
  doubt[3] = redis.call('PTTL', value)
  return doubt
end
return is and redis.call('PTTL', value) or -2`,
);

/** Removes what is there no more; in a cluster, the bytes that are known to be that. */
const PURGE = writing(
  'PURGE',
  `local bytes = redis.call('GET', value)
if not bytes then return 0 end
if root then
  if not marked(bytes) or alive(bytes) then return 0 end
elseif bytes ~= known then
  return 0
end
return redis.call('DEL', value)`,
);

/**
 * Of many values, not in a cluster: which of them are there. What is there no more is removed.
 * KEYS: the name of the count of versions, and those of the values.
 */
const LIVING = script(
  'LIVING',
  `local root, value = KEYS[1]
${lua.ENTRY}
local answers = {}
for index = 2, #KEYS do
  value = KEYS[index]
  local is, _, dead = exists()
  if dead then redis.call('DEL', value) end
  answers[index - 1] = is and 1 or 0
end
return answers`,
  false,
);

/** ARGV: bytes, ttl, whether a deadline is kept, fence, when. */
const WRITE = writing(
  'WRITE',
  `if fenced(ARGV[4]) then return ${Answer.FENCED} end
local before
if ARGV[3] == '1' then
  local bytes, doubt = there()
  if doubt then return doubt end
  before = bytes
end
if ARGV[5] ~= '0' then
  local is, doubt = exists()
  if doubt then return doubt end
  if (ARGV[5] == '1') == (is and true or false) then return 0 end
end
put(ARGV[1], ARGV[2], before)
return 1`,
);

/** ARGV: the first four of WRITE, whether an entry was seen, and its bytes. */
const EXCHANGE = writing(
  'EXCHANGE',
  `if fenced(ARGV[4]) then return ${Answer.FENCED} end
local bytes
if ARGV[5] == '0' then
  local doubt
  bytes, doubt = there()
  if doubt then return doubt end
  if bytes then return 0 end
else
  bytes = redis.call('GET', value)
  if bytes ~= ARGV[6] or (root and marked(bytes) and not alive(bytes)) then return 0 end
end
put(ARGV[1], ARGV[2], ARGV[3] == '1' and bytes)
return 1`,
);

const REMOVE = writing(
  'REMOVE',
  `local is, doubt = exists()
if doubt then return doubt end
redis.call('DEL', value, claim)
return is and 1 or 0`,
);

const TAKE = writing(
  'TAKE',
  `local bytes, doubt, dead = there()
if doubt then return doubt end
redis.call('DEL', claim)
if dead then redis.call('DEL', value) end
if not bytes then return false end
if not ours(bytes) then return ${Answer.FOREIGN} end
redis.call('DEL', value)
return bytes`,
);

/** ARGV: ttl. */
const TOUCH = writing(
  'TOUCH',
  `local is, doubt = exists()
if doubt then return doubt end
if not is then return 0 end
local ttl = tonumber(ARGV[1])
if ttl < 0 then
  redis.call('DEL', value, claim)
  return 1
end
if root and type(is) == 'string' then
  for _, name in ipairs((marks(is))) do hold(name, ttl) end
end
if ttl == 0 then
  redis.call('PERSIST', value)
else
  redis.call('PEXPIRE', value, ARGV[1])
end
return 1`,
);

/**
 * ARGV: by, min, max, whether an absent one stays so, ttl, fence, what comes before the number.
 * Gives the number, and PTTL.
 */
const COUNT = writing(
  'COUNT',
  `if fenced(ARGV[6]) then return ${Answer.FENCED} end
local by, least, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local bytes, doubt = there()
if doubt then return doubt end
if not bytes then
  if ARGV[4] == '1' then return false end
  local first = string.format('%.17g', math.min(math.max(by, least), most))
  if tonumber(ARGV[5]) < 0 then return {first, ${Answer.NOT_MADE}} end
  put(ARGV[7] .. first, ARGV[5])
  return {first, redis.call('PTTL', value)}
end
if not ours(bytes) then return ${Answer.FOREIGN} end
if string.byte(bytes, 2) ~= 1 then return {${Answer.NOT_A_NUMBER}, bytes} end
local _, start = places(bytes)
local current_number = tonumber(string.sub(bytes, start))
local sum = current_number + by
if sum - sum ~= 0 then return {${Answer.INFINITE}, string.format('%.17g', sum)} end
local next = math.min(math.max(sum, least), most)
if by > 0 then next = math.max(next, current_number)
elseif by < 0 then next = math.min(next, current_number)
else next = current_number end
local text = string.format('%.17g', next)
put(string.sub(bytes, 1, start - 1) .. text, '0', bytes)
return {text, redis.call('PTTL', value)}`,
);

/**
 * ARGV: how long a unit takes to come back, the most at once, the cost, what comes before the
 * number. Gives whether it is allowed, what is left, and when to try again, -1 for never. The entry
 * is how much is taken; when all of it is there again, by this clock, is noted besides.
 */
const LIMIT = writing(
  'LIMIT',
  `local unit, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local bytes, doubt = there()
if doubt then return doubt end
local taken, full = 0, now
if bytes then
  if not ours(bytes) then return ${Answer.FOREIGN} end
  if string.byte(bytes, 2) ~= 1 then return {${Answer.NOT_A_NUMBER}, bytes} end
  local noted = string.byte(bytes, 3)
  local _, start = places(bytes)
  taken = tonumber(string.sub(bytes, start))
  local notes = noted > 0 and cjson.decode(string.sub(bytes, 9, 8 + noted)) or {}
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
  local head = bytes or ARGV[4]
  local _, start, first = places(head)
  put(string.sub(head, 1, 2) .. string.char(#notes) .. string.sub(head, 4, 8) .. notes
    .. string.sub(head, first, start - 1) .. string.format('%.17g', taken + cost),
    string.format('%d', math.ceil(full - now)))
end
return {1, math.max(math.floor(left - cost + 1e-6), 0), 0}`,
);

/** What a claim says: whose it is, whether its tags are to be computed, and of which moment. */
const CLAIMED = `
local function token(held) return string.sub(held, 9, 44) end
local function moment(held) return string.sub(held, 46, 61) end
local function computed(held) return string.byte(held, 45) == 102 end
`;

/**
 * ARGV: claim, lease, whether a stale entry is claimed; in a cluster, a claim that stands. Gives
 * bytes, PTTL, whether claimed, and the claim as it is noted, of whomever.
 */
const FIND = writing(
  'FIND',
  `${CLAIMED}
local bytes, doubt = there()
if doubt then
  if ARGV[3] ~= '1' then doubt[3] = redis.call('PTTL', value) end
  return doubt
end
local left = -2
if bytes then
  left = redis.call('PTTL', value)
  if ARGV[3] ~= '1' or not ours(bytes) or left < 0 then return {bytes, left, 0} end
  local noted = string.byte(bytes, 3)
  if noted == 0 then return {bytes, left, 0} end
  local notes = cjson.decode(string.sub(bytes, 9, 8 + noted))
  if left > (notes.s or 0) then return {bytes, left, 0} end
end
local held = redis.call('GET', claim)
if held and (marked(held) or computed(held)) then
  if not root then
    if held ~= ARGV[4] then return {${Answer.UNSURE_CLAIM}, held} end
  elseif (computed(held) and (redis.call('GET', root) or '${NEVER}') ~= moment(held))
    or (marked(held) and not alive(held)) then
    -- What it is for was invalidated since: what is made for it is not to be stored.
    held = false
  end
end
if held then return {bytes, left, 2, held} end
local mine = ARGV[1]
if root and marked(mine) then mine = filled(mine, ${TRACE_MS}) end
if root then
  local now = redis.call('GET', root) or '${NEVER}'
  mine = string.sub(mine, 1, 45) .. now .. string.sub(mine, 62)
end
redis.call('SET', claim, mine, 'PX', ARGV[2])
return {bytes, left, 1, mine}`,
);

/** Drops a claim for which something was invalidated. ARGV: the claim. */
const DROP = writing(
  'DROP',
  `if redis.call('GET', claim) ~= ARGV[1] then return 0 end
return redis.call('DEL', claim)`,
);

/**
 * ARGV: bytes, ttl, token, whether an entry was to be renewed, its bytes, the moment of the claim,
 * whether nothing at all may have been invalidated since.
 */
const STORE = writing(
  'STORE',
  `${CLAIMED}
local held = redis.call('GET', claim)
if not held or token(held) ~= ARGV[3] then return 0 end
if ARGV[4] == '1' then
  local bytes = redis.call('GET', value)
  if bytes and bytes ~= ARGV[5] then return 0 end
else
  local bytes, doubt = there()
  if doubt then return doubt end
  if bytes then return 0 end
end
return put(ARGV[1], ARGV[2], false, ARGV[6] ~= '' and ARGV[6], ARGV[7] == '1') and 1 or 0`,
);

/** ARGV: token, lease; 0 to end it. Of a claim. */
const CLAIM = writing(
  'CLAIM',
  `${CLAIMED}
local held = redis.call('GET', claim)
if not held or token(held) ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then return redis.call('DEL', claim) end
return redis.call('PEXPIRE', claim, ARGV[2])`,
);

/** The same of a lock; beside a lease, ARGV: how long its fence lives. */
const LOCK = writing(
  'LOCK',
  `if redis.call('GET', lock) ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then return redis.call('DEL', lock) end
redis.call('PEXPIRE', fence, ARGV[3])
return redis.call('PEXPIRE', lock, ARGV[2])`,
);

/** ARGV: token, lease, how long a fence lives. Gives the fence; below 0: what others have left. */
const ACQUIRE = writing(
  'ACQUIRE',
  `if not redis.call('SET', lock, ARGV[1], 'NX', 'PX', ARGV[2]) then
  return -math.max(redis.call('PTTL', lock), 1)
end
local token = redis.call('INCR', fence)
redis.call('PEXPIRE', fence, ARGV[3])
return token`,
);

/** Gives every mark a new version. KEYS: of the count, and of the versions. */
const INVALIDATE = marking(
  'INVALIDATE',
  `local text = fresh()
for index = 2, #KEYS do
  redis.call('SET', KEYS[index], 'i' .. text, 'PX', '${TRACE_MS}')
end
return 1`,
);

/**
 * The moment, and the versions of marks, in a cluster. KEYS as of INVALIDATE; ARGV: how long they
 * are needed, the moment since which they may not have been invalidated or '', whether nothing at
 * all may have been since, and the versions that are known.
 */
const FILL = marking(
  'FILL',
  `local names, given = {}, {}
for index = 2, #KEYS do
  names[index - 1], given[index - 1] = KEYS[index], ARGV[index + 2]
end
local now = {}
if #names > 0 then
  now = current(names, given, tonumber(ARGV[1]), ARGV[2] ~= '' and ARGV[2], ARGV[3] == '1')
  if not now then return 0 end
end
table.insert(now, 1, redis.call('GET', root) or '${NEVER}')
return now`,
);

/** The versions of marks. KEYS: their names. */
const VERSIONS = script('VERSIONS', "return redis.call('MGET', unpack(KEYS))", true);

/** Those by whose answers near copies are kept. @type {readonly Script[]} */
const SEEING = Object.freeze([READ, FIND, VERSIONS]);

/** Those that may change a value. @type {ReadonlySet<Script>} */
const WRITING = new Set([WRITE, EXCHANGE, REMOVE, TAKE, TOUCH, COUNT, STORE, LIMIT]);

/**
 * Those whose effect counts: replicas are to have it, where that is wanted, and whoever gets no
 * answer is told that it may be there. Of the others nothing is left, or what ends by itself.
 *
 * @type {ReadonlySet<Script>}
 */
const KEPT = new Set([...WRITING, INVALIDATE, ACQUIRE]);

module.exports = {
  ACQUIRE,
  ALL,
  Answer,
  CLAIM,
  COUNT,
  DROP,
  EXCHANGE,
  FILL,
  FIND,
  HAS,
  INVALIDATE,
  KEPT,
  LIMIT,
  LIVING,
  LOCK,
  NEVER,
  PURGE,
  READ,
  REMOVE,
  SEEING,
  STORE,
  TAKE,
  TOUCH,
  TRACE_MS,
  TTL,
  VERSIONS,
  WRITE,
  WRITING,
  ofRun,
};
