/** Placeholder until the generated one lands. */
'use strict';
const Register = Object.freeze({
  TTL_MS: 0,
  DEADLINE_MS: 0,
  SIZE: 1,
  KIND: 1,
  LENGTH: 2,
  STRIPE: 3,
  VERSION: 4,
  AMOUNT: 5,
  CONDITION: 6,
  WAIT_MS: 7,
  START: 2,
  END: 3,
  IS_LATIN1: 5,
  NOW_MS: 0,
  DEPARTURES: 0,
  FIRST_BYTES: 4,
  RESERVE_BYTES: 5,
  ERRNO: 5,
  IS_KEPT: 7,
  IF_PRESENT: 7,
  MIN: 6,
  MAX: 6,
  MISMATCHED_OPTION: 7,
  MISMATCHED_VALUE: 7,
});
const Condition = Object.freeze({ ALWAYS: 0, ABSENT: 1, PRESENT: 2, SAME_VERSION: 3 });
module.exports = { Register, Condition };
