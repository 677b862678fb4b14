//! Measures the linter beside hadolint and tally: wall time, processor time and memory of whole processes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::page;
use crate::accept;
use crate::command::{command, find};
use crate::console::{heading, say};
use crate::failure::{Context as _, Failure, Outcome};
use crate::workspace::{self, Scratch};

/// How often a short command is run; a long one is run once.
const RUNS: usize = 15;
/// The lines of the longest text.
const LONGEST: usize = 10_000;
/// The seconds that a linter may take.
const LIMIT: &str = "120";
/// What counts as long, in seconds.
const LONG: f64 = 2.0;

/// A linter: its name in the table and the words of its command line before the files.
struct Linter {
    name: &'static str,
    program: PathBuf,
    words: &'static [&'static str],
}

/// What a run of a process cost: seconds, seconds, bytes.
#[derive(Debug, Clone, Copy)]
struct Cost {
    wall: f64,
    processor: f64,
    memory: f64,
}

/// Runs every linter on every workload and writes the rows into the page.
///
/// # Errors
/// The binary cannot be built, GNU time is missing; a peer that is missing is said aloud and left out.
pub(super) fn measure() -> Outcome {
    heading("linters side by side");
    let time = find("time").context(|| "GNU time is missing (Debian's package `time`)".to_owned())?;
    let linters = linters()?;
    let scratch = Scratch::new("lint")?;
    let mut rows = Vec::new();
    for (title, files) in workloads(&scratch)? {
        // The longest text only shows that time grows with length; a peer would take minutes.
        let ours_alone = title == format!("{LONGEST} lines");
        for linter in linters.iter().filter(|linter| !ours_alone || linter.name.starts_with("containr")) {
            let Some(cost) = cost(&time, linter, &files)? else {
                say(format!("skipped {}: it gives up on {title}, or takes more than {LIMIT} seconds", linter.name));
                continue;
            };
            let row = format!(
                "| {title} | {} | {} | {} | {:.0} MiB |",
                linter.name,
                seconds(cost.wall),
                seconds(cost.processor),
                cost.memory / 1_048_576.0
            );
            say(&row);
            rows.push(row);
        }
    }
    let head = "| work | linter | wall | processor | memory |\n|---|---|---|---|---|\n";
    page::replace_part("lint", &format!("{}\n\n{head}{}\n", page::surroundings(), rows.join("\n")))
}

fn linters() -> Outcome<Vec<Linter>> {
    let ours = workspace::release_binary()?;
    let mut all = vec![
        Linter { name: "containr lint", program: ours.clone(), words: &["lint", "-f", "json"] },
        Linter { name: "containr hadolint", program: ours, words: &["hadolint", "-f", "json"] },
    ];
    match accept::hadolint() {
        Ok(program) => all.push(Linter { name: "hadolint", program, words: &["-f", "json"] }),
        Err(failure) => say(format!("skipped hadolint: {failure}")),
    }
    match std::env::var_os("TALLY").map(PathBuf::from).or_else(|| find("tally")) {
        Some(program) => {
            all.push(Linter { name: "tally", program, words: &["lint", "--slow-checks", "off", "--format", "json"] });
        }
        None => say("skipped tally: it is missing (Python's package tally-cli has it; TALLY names it)"),
    }
    Ok(all)
}

/// Returns what is judged: titles and files.
fn workloads(scratch: &Scratch) -> Outcome<Vec<(String, Vec<PathBuf>)>> {
    let mut all = Vec::new();
    // tally's own limit is 100 KiB.
    let settings = scratch.join(".tally.toml");
    std::fs::write(&settings, "[file-validation]\nmax-file-size = 10000000\n")
        .context(|| format!("cannot write {}", settings.display()))?;
    for lines in [20, 5_000, LONGEST] {
        let file = scratch.join(format!("{lines}.Dockerfile"));
        std::fs::write(&file, text(lines)).context(|| format!("cannot write {}", file.display()))?;
        all.push((format!("{lines} lines"), vec![file]));
    }
    match accept::dockerfiles() {
        Ok(folder) => {
            let entries = std::fs::read_dir(&folder).context(|| format!("cannot list {}", folder.display()))?;
            let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
            files.sort();
            all.push((format!("{} real files in one process", files.len()), files));
        }
        Err(failure) => say(format!("skipped the real files: {failure}")),
    }
    Ok(all)
}

