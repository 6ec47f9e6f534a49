//! Watching and publishing: what a watcher is told is all that happens, in order, or an overflow.
//!
//! A watcher knows from what it is told whether a key has an entry. Now and then it reads a key,
//! and lets all changes be told that were under way: it invalidates a tag that nothing has, for
//! which the locks of all shards and of the tags are taken. What was read is then what it was told.
//! Messages of each place are numbered; a number comes again only where nobody knows whether its
//! first message was told, for its publisher has died.

use std::collections::HashMap;
use std::sync::atomic::Ordering::SeqCst;

use shared_memory_store::contract::Change;
use shared_memory_store::engine::entry::Key;
use shared_memory_store::engine::watching::reader::{Reader, Told};
use shared_memory_store::error::Error;

use crate::history::is_timed;
use crate::plan::{WORKERS, mixed};
use crate::store::{BYTES, Seen, key_of, key_of_space, key_of_tag, packed};
use crate::worker::claims::is_fair;
use crate::worker::{Outcome, Worker};

/// What messages are published on.
const CHANNEL: &[u8] = b"news";
/// One turn in so many compares, or ends the watch.
const COMPARES: u64 = 8;
const ENDS: u64 = 400;
/// Bytes of a message, of which few are long.
const SHORT_BYTES: u64 = 200;
const LONG_BYTES: u64 = 20_000;
const HEAD_WORDS: usize = 5;

/// The last message of a place that was told: its number, and which attempt it was.
#[derive(Clone, Copy, Debug)]
struct Last {
    number: u64,
    attempt: [u64; 2],
}

/// A watch that goes on, and what is known by it.
#[derive(Debug)]
pub(crate) struct Watch {
    reader: Reader,
    own_tag: Vec<u8>,
    owner: u32,
    known: Known,
}

/// What was told since the last overflow.
#[derive(Debug, Default)]
struct Known {
    /// Whether there is an entry.
    keys: HashMap<usize, bool>,
    messages: [Option<Last>; WORKERS],
    /// The key that is being compared, and whether it was told of meanwhile.
    compared: Option<usize>,
    is_touched: bool,
    /// Whether the watcher was told of what it did itself.
    is_own_told: bool,
    problem: Option<String>,
    told: u64,
    overflows: u64,
}

/// Begins to watch, reads what there is to read, compares it with the store, or ends the watch.
pub(crate) fn watch(worker: &mut Worker) -> Outcome {
    let Some(mut watch) = worker.watch.take() else {
        worker.watch = begin(worker)?;
        return Ok(());
    };
    if worker.random.is_one_in(ENDS) {
        worker.store.who().end_watching();
        return Ok(());
    }
    if worker.random.is_one_in(COMPARES) && !worker.round.is_damaged() {
        compare(worker, &mut watch)?;
    } else {
        go_on(worker, &mut watch)?;
    }
    worker.watch = Some(watch);
    Ok(())
}

fn begin(worker: &Worker) -> Result<Option<Watch>, String> {
    let who = worker.store.who();
    match who.begin_watching() {
        Err(error) if is_fair(worker, error) => return Ok(None),
        begun => begun.map_err(|error| format!("watch: {error:?}"))?,
    }
    Ok(Some(Watch {
        reader: Reader::of(who.engine()),
        own_tag: tag_of(worker).into_bytes(),
        owner: who.owner().word(),
        known: Known::default(),
    }))
}

/// A tag that no entry has.
fn tag_of(worker: &Worker) -> String {
    format!("watcher {}", worker.place)
}

/// Reads all that was told until now.
fn go_on(worker: &Worker, watch: &mut Watch) -> Outcome {
    let Watch { reader, own_tag, owner, known } = watch;
    let engine = worker.store.who().engine();
    let mut take = |told: &Told<'_>| {
        let is_own = told.origin == *owner && told.key == &own_tag[..];
        known.is_own_told |= is_own && told.change == Change::Invalidate;
        if let Err(what) = known.take(told) {
            known.problem.get_or_insert(what);
        }
    };
    // Ends: others write no faster than this reads, and whoever is stopped meanwhile is overtaken.
    while reader.read(engine, &mut take).map_err(|error| format!("changes: {error:?}"))? {}
    let row = &worker.ledger.workers[worker.place];
    row.told.fetch_add(std::mem::take(&mut known.told), SeqCst);
    row.overflows.fetch_add(std::mem::take(&mut known.overflows), SeqCst);
    match known.problem.take() {
        Some(what) if !worker.round.is_damaged() => Err(what),
        _ => Ok(()),
    }
}

