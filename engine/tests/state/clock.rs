//! A clock that jumps: back by years, and forward by decades.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use containr_engine::PruneRequest;

use crate::place::{Place, build};

/// Read by one test alone.
static NOW: AtomicI64 = AtomicI64::new(0);

const YEAR: i64 = 31_556_952;

fn clock() -> i64 {
    NOW.load(Ordering::Relaxed)
}

#[test]
fn results_outlive_jumps_of_the_clock() {
    let Some(place) = Place::new() else { return };
    place.file("file", "one");
    let text = "FROM scratch\nCOPY file /\n";
    let build_at = |now: i64| {
        NOW.store(now, Ordering::Relaxed);
        build(&place.engine("b", clock), &place, text).unwrap().config
    };
    let years = |count: i64| 1_700_000_000 + count * YEAR;
    let first = build_at(years(20));
    // Back by fifty years, to the epoch itself, and forward by fifty.
    for now in [years(-30), 0, years(70)] {
        assert_eq!(build_at(now), first, "nothing has changed but the clock");
    }
    NOW.store(0, Ordering::Relaxed);
    place.engine("b", clock).prune(PruneRequest::OlderThan(Duration::from_secs(1))).unwrap();
    assert_eq!(build_at(5), first, "what was used in the future is not old");
    place.file("file", "two");
    let second = build_at(years(-30));
    assert_ne!(second, first, "a changed file is seen whatever the clock says");
    place.file("file", "one");
    assert_eq!(build_at(years(1)), first);
}
