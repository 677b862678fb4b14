//! The table once more in user namespaces: with a range of ids and with a single one.
//!
//! A namespace cannot be entered by a process with threads, so a copy of this test program runs there. Each row leaves a file
//! with the digest of its layer, and the files of all columns must be equal.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use containr_oci::Digest;
use containr_snapshot::DriverChoice;
use tempfile::TempDir;

use super::{changes, is_root, level};

/// Names the folder into which the rows of a copy write their layers.
const COLUMN: &str = "CONTAINR_TEST_COLUMN";
/// The first of the ids that are lent to a namespace.
const LENT: u32 = 100_000;

/// Returns the folder of the column that this process makes, if it is such a copy.
pub(super) fn column() -> Option<PathBuf> {
    std::env::var_os(COLUMN).map(PathBuf::from)
}

/// Writes what the step of a row changes under the row's line.
#[track_caller]
pub(super) fn note(folder: &Path, step: &impl Fn(&Path)) {
    let row = folder.join(Location::caller().line().to_string());
    let (listing, tar) = changes(DriverChoice::Overlay, |root: &Path| {
        step(root);
        level(root);
    });
    fs::write(row, format!("{} {:?}", Digest::of(&tar), listing.entries())).unwrap();
}

/// Runs the table in another copy of this program and returns the rows.
fn run(map: Option<&str>) -> BTreeMap<String, String> {
    let place = TempDir::new().unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let (rows, temporary, program) =
        (place.path().join("rows"), place.path().join("tmp"), place.path().join("program"));
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    for folder in [&rows, &temporary] {
        fs::create_dir(folder).unwrap();
        chown(folder, map.map(|_| LENT), map.map(|_| LENT)).unwrap();
    }
    let mut command = match map {
        None => Command::new(&program),
        Some(_) => {
            let mut command = Command::new("unshare");
            command.args(["--user", "--mount", "--propagation", "unchanged", "sh", "-c"]);
            command.args(["echo; read go; exec \"$@\"", "sh"]).arg(&program).uid(LENT).gid(LENT);
            command
        }
    };
    command.args(["--test-threads=2", "--skip", "rootless"]).current_dir("/");
    command.env(COLUMN, &rows).env("TMPDIR", &temporary).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    if let Some(map) = map {
        let mut ready = [0];
        child.stdout.as_mut().unwrap().read_exact(&mut ready).unwrap();
        for file in ["uid_map", "gid_map"] {
            fs::write(format!("/proc/{}/{file}", child.id()), map).unwrap();
        }
        child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }
    let output = child.wait_with_output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&told));
    let row =
        |entry: fs::DirEntry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap());
    fs::read_dir(&rows).unwrap().map(|entry| row(entry.unwrap())).collect()
}

#[test]
fn rootless_overlays_give_the_layers_of_root() {
    if column().is_some() || !is_root() {
        return;
    }
    let root = run(None);
    assert!(root.len() > 10, "the table has {} rows", root.len());
    for map in [format!("0 {LENT} 65536"), format!("0 {LENT} 1")] {
        assert_eq!(run(Some(&map)), root, "with the ids {map}");
    }
}
