//! What is to be done: the arguments, and all choices that follow from a seed.
//!
//! Invariant: a choice depends on the seed and on numbers of rounds and workers, never on time.

use std::path::PathBuf;

/// Workers of a round at the most.
pub(crate) const WORKERS: usize = 6;
/// Keys with one writer each, at the most.
pub(crate) const KEYS: usize = 4096;
/// Shared counters, key locks, loads.
pub(crate) const SHARED: usize = 8;
/// Longest payload: longer than three of the smallest segments.
pub(crate) const PAYLOAD_BYTES_MAX: usize = 60_000;

/// Numbers that look random, and follow from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// Numbers for one purpose: `parts` say which.
    pub(crate) fn of(parts: &[u64]) -> Self {
        Self(parts.iter().fold(0x243F_6A88_85A3_08D3, |state, part| mixed(state ^ part)))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed(self.0)
    }

    /// From 0 to `bound` - 1.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// An index of something that has so many.
    pub(crate) fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).expect("below a count")
    }

    pub(crate) fn is_one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.index(of.len())]
    }
}

/// A word in which every bit depends on every bit of another.
pub(crate) fn mixed(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scenario {
    /// Workers are killed at random moments.
    Kill,
    /// Workers kill themselves at numbered points.
    Points,
    /// Both, in a small store that evicts, expires and is cleared all the time.
    Churn,
    /// Workers are stopped, and go on later.
    Stop,
    /// One is stopped for longer than others wait for a lock.
    Hold,
    /// The file system is smaller than the store.
    Space,
    /// The file is cut off.
    Truncate,
    /// The file loses its name.
    Unlink,
    /// Bytes of the file change.
    Flip,
    /// The clock on the wall jumps.
    Clock,
}

impl Scenario {
    pub(crate) const ALL: [Self; 10] = [
        Self::Kill,
        Self::Points,
        Self::Churn,
        Self::Stop,
        Self::Hold,
        Self::Space,
        Self::Truncate,
        Self::Unlink,
        Self::Flip,
        Self::Clock,
    ];

    pub(crate) fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// Parts of the whole: of the kills, and of the time.
    pub(crate) fn share(self) -> (u64, u64) {
        match self {
            Self::Kill => (30, 16),
            Self::Points => (45, 26),
            Self::Churn => (25, 16),
            Self::Stop => (0, 10),
            // A round is short, and what goes wrong there only some of them meet.
            Self::Space => (0, 16),
            // Takes longer than the whole short form.
            Self::Hold => (0, 0),
            Self::Truncate | Self::Unlink | Self::Flip | Self::Clock => (0, 4),
        }
    }
}

/// What was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) seed: u64,
    pub(crate) scenario: Option<Scenario>,
    /// Only this round of a scenario.
    pub(crate) round: Option<u64>,
    /// Time for all of it; without it, `kills` decide.
    pub(crate) seconds: Option<u64>,
    pub(crate) kills: u64,
    /// Where the figures go.
    pub(crate) report: Option<PathBuf>,
}

/// Kills of the long form.
const KILLS: u64 = 10_000;

impl Options {
    /// Reads the arguments; `Err` with what is wrong with them.
    pub(crate) fn of(arguments: &[String], seed: u64) -> Result<Self, String> {
        let (scenario, round, seconds, report) = (None, None, None, None);
        let mut options = Self { seed, scenario, round, seconds, kills: KILLS, report };
        let mut rest = arguments.iter();
        while let Some(name) = rest.next() {
            let value = rest.next().ok_or(format!("{name} needs a value"))?;
            let number =
                || value.parse::<u64>().map_err(|_| format!("{name}: {value} is no number"));
            match name.as_str() {
                "--seed" => options.seed = number()?,
                "--seconds" => options.seconds = Some(number()?),
                "--kills" => options.kills = number()?,
                "--round" => options.round = Some(number()?),
                "--report" => options.report = Some(PathBuf::from(value)),
                "--scenario" => {
                    let found = Scenario::ALL.into_iter().find(|each| each.name() == *value);
                    options.scenario = Some(found.ok_or(format!("no scenario {value}"))?);
                }
                _ => return Err(format!("no option {name}")),
            }
        }
        Ok(options)
    }
}

/// Kills of a round, how they come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Death {
    /// Not at all.
    Never,
    /// By a signal at any moment.
    Sudden,
    /// The victim is stopped first, to see which locks it holds.
    Counted,
    /// By its own hand, at a numbered point.
    AtPoint,
    /// As `Counted`, and workers stop by their own hand at numbered points.
    StopAtPoint,
}

impl Death {
    const ALL: [Self; 5] =
        [Self::Never, Self::Sudden, Self::Counted, Self::AtPoint, Self::StopAtPoint];
}

