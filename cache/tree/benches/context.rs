//! Times the walk of 20,000 files with and without remembered digests; prints medians in milliseconds,
//! of time passed and, for busy machines, of processor time over all threads.

use std::fs::{self, File};
use std::os::fd::AsFd as _;
use std::time::{Duration, Instant, SystemTime};

use containr_progress::Cancel;
use containr_tree::{DigestCache, FileKind, Found, Moment, Visit, walk};

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Returns the processor time of all threads so far in milliseconds.
fn processor_ms() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0)).as_secs_f64() * 1e3
}

#[expect(clippy::print_stdout, reason = "a benchmark's output is its result")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = tempfile::tempdir()?;
    let tree = dir.path().join("tree");
    for number in 0..20_000_u32 {
        let parent = tree.join(format!("package-{:03}/src", number % 200));
        if number < 200 {
            fs::create_dir_all(&parent)?;
        }
        let size = 500 + usize::try_from(number % 97)? * 200;
        fs::write(parent.join(format!("source-file-{number:05}.txt")), vec![b'x'; size])?;
    }
    let (cache_file, cancel) = (dir.path().join("cache"), Cancel::new());
    let (mut walks, mut all, mut processor) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..31 {
        let (start, used) = (Instant::now(), processor_ms());
        let now = Moment::from(SystemTime::now() + Duration::from_secs(1));
        let root = File::open(&tree)?;
        let found = walk(root.as_fd(), &|_, _| Visit::Take, &cancel)?;
        let walked = start.elapsed().as_secs_f64() * 1e3;
        let files: Vec<&Found> = found.iter().filter(|found| found.stat.kind == FileKind::File).collect();
        let mut cache = DigestCache::open(&cache_file, now);
        let digests = cache.digests(root.as_fd(), &files, &cancel)?;
        assert_eq!(digests.len(), 20_000);
        let total = start.elapsed().as_secs_f64() * 1e3;
        let used = processor_ms() - used;
        cache.save()?;
        if round == 0 {
            println!("first: walk {walked:.1} ms, with hashing {total:.1} ms");
        } else {
            walks.push(walked);
            all.push(total);
            processor.push(used);
        }
    }
    println!(
        "unchanged: walk {:.1} ms, walk and look-ups {:.1} ms, processor time {:.1} ms",
        median(walks),
        median(all),
        median(processor)
    );
    Ok(())
}
