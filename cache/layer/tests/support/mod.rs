//! A tree on disk, and the few calls that every test of this room makes.
#![expect(dead_code, reason = "each test file uses a part of these")]

use std::fs;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::os::fd::AsFd;
use std::path::Path;

use containr_layer::{Codec, Context, Destination, Digests, LayerError, Limits, Marks, Missing, Stream, Unpacked};
use containr_progress::Cancel;
use containr_tree::{Listing, TreePath};
use tempfile::TempDir;

/// Marks that only the listing shows.
pub(crate) struct Unmarked;

impl Marks for Unmarked {
    fn whiteout(&self, _: &TreePath) -> io::Result<()> {
        Ok(())
    }
    fn opaque(&self, _: &TreePath) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) fn path(text: &str) -> TreePath {
    TreePath::new(text.as_bytes()).unwrap()
}

pub(crate) fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        assert!(std::env::var_os("CI").is_none_or(|value| value != "true"), "CI runs these tests as root");
        eprintln!("skipped: needs root");
    }
    root
}

pub(crate) fn with_context<T>(threads: usize, work: impl FnOnce(Context<'_>) -> T) -> T {
    let cancel = Cancel::new();
    work(Context { cancel: &cancel, threads: NonZeroUsize::new(threads).unwrap() })
}

pub(crate) fn scan(tree: &Path) -> Listing {
    let root = fs::File::open(tree).unwrap();
    with_context(1, |context| containr_layer::scan_tree(root.as_fd(), context)).unwrap()
}

pub(crate) fn seal(tree: &Path, listing: &mut Listing, codec: Codec) -> (Vec<u8>, Stream) {
    let root = fs::File::open(tree).unwrap();
    let mut out = Vec::new();
    let stream = with_context(2, |context| {
        containr_layer::seal_into(root.as_fd(), listing, Digests::Fill, codec, &mut out, context)
    });
    (out, stream.unwrap())
}

pub(crate) fn unpack(layer: &[u8], into: &Path, below: Option<&Path>) -> Result<Unpacked, LayerError> {
    unpack_limited(layer, into, below, Limits::default())
}

pub(crate) fn unpack_limited(
    mut layer: &[u8],
    into: &Path,
    below: Option<&Path>,
    limits: Limits,
) -> Result<Unpacked, LayerError> {
    let root = fs::File::open(into).unwrap();
    let below = below.map(|path| fs::File::open(path).unwrap());
    let destination = Destination {
        fs: root.as_fd(),
        marks: &Unmarked,
        below: below.as_ref().map(AsFd::as_fd),
        missing: Missing::default(),
    };
    with_context(2, |context| containr_layer::unpack_into(&mut layer, &destination, limits, context))
}

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// One raw member: name, type flag, link target, content.
pub(crate) fn member(name: &str, flag: u8, link: &str, content: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..107].copy_from_slice(if flag == b'5' { b"0000755" } else { b"0000644" });
    block[108..115].copy_from_slice(b"0000000");
    block[116..123].copy_from_slice(b"0000000");
    block[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
    block[136..147].copy_from_slice(b"00000000007");
    block[156] = flag;
    block[157..157 + link.len()].copy_from_slice(link.as_bytes());
    block[257..265].copy_from_slice(b"ustar\x0000");
    checksum(&mut block);
    let mut out = block.to_vec();
    out.extend_from_slice(content);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

pub(crate) fn checksum(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u32 = block[..512].iter().map(|b| u32::from(*b)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// One PAX record.
pub(crate) fn record(key: &str, value: &str) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length += 1;
    }
    format!("{length} {key}={value}\n").into_bytes()
}

pub(crate) fn archive(members: &[Vec<u8>]) -> Vec<u8> {
    [members.concat(), vec![0; 1024]].concat()
}

pub(crate) fn write(path: &Path, content: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::File::create(path).unwrap().write_all(content).unwrap();
}
