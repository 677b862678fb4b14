//! Measures the pipelines of this room on real files: `measure seal|unpack PATH [CODEC]`; prints MB/s and peak memory.

use std::fs::File;
use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::os::fd::AsFd as _;
use std::time::Instant;

use containr_layer::{Codec, Context, Destination, Digests, Limits, Marks, Missing};
use containr_progress::Cancel;
use containr_tree::TreePath;

struct Unmarked;

impl Marks for Unmarked {
    fn whiteout(&self, _: &TreePath) -> io::Result<()> {
        Ok(())
    }
    fn opaque(&self, _: &TreePath) -> io::Result<()> {
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, work, path, rest @ ..] = arguments.as_slice() else {
        return Err("usage: measure seal DIRECTORY [plain|gzip|zstd] | measure unpack ARCHIVE DIRECTORY".into());
    };
    let cancel = Cancel::new();
    let context = Context { cancel: &cancel, threads: NonZeroUsize::new(2).expect("two is not zero") };
    let start = Instant::now();
    let bytes = match work.as_str() {
        "seal" => {
            let codec = match rest.first().map(String::as_str) {
                Some("gzip") => Codec::GZIP,
                Some("zstd") => Codec::ZSTD,
                _ => Codec::Plain,
            };
            let root = File::open(path)?;
            let mut listing = containr_layer::scan_tree(root.as_fd(), context)?;
            containr_layer::seal_into(root.as_fd(), &mut listing, Digests::Fill, codec, &mut io::sink(), context)?.size
        }
        "unpack" => {
            let into = rest.first().ok_or("a directory to unpack into is missing")?;
            std::fs::create_dir(into)?;
            let root = File::open(into)?;
            let destination =
                Destination { fs: root.as_fd(), marks: &Unmarked, below: None, missing: Missing::default() };
            containr_layer::unpack_into(&mut File::open(path)?, &destination, Limits::default(), context)?.size
        }
        other => return Err(format!("`{other}` is not known").into()),
    };
    let seconds = start.elapsed().as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    let mut out = io::stdout().lock();
    writeln!(out, "{bytes} bytes in {seconds:.3} s, {:.0} MB/s, {peak}", bytes as f64 / 1e6 / seconds)?;
    Ok(())
}
