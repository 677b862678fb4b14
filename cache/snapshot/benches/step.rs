//! Times the tree of one step that changes nothing: prepare, mount, look at the changes, commit; prints medians.

use std::time::Instant;

use containr_snapshot::{DriverChoice, SnapshotPaths, Snapshots, View};
use containr_tree::Listing;

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

#[expect(clippy::print_stdout, reason = "a benchmark's output is its result")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    for choice in [DriverChoice::Overlay, DriverChoice::Copies] {
        let dir = tempfile::tempdir()?;
        let place = |name: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir(&path).map(|()| path)
        };
        let paths = SnapshotPaths { deltas: place("deltas")?, work: place("work")?, trash: place("trash")? };
        let start = Instant::now();
        let snapshots = Snapshots::open(&paths, choice)?;
        let opened = start.elapsed().as_secs_f64() * 1e6;
        let empty = Listing::default();
        let view = View::new(vec![snapshots.create()?.commit(&empty)?, snapshots.create()?.commit(&empty)?]);
        let (mut mounts, mut unmounts, mut all) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..200 {
            let start = Instant::now();
            let active = snapshots.prepare(&view)?;
            let mount = active.mount(&[])?;
            mounts.push(start.elapsed().as_secs_f64() * 1e6);
            let unmount = Instant::now();
            drop(mount);
            unmounts.push(unmount.elapsed().as_secs_f64() * 1e6);
            active.changes()?;
            active.commit(&empty)?;
            all.push(start.elapsed().as_secs_f64() * 1e6);
        }
        let (mount, unmount, all) = (median(mounts), median(unmounts), median(all));
        println!(
            "{choice:?}: open {opened:.0} us, prepare and mount {mount:.0} us, unmount {unmount:.0} us, all {all:.0} us"
        );
    }
    Ok(())
}