/// Returns a Dockerfile with variables and shell in it.
fn text(lines: usize) -> String {
    let mut text = "FROM debian:12\n".to_owned();
    let mut count = 1;
    for block in 0.. {
        let part = [
            format!("ARG VERSION_{block}=1.{block}"),
            format!("ENV NAME_{block}=value-{block} PATH_{block}=/opt/{block}"),
            format!("RUN apt-get update && apt-get install -y package-{block}=$VERSION_{block} \\"),
            "    && rm -rf /var/lib/apt/lists/* \\".to_owned(),
            format!("    && if [ -n \"$NAME_{block}\" ]; then echo $NAME_{block} > /opt/{block}; fi"),
            format!("COPY --chown=1000:1000 file-{block} /opt/{block}/"),
            format!("WORKDIR /opt/{block}"),
            format!("RUN for f in *.txt; do cat $f | grep -v x > out-{block}; done"),
            format!("LABEL part-{block}=\"$NAME_{block}\""),
            "# a comment".to_owned(),
        ];
        for line in part {
            if count == lines {
                return text;
            }
            text.push_str(&line);
            text.push('\n');
            count += 1;
        }
    }
    text
}

/// Returns the median wall time of a linter, and processor time and memory of one run; nothing where it gives up.
fn cost(time: &Path, linter: &Linter, files: &[PathBuf]) -> Outcome<Option<Cost>> {
    let started = Instant::now();
    let Some((processor, memory)) = resources(time, linter, files)? else { return Ok(None) };
    let first = started.elapsed().as_secs_f64();
    if first > LONG {
        return Ok(Some(Cost { wall: first, processor, memory }));
    }
    let mut walls = (0..RUNS).map(|_| wall(linter, files)).collect::<Outcome<Vec<f64>>>()?;
    walls.sort_by(f64::total_cmp);
    Ok(Some(Cost { wall: walls[walls.len() / 2], processor, memory }))
}

/// Lets GNU time tell processor seconds and the peak of memory.
fn resources(time: &Path, linter: &Linter, files: &[PathBuf]) -> Outcome<Option<(f64, f64)>> {
    let mut call = command("timeout", [LIMIT]);
    call.arg(time)
        .args(["--quiet", "-f", "measured %U %S %M"])
        .arg(&linter.program)
        .args(linter.words)
        .args(files)
        .stdout(Stdio::null());
    let result = call.output().context(|| format!("cannot start {}", linter.name))?;
    // Remarks make the exit code 1.
    if result.status.code().is_none_or(|code| code > 1) {
        return Ok(None);
    }
    let said = String::from_utf8_lossy(&result.stderr).into_owned();
    let numbers = said.lines().rev().find_map(|line| line.strip_prefix("measured "));
    let numbers: Vec<f64> = numbers.unwrap_or_default().split(' ').filter_map(|word| word.parse().ok()).collect();
    let [user, system, kibibytes] = numbers[..] else {
        return Err(Failure::new(format!("{}: {said}", linter.name)));
    };
    Ok(Some((user + system, kibibytes * 1024.0)))
}

fn wall(linter: &Linter, files: &[PathBuf]) -> Outcome<f64> {
    let mut call = Command::new(&linter.program);
    call.args(linter.words).args(files).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    // Remarks make the exit code 1, so it says nothing.
    call.status().context(|| format!("cannot start {}", linter.name))?;
    Ok(started.elapsed().as_secs_f64())
}

fn seconds(value: f64) -> String {
    if value < 1.0 { format!("{:.1} ms", value * 1000.0) } else { format!("{value:.2} s") }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn texts_have_the_lines_that_were_asked_for() {
        for lines in [1, 20, 5_000] {
            assert_eq!(text(lines).lines().count(), lines);
        }
        assert!(!text(20).trim_end().ends_with('\\'), "no instruction is cut off");
    }
}
