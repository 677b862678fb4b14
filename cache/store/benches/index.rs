//! Times opening an existing store and looking a result up; prints medians in microseconds.

use std::time::Instant;

use containr_store::{ResultId, ResultRow, StepKey, Store, StoreOptions};

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn time<T>(body: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let value = body();
    (start.elapsed().as_secs_f64() * 1e6, value)
}

fn row(number: u32) -> ResultRow {
    let mut key = [0; 32];
    key[..4].copy_from_slice(&number.to_le_bytes());
    ResultRow {
        key: StepKey(key),
        id: ResultId(key),
        parent: ResultId([0; 32]),
        delta: None,
        diff_id: None,
        log: None,
        label: format!("step {number}"),
        key_parts: vec![0; 200],
        isolation: "root".to_owned(),
        duration_ms: 1,
        bytes: 1,
        created: 1,
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark's output is its result")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = tempfile::tempdir()?;
    let options = StoreOptions { boot_id: "boot".to_owned(), now: || 1_000_000 };
    let (made, store) = time(|| Store::open(dir.path(), &options));
    let store = store?;
    let mut records = Vec::new();
    for number in 0..1000 {
        let (time, result) = time(|| store.record(&row(number)));
        result?;
        records.push(time);
    }
    store.sync_after_output()?;
    let more: Vec<u32> = (1000..1005).collect();
    for number in &more {
        store.record(&row(*number))?;
    }
    drop(store);
    let (mut opens, mut firsts, mut looks) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..200 {
        let (open, store) = time(|| Store::open(dir.path(), &options));
        let store = store?;
        let (first, _) = time(|| store.result(&row(number).key));
        let (look, found) = time(|| store.result(&row(number + 1).key));
        assert!(found?.is_some());
        opens.push(open);
        firsts.push(first);
        looks.push(look);
    }
    println!("make {made:.0} us, record {:.1} us", median(records));
    println!("open {:.0} us, first look-up {:.0} us, look-up {:.1} us", median(opens), median(firsts), median(looks));
    Ok(())
}
