//! What a build costs beside its commands: 20 hits, and a COPY of 20,000 files cold, unchanged and with one file changed.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "this is a measurement for people")]
#![expect(dead_code, reason = "the place has more than a measurement needs")]

#[path = "../tests/place/mod.rs"]
mod place;

use std::time::{Duration, Instant};

use containr_graph::CopyKind;

use place::{Place, Script, can_mount};

const FILES: usize = 20_000;

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let began = Instant::now();
    let result = work();
    (began.elapsed(), result)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Twenty RUN steps whose commands cost nothing; a number in `command` makes them different.
fn runs(command: &str) {
    let place = Place::new();
    let mut script = Script::default();
    let mut parent = None;
    for number in 0..20 {
        parent = Some(script.run(parent, &command.replace('N', &number.to_string()), vec![]));
    }
    let target = parent.unwrap();
    let cold = timed(|| place.build(&script.graph, target).unwrap()).0;
    let warm = (0..200).map(|_| timed(|| place.build(&script.graph, target).unwrap()).0).collect();
    println!("20 times `{command}`: first {cold:?}, all hits {:?} (median of 200)", median(warm));
}

fn copy() {
    let place = Place::new();
    for number in 0..FILES {
        place.write(&format!("d{}/f{number}", number % 200), &format!("{number} ").repeat(600));
    }
    let mut script = Script::default();
    let context = script.context();
    let target = script.copy(None, context, CopyKind::CopyContext, &["/", "/app/"]);
    let cold = timed(|| place.build(&script.graph, target).unwrap()).0;
    // Files of the last 20 ms are not trusted, so the second build still hashes some.
    place.build(&script.graph, target).unwrap();
    let warm = (0..20).map(|_| timed(|| place.build(&script.graph, target).unwrap()).0).collect();
    place.write("d7/f7", "changed");
    let changed = timed(|| place.build(&script.graph, target).unwrap()).0;
    println!("COPY of {FILES} files: first {cold:?}, cached {:?}, one changed {changed:?}", median(warm));
}

fn main() {
    if can_mount() {
        runs("true");
        runs("write fN x");
        copy();
    }
}
