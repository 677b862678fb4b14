//! Shows events as they arrive: as a log, redrawn on a terminal, or as JSON.

pub(crate) mod diff;
mod plain;
mod rawjson;
mod tail;
mod tty;

use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use containr_progress::{Progress, Silent};

use crate::args::ProgressMode;

pub(crate) use plain::Plain;
pub(crate) use rawjson::RawJson;
pub(crate) use tail::{KeepTails, Tail};
pub(crate) use tty::Tty;

/// A way to show progress that knows when the work is over.
pub(crate) trait Show: Progress {
    /// Writes what is left and gives the terminal back.
    fn finish(&self);
}

impl Show for Silent {
    fn finish(&self) {}
}

/// Where events are written.
pub(crate) type Out = Box<dyn Write + Send>;

/// Returns the way that was asked for; `auto` takes the terminal when there is one of `columns` width.
pub(crate) fn choose(mode: ProgressMode, columns: Option<u16>, out: Out) -> Arc<dyn Show> {
    match (mode, columns) {
        (ProgressMode::Quiet, _) => Arc::new(Silent),
        (ProgressMode::Rawjson, _) => Arc::new(RawJson::new(out)),
        (ProgressMode::Plain, _) | (ProgressMode::Auto, None) => Arc::new(Plain::new(out)),
        (ProgressMode::Tty | ProgressMode::Auto, columns) => Arc::new(Tty::new(out, columns.unwrap_or(80))),
    }
}

/// Returns the way that was asked for, with the ends of outputs kept for a failure.
pub(crate) fn choose_with_tails(mode: ProgressMode, columns: Option<u16>, out: Out) -> KeepTails {
    /// In a log of the last so many lines a failure needs no repetition.
    const LOG_LINES: usize = 10;
    let visible_lines = match (mode, columns) {
        (ProgressMode::Quiet | ProgressMode::Rawjson, _) => 0,
        (ProgressMode::Plain, _) | (ProgressMode::Auto, None) => LOG_LINES,
        (ProgressMode::Tty | ProgressMode::Auto, _) => tty::OUTPUT_LINES,
    };
    KeepTails::new(choose(mode, columns, out), visible_lines)
}

/// Returns a duration as people read it: `0.0s`, `12.3s`, `2m04s`.
pub(crate) fn elapsed(since: Instant) -> String {
    let seconds = since.elapsed().as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.1}s")
    } else {
        format!("{}m{:02}s", seconds as u64 / 60, seconds as u64 % 60)
    }
}

/// Returns a number of bytes as people read it, in decimal units as docker does.
pub(crate) fn bytes(count: u64) -> String {
    let mut value = count as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 1000.0 {
            return if unit == "B" { format!("{count}B") } else { format!("{value:.2}{unit}") };
        }
        value /= 1000.0;
    }
    format!("{value:.2}TB")
}

/// Cuts a stream of bytes into lines and keeps the rest for later.
#[derive(Debug, Default)]
pub(crate) struct Lines(Vec<u8>);

impl Lines {
    /// Takes bytes and returns the lines that are whole now, without line ends; control characters that move the cursor are dropped.
    pub(crate) fn push(&mut self, data: &[u8]) -> Vec<String> {
        self.0.extend_from_slice(data);
        let Some(end) = self.0.iter().rposition(|b| *b == b'\n') else { return Vec::new() };
        let rest = self.0.split_off(end + 1);
        let whole = std::mem::replace(&mut self.0, rest);
        whole[..end].split(|b| *b == b'\n').map(clean).collect()
    }

    /// Returns the last line when it has no end.
    pub(crate) fn rest(&mut self) -> Option<String> {
        let rest = std::mem::take(&mut self.0);
        (!rest.is_empty()).then(|| clean(&rest))
    }
}

/// Returns what a terminal would show at last of a line: after the last carriage return, without escapes.
fn clean(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let shown = line.rsplit(|b| *b == b'\r').next().unwrap_or_default();
    String::from_utf8_lossy(shown).chars().filter(|c| !c.is_control() || *c == '\t').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_over_pieces() {
        let mut lines = Lines::default();
        assert!(lines.push(b"a").is_empty());
        assert_eq!(lines.push(b"b\nc 1%\rc 2%\r\nd"), ["ab", "c 2%"]);
        assert_eq!(lines.rest().as_deref(), Some("d"));
        assert_eq!(lines.rest(), None);
    }

    #[test]
    fn byte_counts_are_decimal() {
        assert_eq!([bytes(999), bytes(1500), bytes(2_340_000)], ["999B", "1.50kB", "2.34MB"]);
    }
}

/// A writer whose bytes a test can look at.
#[cfg(test)]
mod tests_support {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    pub(crate) struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Shared {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Shared {
        fn write(&mut self, data: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(data);
            Ok(data.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}