/// What a round is: in numbers, so that workers find it in the ledger.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "choices that do not depend on each other")]
pub(crate) struct Round {
    pub(crate) scenario: Scenario,
    pub(crate) number: u64,
    pub(crate) seed: u64,
    pub(crate) death: Death,
    pub(crate) workers: usize,
    pub(crate) keys: usize,
    pub(crate) max_bytes: u64,
    pub(crate) max_entries: u64,
    pub(crate) evicts: bool,
    /// Somebody clears the store now and then.
    pub(crate) clears: bool,
    /// Somebody changes how much it may hold now and then.
    pub(crate) resizes: bool,
    /// Some values are longer than a segment.
    pub(crate) large: bool,
    /// Workers from this one on only read.
    pub(crate) readers_from: usize,
    /// Some workers watch, and all others publish.
    pub(crate) watched: bool,
}

/// Words that a round takes in the ledger.
pub(crate) const ROUND_WORDS: usize = 14;

impl Round {
    /// The round that a seed means.
    pub(crate) fn of(seed: u64, scenario: Scenario, number: u64) -> Self {
        let mut random = Random::of(&[seed, scenario as u64, number]);
        let is_small = scenario == Scenario::Churn;
        let sizes: &[u64] =
            if is_small { &[256, 320, 512, 1024] } else { &[512, 1024, 2048, 8192] };
        let max_bytes = random.pick(sizes) << 10;
        let is_stopping = scenario == Scenario::Stop;
        let evicts = is_small || random.is_one_in(if is_stopping { 2 } else { 4 });
        let keys = random.pick(&[64, 700, 3000, 3000]);
        let deaths: &[Death] = match scenario {
            Scenario::Kill => &[Death::Sudden, Death::Counted, Death::Counted],
            Scenario::Points => &[Death::AtPoint],
            Scenario::Churn => &[Death::Counted, Death::AtPoint, Death::AtPoint],
            Scenario::Space => &[Death::Sudden],
            Scenario::Stop => &[Death::Counted, Death::StopAtPoint],
            Scenario::Hold => &[Death::StopAtPoint],
            _ => &[Death::Never],
        };
        Self {
            scenario,
            number,
            seed: random.next(),
            death: random.pick(deaths),
            workers: 4 + random.index(WORKERS - 3),
            keys,
            max_bytes: if scenario == Scenario::Space { 16 << 20 } else { max_bytes },
            max_entries: if is_small && random.is_one_in(3) { 40 + random.below(600) } else { 0 },
            evicts,
            clears: scenario != Scenario::Kill && random.is_one_in(3),
            resizes: is_small && random.is_one_in(3),
            large: random.is_one_in(2),
            readers_from: WORKERS,
            watched: random.is_one_in(2),
        }
        .adapted()
    }

    fn adapted(mut self) -> Self {
        match self.scenario {
            Scenario::Stop | Scenario::Hold => {
                (self.workers, self.readers_from) = (WORKERS, WORKERS - 2);
                self.clears = false;
                if self.evicts {
                    self.keys = KEYS - 1;
                } else {
                    self.max_bytes = self.max_bytes.max(2 << 20);
                }
            }
            Scenario::Churn if self.max_entries == 0 => self.keys = KEYS - 1,
            Scenario::Clock | Scenario::Unlink => self.clears = false,
            Scenario::Space => (self.keys, self.large) = (KEYS - 1, true),
            _ => {}
        }
        self
    }

    /// Whether nothing but its writer and its deadline makes an entry go.
    pub(crate) fn keeps(&self) -> bool {
        !self.evicts && !self.clears
    }

    /// Whether the memory itself is damaged: then only crashes and hangs count.
    pub(crate) fn is_damaged(&self) -> bool {
        matches!(self.scenario, Scenario::Truncate | Scenario::Flip)
    }

    pub(crate) fn words(&self) -> [u64; ROUND_WORDS] {
        [
            self.scenario as u64,
            self.number,
            self.seed,
            self.death as u64,
            self.workers as u64,
            self.keys as u64,
            self.max_bytes,
            self.max_entries,
            u64::from(self.evicts),
            u64::from(self.clears),
            u64::from(self.large),
            self.readers_from as u64,
            u64::from(self.resizes),
            u64::from(self.watched),
        ]
    }

    pub(crate) fn of_words(words: [u64; ROUND_WORDS]) -> Self {
        let index = |word: u64| usize::try_from(word).expect("small");
        Self {
            scenario: Scenario::ALL[index(words[0])],
            number: words[1],
            seed: words[2],
            death: Death::ALL[index(words[3])],
            workers: index(words[4]),
            keys: index(words[5]),
            max_bytes: words[6],
            max_entries: words[7],
            evicts: words[8] == 1,
            clears: words[9] == 1,
            large: words[10] == 1,
            readers_from: index(words[11]),
            resizes: words[12] == 1,
            watched: words[13] == 1,
        }
    }
}
