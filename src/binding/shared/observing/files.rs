//! Files and stores as those see them who do not open them: what there is, and what is to go.

use std::path::Path;

use crate::binding::call::{Call, RawCallback, Value, raw_callback};
use crate::binding::registers::number_of;
use crate::binding::shared::answers::answer;
use crate::engine::observer::ListedClient;
use crate::error::Error;
use crate::platform::draft;
use crate::region::header::LAYOUT_VERSION;
use crate::registry::{observed, stores};
use crate::text::string::Text;

pub(in crate::binding::shared) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("layoutVersion", raw_callback(layout_version)),
    ("observeFile", raw_callback(observe_file)),
    ("observeThreads", raw_callback(observe_threads)),
    ("removeFile", raw_callback(remove_file)),
    ("holdDraft", raw_callback(hold_draft)),
    ("removeLeftDraft", raw_callback(remove_left_draft)),
];

const US_PER_MS: f64 = 1000.0;

/// `layoutVersion()` → the layout of the stores that this core opens.
#[expect(clippy::unnecessary_wraps, reason = "the form of a callback")]
fn layout_version(call: &Call) -> Result<Value, Error> {
    Ok(call.number(number_of(LAYOUT_VERSION)))
}

/// `observeFile(path)` → the store in a file, as `listed` shows it; or a number below 0.
fn observe_file(call: &Call) -> Result<Value, Error> {
    let path = call.text(0)?;
    let seen = observed::observe(Path::new(&path))
        .and_then(|observer| Ok((observer.facts()?.name, observer.participants()?)));
    match seen {
        // What a file takes the system says.
        Ok((name, clients)) => Ok(listed(call, &name, 0, &clients)),
        Err(error) => answer(call, Err(error)),
    }
}

/// `observeThreads()` → the stores of this process's threads, each as `listed` shows it.
#[expect(clippy::unnecessary_wraps, reason = "the form of a callback")]
fn observe_threads(call: &Call) -> Result<Value, Error> {
    let array = call.array();
    let seen = stores::of_threads().into_iter().filter_map(|engine| {
        Some((engine.name().ok()?, engine.stats().ok()?.resident_bytes, engine.clients().ok()?))
    });
    for (index, (name, bytes, clients)) in (0..).zip(seen) {
        call.put(array, index, || listed(call, &name, bytes, &clients));
    }
    Ok(array)
}

/// `removeFile(path)` → 1, 0 if there is none, or below 0.
fn remove_file(call: &Call) -> Result<Value, Error> {
    let path = call.text(0)?;
    answer(call, stores::remove(Path::new(&path)).map(i32::from))
}

/// `holdDraft(descriptor, path)` → 1, or 0 if it is gone or about to go.
fn hold_draft(call: &Call) -> Result<Value, Error> {
    let (descriptor, path) = (call.integer_argument(0)?, call.text(1)?);
    Ok(call.integer(i32::from(draft::hold(descriptor, Path::new(&path)))))
}

/// `removeLeftDraft(path)` → 1, or 0 if somebody writes it, or it is no draft of ours.
fn remove_left_draft(call: &Call) -> Result<Value, Error> {
    let path = call.text(0)?;
    // Whoever asks clears away what others left: what the system refuses to remove stays.
    Ok(call.integer(i32::from(draft::remove_left(Path::new(&path)).unwrap_or(false))))
}

/// A store as an array: its name, its memory in bytes (0 of a file), and of each participant that
/// uses it and lives the process, the thread, and since when, in ms.
fn listed(call: &Call, name: &[u16], bytes: u64, clients: &[ListedClient]) -> Value {
    let array = call.array();
    let mut space = vec![0; 2 * name.len()];
    call.put(array, 0, || call.string(Text::write(name, &mut space)));
    call.put(array, 1, || call.number(number_of(bytes)));
    let users = clients.iter().filter(|client| client.is_user && client.is_alive);
    let numbers = users.flat_map(|client| {
        let since_ms = number_of(client.since_us) / US_PER_MS;
        [f64::from(client.process), f64::from(client.thread), since_ms]
    });
    for (index, number) in (2..).zip(numbers) {
        call.put(array, index, || call.number(number));
    }
    array
}
