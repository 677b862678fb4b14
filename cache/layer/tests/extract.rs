//! Archives of ADD: found by content, unpacked over a target, never outside of it.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests are tests")]

mod support;

use std::fs::{self, File};
use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::path::Path;
use std::process::{Command, Stdio};

use containr_layer::rootfs::{Owners, export_directory, export_tar};
use containr_layer::{Extract, LayerError, Limits, Missing, extract_archive, is_archive};
use containr_tree::Entry;
use support::{Unmarked, archive, folder, member, path, scan, with_context, write};

fn extract(mut bytes: &[u8], fs: &Path, below: &Path, into: &str) -> Result<Vec<Entry>, LayerError> {
    let (root, below) = (File::open(fs).unwrap(), File::open(below).unwrap());
    let options = Extract {
        fs: root.as_fd(),
        marks: &Unmarked,
        below: Some(below.as_fd()),
        into: path(into),
        missing: Missing { mtime: 42, ..Missing::default() },
        owner: None,
        existing: Vec::new(),
    };
    with_context(1, |context| extract_archive(&mut bytes, options, Limits::default(), context))
}

fn sample() -> Vec<u8> {
    archive(&[member("./", b'5', "", b""), member("d/", b'5', "", b""), member("d/f", b'0', "", b"content")])
}

fn names(entries: &[Entry]) -> Vec<String> {
    entries.iter().map(|entry| entry.path.to_string()).collect()
}

/// Pipes `input` through a tool; nothing when the machine lacks it.
fn filter(tool: &str, input: &[u8]) -> Option<Vec<u8>> {
    let child = Command::new(tool).arg("-c").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = child else {
        assert!(std::env::var_os("CI").is_none_or(|value| value != "true"), "{tool} is missing");
        eprintln!("skipped: {tool} is not installed");
        return None;
    };
    child.stdin.take().unwrap().write_all(input).unwrap();
    Some(child.wait_with_output().unwrap().stdout)
}

#[test]
fn every_compression_is_found_by_content() {
    let mut forms = vec![sample()];
    forms.extend(["gzip", "bzip2", "xz", "zstd"].iter().filter_map(|tool| filter(tool, &sample())));
    for form in forms {
        assert!(is_archive(&form[..]));
        let (fs, below) = (folder(), folder());
        let entries = extract(&form, fs.path(), below.path(), "opt/x").unwrap();
        assert_eq!(names(&entries), ["/opt", "/opt/x", "/opt/x/d", "/opt/x/d/f"]);
        assert_eq!(fs::read(fs.path().join("opt/x/d/f")).unwrap(), b"content");
        assert_eq!((entries[1].mtime, entries[2].mtime), (42, 7), "new parents, and the archive's own");
    }
}

#[test]
fn ordinary_files_are_no_archives() {
    for bytes in [&b""[..], b"text", &[0; 1024], &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 3, 0], &sample()[1..]] {
        assert!(!is_archive(bytes));
    }
}

#[test]
fn names_stay_in_the_destination_and_links_in_the_target() {
    let (fs, below) = (folder(), folder());
    fs::create_dir_all(below.path().join("real")).unwrap();
    fs::create_dir_all(below.path().join("to")).unwrap();
    std::os::unix::fs::symlink("/real", below.path().join("to/link")).unwrap();
    let members = archive(&[member("../../up", b'0', "", b"1"), member("link/f", b'0', "", b"2")]);
    let entries = extract(&members, fs.path(), below.path(), "to").unwrap();
    assert_eq!(names(&entries), ["/real", "/real/f", "/to", "/to/up"]);
}

#[test]
fn a_dangling_link_out_of_the_destination_fails() {
    let (fs, below) = (folder(), folder());
    fs::create_dir_all(below.path().join("to")).unwrap();
    std::os::unix::fs::symlink("/nowhere", below.path().join("to/link")).unwrap();
    let members = archive(&[member("link/f", b'0', "", b"2")]);
    let refused = extract(&members, fs.path(), below.path(), "to").unwrap_err();
    assert!(refused.to_string().contains("a directory that is not there"), "{refused}");
}

