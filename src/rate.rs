//! What a limit allows, and when: the generic cell rate algorithm, exact. Knows no entry.
//!
//! A limit that was taken from is an entry: its deadline is the moment at which all of it is there
//! again, so a limit of which nothing is taken needs none; its number is how much was taken since
//! then. The deadline alone decides. The number only says which fraction of a microsecond was lost
//! in rounding the deadline up, so that many small steps lose no more than one, and it makes no
//! difference to it when all deadlines are moved to another clock.

use crate::platform::clock::NEVER_US;

/// The most that a number counts; from there on it begins anew.
const COUNT_MAX: f64 = 9_007_199_254_740_992.0;

/// A limit.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// How much comes back, above 0, ...
    pub units: f64,
    /// ... in so many microseconds, above 0.
    pub per_us: f64,
    /// How much there is when nothing is taken.
    pub burst: f64,
}

/// What is taken from a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Taken {
    /// When all of it is there again.
    pub deadline_us: u64,
    /// How much was taken since it was.
    pub count: f64,
}

/// What a limit answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// So much is left; what is taken now, unless it is what was.
    Allowed(f64, Option<Taken>),
    /// So much is left, which is too little for so many microseconds; [`NEVER_US`] for ever.
    Refused(f64, u64),
}

impl Rate {
    /// Whether `cost`, from 0 to the burst, may be taken at `now_us`.
    pub fn decide(&self, taken: Option<Taken>, cost: f64, now_us: u64) -> Verdict {
        let before = taken.filter(|taken| taken.deadline_us > now_us);
        let Taken { deadline_us, count } =
            before.unwrap_or(Taken { deadline_us: now_us, count: 0.0 });
        if deadline_us == NEVER_US {
            return Verdict::Refused(0.0, NEVER_US);
        }
        let count = if (0.0..COUNT_MAX).contains(&count) { count } else { 0.0 };
        let back_us = self.time_us(count) - number_of(deadline_us - now_us);
        let used = (count - back_us * self.units / self.per_us).max(0.0);
        let left = |used: f64| (self.burst - used).floor().max(0.0);
        if used + cost > self.burst {
            let wait_us = (used + cost - self.burst) * self.per_us / self.units;
            return Verdict::Refused(left(used), whole(wait_us.ceil()).max(1));
        }
        let after = count + cost;
        let step_us = whole(self.time_us(after) - self.time_us(count));
        let deadline_us = deadline_us.saturating_add(step_us).min(NEVER_US - 1);
        let taken = (cost > 0.0).then_some(Taken { deadline_us, count: after });
        Verdict::Allowed(left(used + cost), taken)
    }

    /// How long it takes until so much is there again.
    fn time_us(&self, count: f64) -> f64 {
        (count * self.per_us / self.units).ceil()
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 285 years")]
fn number_of(time_us: u64) -> f64 {
    time_us as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
fn whole(time_us: f64) -> u64 {
    time_us as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes one at each of `times`; how many were allowed.
    fn allowed(rate: &Rate, times: impl Iterator<Item = u64>) -> usize {
        let mut taken = None;
        times
            .filter(|&now_us| match rate.decide(taken, 1.0, now_us) {
                Verdict::Allowed(_, after) => {
                    taken = after;
                    true
                }
                Verdict::Refused(..) => false,
            })
            .count()
    }

    #[test]
    fn burst_is_all_at_once_and_no_more() {
        for (units, per_us, burst) in [(3.0, 1e6, 3_u16), (1e6, 1e3, 70), (7.0, 1e9, 1000)] {
            let rate = Rate { units, per_us, burst: burst.into() };
            assert_eq!(allowed(&rate, std::iter::repeat_n(5, 5000)), burst.into());
        }
    }

    #[test]
    fn no_fraction_is_lost_however_many_steps_there_are() {
        // A third of a millisecond each, asked for every microsecond, for three seconds.
        let rate = Rate { units: 3.0, per_us: 1000.0, burst: 2.0 };
        assert_eq!(allowed(&rate, 0..=3_000_000), 9002);
    }

    #[test]
    fn refusal_says_when_to_come_again_to_the_microsecond() {
        let rate = Rate { units: 3.0, per_us: 1e6, burst: 2.0 };
        let Verdict::Allowed(0.0, taken) = rate.decide(None, 2.0, 10) else { panic!("refused") };
        let Verdict::Refused(left, wait_us) = rate.decide(taken, 1.0, 10) else {
            panic!("allowed")
        };
        assert_eq!((left, wait_us), (0.0, 333_334));
        assert!(matches!(rate.decide(taken, 1.0, 9 + wait_us), Verdict::Refused(..)));
        assert!(matches!(rate.decide(taken, 1.0, 10 + wait_us), Verdict::Allowed(0.0, Some(_))));
    }

    #[test]
    fn another_rate_goes_on_with_what_was_taken() {
        let slow = Rate { units: 1.0, per_us: 1e6, burst: 10.0 };
        let Verdict::Allowed(_, taken) = slow.decide(None, 5.0, 0) else { panic!("refused") };
        let fast = Rate { units: 2.0, ..slow };
        assert_eq!(fast.decide(taken, 0.0, 0), Verdict::Allowed(0.0, None));
        assert_eq!(fast.decide(taken, 0.0, 2_500_000), Verdict::Allowed(5.0, None));
    }

    #[test]
    fn whatever_number_is_there_the_deadline_decides() {
        let rate = Rate { units: 1.0, per_us: 1e6, burst: 10.0 };
        for count in [f64::NAN, f64::INFINITY, -5.0, 1e300, 0.5, 3.0] {
            let taken = Some(Taken { deadline_us: 4_000_000, count });
            let verdict = rate.decide(taken, 1.0, 0);
            assert!(matches!(verdict, Verdict::Allowed(5.0, Some(_))), "{count}");
        }
        let for_ever = Some(Taken { deadline_us: NEVER_US, count: 1.0 });
        assert_eq!(rate.decide(for_ever, 1.0, 0), Verdict::Refused(0.0, NEVER_US));
    }
}
