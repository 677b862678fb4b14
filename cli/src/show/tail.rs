//! Keeps the end of each running step's output, so that a failure can show it where the user looks last.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use containr_progress::{Event, Outcome, Progress, TaskId};

use super::{Lines, Show};

/// How many bytes of a step's output are kept.
const KEPT_BYTES: usize = 16 << 10;
/// How many lines of it are shown.
const SHOWN_LINES: usize = 20;

/// The end of what a failed step printed.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tail {
    lines: Vec<String>,
    /// Whether the user has just seen all of it anyway.
    seen: bool,
}

impl Tail {
    /// Returns the last lines, oldest first.
    pub(crate) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Returns the lines as a part of an error message, which begins with a line end; nothing when the user has seen them.
    pub(crate) fn shown(&self) -> String {
        if self.seen || self.lines.is_empty() {
            return String::new();
        }
        let lines = self.lines.iter().map(|line| format!("\n    {line}"));
        std::iter::once("\n  last output:".to_owned()).chain(lines).collect()
    }
}

/// Passes events on and keeps the ends of outputs.
pub(crate) struct KeepTails {
    inner: Arc<dyn Show>,
    /// So many lines at the end of a failed step are visible without help.
    visible_lines: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: HashMap<TaskId, Output>,
    failed: Option<Tail>,
}

#[derive(Default)]
struct Output {
    end: Vec<u8>,
    lines: usize,
}

impl KeepTails {
    /// Returns a keeper in front of `inner`, which itself shows `visible_lines` lines where the user still sees them.
    pub(crate) fn new(inner: Arc<dyn Show>, visible_lines: usize) -> Self {
        Self { inner, visible_lines, state: Mutex::default() }
    }

    /// Returns the end of the output of the first step that failed.
    pub(crate) fn tail(&self) -> Tail {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).failed.clone().unwrap_or_default()
    }
}

impl Progress for KeepTails {
    fn event(&self, event: Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &event {
            Event::Output { task, data, .. } => state.running.entry(*task).or_default().push(data),
            Event::Finished(task, outcome) => {
                let output = state.running.remove(task);
                if let (Outcome::Failed(_), None) = (outcome, &state.failed) {
                    state.failed = Some(output.unwrap_or_default().tail(self.visible_lines));
                }
            }
            _ => {}
        }
        drop(state);
        self.inner.event(event);
    }
}

impl Show for KeepTails {
    fn finish(&self) {
        self.inner.finish();
    }
}

impl Output {
    fn push(&mut self, data: &[u8]) {
        self.lines += data.iter().filter(|byte| **byte == b'\n').count();
        self.end.extend_from_slice(data);
        // Cut seldom, so that each byte is moved about once.
        if self.end.len() > 2 * KEPT_BYTES {
            self.end.drain(..self.end.len() - KEPT_BYTES);
        }
    }

    fn tail(self, visible_lines: usize) -> Tail {
        let mut cutter = Lines::default();
        let mut lines = cutter.push(&self.end);
        lines.extend(cutter.rest());
        lines.drain(..lines.len().saturating_sub(SHOWN_LINES));
        Tail { seen: self.lines <= visible_lines, lines }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use containr_progress::{Silent, Stream};

    fn failed(visible: usize, output: &str) -> Tail {
        let keeper = KeepTails::new(Arc::new(Silent), visible);
        let task = TaskId::next();
        keeper.event(Event::Output { task, stream: Stream::Stdout, data: output.as_bytes().to_vec() });
        keeper.event(Event::Finished(task, Outcome::Failed("x".to_owned())));
        keeper.tail()
    }

    #[test]
    fn the_last_lines_of_a_long_output_are_kept() {
        let output: String = (0..10_000).map(|number| format!("line {number}\n")).collect();
        let tail = failed(10, &output);
        assert_eq!((tail.lines().len(), tail.lines()[0].as_str()), (20, "line 9980"));
        assert!(tail.shown().ends_with("\n    line 9999"));
    }

    #[test]
    fn what_the_user_has_just_seen_is_not_repeated() {
        assert_eq!(failed(10, "a\nb\n").shown(), "");
        assert_eq!(failed(0, "a\nb").shown(), "\n  last output:\n    a\n    b");
    }
}