#[test]
fn whiteout_names_are_errors() {
    for name in [".wh.f", "d/.wh..wh..opq", ".wh.d/f"] {
        let (fs, below) = (folder(), folder());
        let refused = extract(&archive(&[member(name, b'0', "", b"")]), fs.path(), below.path(), "");
        assert!(refused.unwrap_err().to_string().contains("removes files"), "{name}");
    }
}

#[test]
fn hard_links_are_within_the_archive() {
    let (fs, below) = (folder(), folder());
    let members = archive(&[member("a", b'0', "", b"1"), member("b", b'1', "a", b"")]);
    let entries = extract(&members, fs.path(), below.path(), "to").unwrap();
    assert_eq!(entries[2].kind, containr_tree::Kind::HardLink { to: path("to/a") });
}

#[test]
fn gnu_tar_reads_an_export_and_writes_what_is_read() {
    let (tree, out) = (folder(), folder());
    write(&tree.path().join("dir/file"), b"content");
    write(&tree.path().join("n".repeat(180)), b"long name");
    write(&tree.path().join("größe"), b"not ascii");
    fs::hard_link(tree.path().join("dir/file"), tree.path().join("link")).unwrap();
    std::os::unix::fs::symlink("dir/file", tree.path().join("soft")).unwrap();
    let root = File::open(tree.path()).unwrap();
    let mut bytes = Vec::new();
    with_context(1, |context| export_tar(root.as_fd(), &mut bytes, context)).unwrap();
    fs::write(out.path().join("export.tar"), &bytes).unwrap();
    fs::create_dir(out.path().join("tree")).unwrap();
    let tar =
        |arguments: &[&str]| Command::new("tar").current_dir(out.path()).args(arguments).status().unwrap().success();
    assert!(tar(&["-xpf", "export.tar", "-C", "tree"]));
    assert_eq!(scan(&out.path().join("tree")), scan(tree.path()));
    for format in ["--format=gnu", "--format=posix", "--format=ustar"] {
        // The long name does not fit into ustar.
        let left_out = if format == "--format=ustar" { "--exclude=nnn*" } else { "--exclude=nothing" };
        assert!(tar(&[format, left_out, "-cf", "gnu.tar", "-C", "tree", "."]));
        let again = folder();
        support::unpack(&fs::read(out.path().join("gnu.tar")).unwrap(), again.path(), None).unwrap();
        let mut expected: Vec<Entry> = scan(tree.path()).entries().to_vec();
        expected.retain(|entry| left_out == "--exclude=nothing" || !entry.path.bytes().starts_with(b"nnn"));
        assert_eq!(scan(again.path()).entries(), expected, "{format}");
    }
}

#[test]
fn an_exported_directory_is_the_tree() {
    let (tree, out) = (folder(), folder());
    write(&tree.path().join("dir/file"), b"content");
    fs::hard_link(tree.path().join("dir/file"), tree.path().join("link")).unwrap();
    std::os::unix::fs::symlink("dir/file", tree.path().join("soft")).unwrap();
    write(&out.path().join("soft"), b"replaced");
    write(&out.path().join("dir/other"), b"stays");
    let (from, to) = (File::open(tree.path()).unwrap(), File::open(out.path()).unwrap());
    for _ in 0..2 {
        with_context(1, |c| export_directory(from.as_fd(), to.as_fd(), Owners::Own, c)).unwrap();
    }
    assert_eq!(fs::read(out.path().join("dir/other")).unwrap(), b"stays");
    fs::remove_file(out.path().join("dir/other")).unwrap();
    let modified = fs::metadata(tree.path().join("dir")).unwrap().modified().unwrap();
    File::open(out.path().join("dir")).unwrap().set_modified(modified).unwrap();
    assert_eq!(scan(out.path()), scan(tree.path()));
}