/// Compares what was told of a key, and of messages, with what is there.
fn compare(worker: &mut Worker, watch: &mut Watch) -> Outcome {
    let key = worker.any_key();
    go_on(worker, watch)?;
    watch.known.compared = Some(key);
    (watch.known.is_touched, watch.known.is_own_told) = (false, false);
    let seen = worker.read(key)?;
    let is_there = match seen {
        Seen::Absent => false,
        Seen::Value { .. } => true,
        Seen::Torn { .. } => return Err(format!("key {key}: a torn value")),
    };
    let published = worker.ledger.workers.each_ref().map(|row| row.published.load(SeqCst));
    match worker.store.who().invalidate_tags(&packed(&tag_of(worker))) {
        Err(error) if is_fair(worker, error) => return Ok(()),
        done => done.map_err(|error| format!("invalidate: {error:?}"))?,
    }
    go_on(worker, watch)?;
    let known = &mut watch.known;
    if !known.is_own_told {
        return Err("a watcher was not told of what it did itself".to_owned());
    }
    for (place, (last, published)) in known.messages.iter().zip(published).enumerate() {
        if let Some(Last { number, .. }) = last.filter(|last| last.number < published) {
            return Err(format!("message {published} of {place} is missing after {number}"));
        }
    }
    if known.is_touched {
        return Ok(());
    }
    worker.ledger.workers[worker.place].compared.fetch_add(1, SeqCst);
    match known.keys.insert(key, is_there) {
        // It may be told of a deadline later than it passes.
        Some(true) if !is_there && is_timed(key) => Ok(()),
        Some(told) if told != is_there => {
            Err(format!("key {key}: {seen:?}, and told that there is an entry: {told}"))
        }
        _ => Ok(()),
    }
}

impl Known {
    fn take(&mut self, told: &Told<'_>) -> Outcome {
        self.told += 1;
        match told.change {
            Change::Set => self.note(told.key, true),
            Change::Delete | Change::Expire | Change::Evict | Change::Purge => {
                self.note(told.key, false);
            }
            Change::Invalidate => {
                if let Some(key) = key_of_tag(told.key) {
                    self.note_key(key, false);
                }
            }
            Change::Clear => {
                if let Some(key) = key_of_space(told.key) {
                    self.note_key(key, false);
                } else {
                    // The whole store.
                    self.is_touched = true;
                    self.keys.values_mut().for_each(|is_there| *is_there = false);
                }
            }
            Change::Overflow => {
                self.overflows += 1;
                self.keys.clear();
                self.messages = Default::default();
                (self.is_touched, self.is_own_told) = (true, true);
            }
            Change::Message => self.take_message(told)?,
        }
        Ok(())
    }

    fn note(&mut self, name: &[u8], is_there: bool) {
        if let Some(key) = key_of(name) {
            self.note_key(key, is_there);
        }
    }

    fn note_key(&mut self, key: usize, is_there: bool) {
        self.is_touched |= self.compared == Some(key);
        self.keys.insert(key, is_there);
    }

    fn take_message(&mut self, told: &Told<'_>) -> Outcome {
        let Some([place, life, attempt, number]) = sound(told) else {
            return Err(format!("a torn message of {} bytes", told.value.len()));
        };
        let next = Last { number, attempt: [life, attempt] };
        let place = usize::try_from(place).unwrap_or(WORKERS);
        let Some(slot) = self.messages.get_mut(place) else {
            return Err(format!("a message of {place}"));
        };
        match slot.replace(next) {
            Some(last)
                if next.attempt <= last.attempt
                    || !(last.number..=last.number + 1).contains(&number) =>
            {
                Err(format!("{next:?} of {place} after {last:?}"))
            }
            _ => Ok(()),
        }
    }
}

/// Publishes the next message of this worker's place.
pub(crate) fn publish(worker: &mut Worker) -> Outcome {
    let most = if worker.random.is_one_in(20) { LONG_BYTES } else { SHORT_BYTES };
    let length = worker.random.index(usize::try_from(most).expect("small"));
    let published = &worker.ledger.workers[worker.place].published;
    let number = published.load(SeqCst) + 1;
    worker.attempts += 1;
    let words = [worker.place as u64, worker.life, worker.attempts, number, length as u64];
    let mut bytes: Vec<u8> = words.into_iter().flat_map(u64::to_le_bytes).collect();
    bytes.extend(filler(words).take(length));
    match worker.store.who().publish(Key::narrow(CHANNEL), BYTES, &bytes) {
        Ok(()) => published.store(number, SeqCst),
        Err(error) if is_fair(worker, error) || error == Error::Full => {}
        Err(error) => return Err(format!("publish: {error:?}")),
    }
    Ok(())
}

/// Bytes that follow from a message's head.
fn filler(words: [u64; HEAD_WORDS]) -> impl Iterator<Item = u8> {
    let seed = words.into_iter().fold(0, |state, word| mixed(state ^ word));
    (0..).flat_map(move |place: u64| mixed(seed ^ place).to_le_bytes())
}

/// Place, life, attempt and number of a message that is whole.
fn sound(told: &Told<'_>) -> Option<[u64; HEAD_WORDS - 1]> {
    let (head, rest) = told.value.split_at_checked(8 * HEAD_WORDS)?;
    let mut words = [0; HEAD_WORDS];
    for (word, bytes) in words.iter_mut().zip(head.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    let [place, life, attempt, number, length] = words;
    let is_whole = told.key == CHANNEL
        && told.kind == BYTES
        && rest.len() as u64 == length
        && filler(words).zip(rest).all(|(made, read)| made == *read);
    is_whole.then_some([place, life, attempt, number])
}
