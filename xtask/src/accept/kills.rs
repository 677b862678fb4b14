//! Kills builds at random moments: the next build must work, give the same image, and nothing may be left behind.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use super::leaks::Traces;
use super::reproducible::{digest, prepare};
use crate::command::{command, output};
use crate::console::say;
use crate::failure::{Context as _, Failure, Outcome};
use crate::workspace::{self, Scratch};

/// After this many rounds the store is a fresh one, so that first builds are hit as often as repeated ones.
const ROUNDS_A_STORE: usize = 4;

/// Kills a number of builds and compares every following one with that of an untouched store.
///
/// # Errors
/// A following build failed or gave another image, or something was left behind.
pub(super) fn check(rounds: usize) -> Outcome {
    let program = workspace::release_binary()?;
    let scratch = Scratch::new("kills")?;
    let context = prepare(&program, &scratch)?;
    let mut setting = Setting { program, context, root: scratch.join("untouched") };
    let started = Instant::now();
    let expected = setting.build(&scratch)?;
    let usual = started.elapsed();
    let mut dice = Dice::new()?;
    say(format!("kills: seed {}, an undisturbed build takes {} ms", dice.0, usual.as_millis()));
    for round in 0..rounds {
        setting.root = scratch.join(format!("store-{}", round / ROUNDS_A_STORE));
        setting.round(&scratch, dice.below(usual), &expected).context(|| format!("round {}", round + 1))?;
        if round % ROUNDS_A_STORE == ROUNDS_A_STORE - 1 {
            setting.clean_up()?;
        }
    }
    say(format!("kills: {rounds} of {rounds} equal, nothing left behind"));
    Ok(())
}

struct Setting {
    program: PathBuf,
    context: PathBuf,
    root: PathBuf,
}

impl Setting {
    fn round(&self, scratch: &Scratch, moment: Duration, expected: &str) -> Outcome {
        let before = Traces::of(&self.program, &self.root);
        self.kill(moment)?;
        let after = settled(&self.program, &self.root, &before);
        after.unchanged_since(&before)?;
        let found = self.build(scratch)?;
        if found != expected {
            return Err(Failure::new(format!(
                "killed after {} ms, then built {found} instead of {expected}",
                moment.as_millis()
            )));
        }
        settled(&self.program, &self.root, &before).unchanged_since(&before)
    }

    fn build(&self, scratch: &Scratch) -> Outcome<String> {
        digest(&mut self.command(), &self.context, scratch)
    }

    /// Nothing of an earlier round helps the build that is killed.
    fn kill(&self, moment: Duration) -> Outcome {
        let mut build = self.command();
        let build = build.arg("--no-cache").arg(&self.context).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = build.spawn().context(|| "cannot start a build".to_owned())?;
        std::thread::sleep(moment);
        child.kill().and_then(|()| child.wait()).map(drop).context(|| "cannot kill a build".to_owned())
    }

    fn command(&self) -> Command {
        let mut build = command(&self.program, ["--root"]);
        build.arg(&self.root).args(["build", "--reproducible", "--progress", "plain", "-t", "kills:1", "-f"]);
        build.arg(self.context.join("Dockerfile"));
        build
    }

    /// After a prune the store holds no half-made thing, so it can be removed by ordinary means.
    fn clean_up(&self) -> Outcome {
        output(command(&self.program, ["--root"]).arg(&self.root).args(["prune", "--all"]))?;
        let left = half_made(&self.root);
        if !left.is_empty() {
            return Err(Failure::new(format!("after prune there is still {}", left.join(", "))));
        }
        std::fs::remove_dir_all(&self.root).context(|| format!("cannot remove {}", self.root.display()))
    }
}

/// A killed builder's children end a moment later, by the kernel's hand: they are given five seconds.
fn settled(program: &Path, root: &Path, before: &Traces) -> Traces {
    for _ in 0..100 {
        let now = Traces::of(program, root);
        if now.unchanged_since(before).is_ok() {
            return now;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Traces::of(program, root)
}

/// Returns what lies in the store's folders for things under construction, in use and discarded.
fn half_made(root: &Path) -> Vec<String> {
    let is_temporary = |folder: &Path| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        ["tmp", "trash", "work-", "leases"].iter().any(|prefix| name.starts_with(prefix))
    };
    let inside = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    inside(root)
        .filter(|folder| is_temporary(folder))
        .flat_map(|folder| inside(&folder))
        .map(|path| path.display().to_string())
        .collect()
}

/// A small generator (xorshift), so that a seed repeats a run.
struct Dice(u64);

impl Dice {
    /// Takes the seed from `KILLS_SEED`, else from the clock.
    fn new() -> Outcome<Self> {
        let seed = match std::env::var("KILLS_SEED") {
            Ok(text) => text.parse().context(|| "KILLS_SEED is no number".to_owned())?,
            Err(_) => {
                SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(1, |since| since.subsec_nanos().into())
            }
        };
        Ok(Self(u64::max(seed, 1)))
    }

    fn below(&mut self, limit: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let limit_us = u64::try_from(limit.as_micros()).unwrap_or(u64::MAX).max(1);
        Duration::from_micros(self.0 % limit_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_construction_counts_as_half_made() {
        let root = Scratch::new("half-made").unwrap();
        for folder in ["blobs/sha256", "work-1", "leases"] {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        std::fs::write(root.join("blobs/sha256/00"), "").unwrap();
        assert!(half_made(root.path()).is_empty());
        std::fs::create_dir(root.join("work-1/a")).unwrap();
        assert_eq!(half_made(root.path()), [root.join("work-1/a").display().to_string()]);
    }

    #[test]
    fn moments_spread_over_the_whole_build() {
        let mut dice = Dice(42);
        let moments: Vec<u128> = (0..200).map(|_| dice.below(Duration::from_millis(100)).as_millis()).collect();
        for tenth in 0..10 {
            assert!(moments.iter().any(|moment| moment / 10 == tenth), "no kill in tenth {tenth}");
        }
    }
}
