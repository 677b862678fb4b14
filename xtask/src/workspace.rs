//! Where things are: the repository, the build output, the binary, scratch folders.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::command::{command, output, run};
use crate::console::say;
use crate::failure::{Context as _, Failure, Outcome};

/// Returns the repository's top folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies one folder below the top")
}

/// Returns the folder that cargo builds into.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => std::path::absolute(&folder).unwrap_or_else(|_| PathBuf::from(folder)),
        None => root().join("target"),
    }
}

/// Returns a folder that outlives the chore, for what is costly to make; it is made when missing.
pub(crate) fn kept(name: &str) -> Outcome<PathBuf> {
    let folder = target().join("xtask").join(name);
    std::fs::create_dir_all(&folder).context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// Builds the binary that is given away and returns where it is; `CONTAINR` names a binary to use instead.
///
/// It is linked statically where the C library allows it (docs/decisions/0003): one file that starts in half the time and
/// runs on every distribution.
pub(crate) fn release_binary() -> Outcome<PathBuf> {
    if let Some(given) = std::env::var_os("CONTAINR") {
        return Ok(PathBuf::from(given));
    }
    let host = host()?;
    let mut build =
        command("cargo", ["build", "--quiet", "--release", "--locked", "-p", "containr-cli", "--target", &host]);
    if has_static_libc() {
        let variable = format!("CARGO_TARGET_{}_RUSTFLAGS", host.replace('-', "_").to_uppercase());
        build.env(variable, "-C target-feature=+crt-static -C relocation-model=static");
    } else {
        say("there is no static C library (Fedora: glibc-static): the binary will need this machine's own");
    }
    run(build.current_dir(root()))?;
    let built = target().join(&host).join("release/containr");
    let folder = target().join("dist");
    std::fs::create_dir_all(&folder).context(|| format!("cannot make {}", folder.display()))?;
    let binary = folder.join("containr");
    install(&built, &binary)?;
    Ok(binary)
}

/// Builds the binary with debug checks and returns where it is.
pub(crate) fn debug_binary() -> Outcome<PathBuf> {
    if let Some(given) = std::env::var_os("CONTAINR") {
        return Ok(PathBuf::from(given));
    }
    run(command("cargo", ["build", "--quiet", "--locked", "-p", "containr-cli"]).current_dir(root()))?;
    let binary = target().join("debug/containr");
    if binary.exists() { Ok(binary) } else { Err(Failure::new(format!("cargo built no {}", binary.display()))) }
}

/// Tells whether the C compiler knows where a static C library is.
fn has_static_libc() -> bool {
    // It gives the bare name back where there is none.
    output(&mut command("cc", ["-print-file-name=libc.a"])).is_ok_and(|place| place.trim() != "libc.a")
}

/// Returns the target that the compiler makes programs for when none is named, such as `x86_64-unknown-linux-gnu`.
fn host() -> Outcome<String> {
    let told = output(&mut command("rustc", ["-vV"]))?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Failure::new("rustc does not tell its host".to_owned()))
}

/// Puts a program at a place where another one may be running.
fn install(built: &Path, place: &Path) -> Outcome {
    let beside = place.with_extension("new");
    let failed = || format!("cannot put {} to {}", built.display(), place.display());
    std::fs::copy(built, &beside).context(failed)?;
    std::fs::rename(&beside, place).context(failed)
}

/// Returns whether this is a run that must not skip anything.
pub(crate) fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

/// Returns whether the chore runs as root.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A folder that goes away with its owner.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// Makes an empty folder below the build output, which is on a real disk and outside git.
    pub(crate) fn new(name: &str) -> Outcome<Self> {
        Self::below(&target().join("xtask/scratch"), name)
    }

    /// Makes an empty folder that every user of the machine can reach.
    pub(crate) fn for_anybody(name: &str) -> Outcome<Self> {
        Self::below(&std::env::temp_dir(), &format!("containr-{name}"))
    }

    fn below(parent: &Path, name: &str) -> Outcome<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("{name}-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    /// Returns the folder.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Returns a path inside the folder.
    pub(crate) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What other programs left mounted goes first: a removal must never walk into another tree.
        if unmount_below(&self.0) {
            // What cannot be removed lies in a place for what may go at any time.
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// Unmounts everything below a folder, the newest first, and returns whether nothing is left mounted there.
fn unmount_below(folder: &Path) -> bool {
    let Ok(table) = std::fs::read_to_string("/proc/self/mountinfo") else { return false };
    let points = table.lines().rev().filter_map(|line| line.split(' ').nth(4)).map(unescaped);
    let mut below = points.filter(|point| point.starts_with(folder));
    below.all(|point| rustix::mount::unmount(&point, rustix::mount::UnmountFlags::DETACH).is_ok())
}

/// Reads a path as the mount table writes it: spaces and the like as three octal digits.
fn unescaped(word: &str) -> PathBuf {
    PathBuf::from(word.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_in_the_mount_table() {
        assert_eq!(unescaped("/a\\040b"), Path::new("/a b"));
    }

    #[test]
    fn a_scratch_folder_goes_away() {
        let scratch = Scratch::new("gone").unwrap();
        std::fs::write(scratch.join("file"), "").unwrap();
        let path = scratch.path().to_owned();
        drop(scratch);
        assert!(!path.exists());
    }
}
