//! Figures: how long things took, how often, and where. Knows no store.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Parts of each power of two.
const PARTS: u64 = 8;
const BUCKETS: usize = 320;

/// How often a time was measured, to an eighth of it.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Histogram([AtomicU64; BUCKETS]);

impl Histogram {
    pub(crate) fn new() -> Self {
        Self([const { AtomicU64::new(0) }; BUCKETS])
    }

    pub(crate) fn note(&self, us: u64) {
        self.0[bucket_of(us)].fetch_add(1, Relaxed);
    }

    pub(crate) fn add(&self, other: &Self) {
        for (sum, more) in self.0.iter().zip(&other.0) {
            sum.fetch_add(more.load(Relaxed), Relaxed);
        }
    }

    fn count(&self) -> u64 {
        self.0.iter().map(|count| count.load(Relaxed)).sum()
    }

    /// The time that so many of 1,000 do not exceed.
    fn quantile(&self, of_thousand: u64) -> u64 {
        let wanted = (self.count() * of_thousand).div_ceil(1000).max(1);
        let mut seen = 0;
        for (bucket, count) in self.0.iter().enumerate() {
            seen += count.load(Relaxed);
            if seen >= wanted {
                return most_of(bucket);
            }
        }
        0
    }

    /// Count, quantiles and maximum, as a line and as JSON.
    pub(crate) fn summary(&self) -> (String, String) {
        let [count, p50, p99, p999, max] = [
            self.count(),
            self.quantile(500),
            self.quantile(990),
            self.quantile(999),
            self.quantile(1000),
        ];
        let line = format!("{count}: p50 {p50}, p99 {p99}, p99.9 {p999}, max {max} µs");
        let json = format!(
            "{{ \"count\": {count}, \"p50\": {p50}, \"p99\": {p99}, \"p999\": {p999}, \
             \"max\": {max} }}"
        );
        (line, json)
    }
}

fn bucket_of(us: u64) -> usize {
    let bucket = if us < PARTS {
        us
    } else {
        let power = u64::from(us.ilog2());
        (power - 2) * PARTS + (us >> (power - 3)) % PARTS
    };
    usize::try_from(bucket).unwrap_or(BUCKETS).min(BUCKETS - 1)
}

/// The longest time that a bucket counts.
fn most_of(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < PARTS {
        return bucket;
    }
    let power = bucket / PARTS + 2;
    ((PARTS + bucket % PARTS + 1) << (power - 3)) - 1
}

/// A JSON object of names and numbers.
pub(crate) fn object(entries: impl Iterator<Item = (String, u64)>) -> String {
    let mut text = String::from("{");
    for (place, (name, number)) in entries.enumerate() {
        let comma = if place == 0 { "" } else { "," };
        write!(text, "{comma} \"{name}\": {number}").expect("a string takes all");
    }
    text + " }"
}
