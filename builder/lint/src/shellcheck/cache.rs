//! Remembers what was said of scripts.

use std::collections::HashMap;
use std::sync::Arc;

use super::linter::{Remark, Script, ShellLinter};

/// Bounds each generation, in bytes of scripts.
const MAX_BYTES: usize = 4 << 20;

/// Remembers what was said of shell scripts, so that a text that did not change is not read again.
///
/// A script is known by all that its judgement depends on: its shell, its text, and which of the variables that the
/// text names are in the environment. What was not asked for lately is forgotten: the memory is bounded.
#[derive(Debug, Default)]
pub struct ShellCache {
    young: Generation,
    old: Generation,
}

#[derive(Debug, Default)]
struct Generation {
    remarks: HashMap<Box<str>, Arc<[Remark]>>,
    bytes: usize,
}

impl ShellCache {
    /// Returns an empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns what a linter says of a script.
    pub(super) fn lint(&mut self, script: &Script, linter: &dyn ShellLinter) -> Arc<[Remark]> {
        // The first line of the text names the shell.
        if let Some(known) = self.young.remarks.get(script.text.as_str()) {
            return Arc::clone(known);
        }
        let known = self.old.remarks.get(script.text.as_str()).cloned();
        let remarks = known.unwrap_or_else(|| linter.lint(script).into());
        self.keep(script, Arc::clone(&remarks));
        remarks
    }

    fn keep(&mut self, script: &Script, remarks: Arc<[Remark]>) {
        if self.young.bytes > MAX_BYTES {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.bytes += script.text.len();
        self.young.remarks.insert(script.text.as_str().into(), remarks);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::super::dialect::ShellDialect;
    use super::*;

    #[derive(Default)]
    struct Counter(Cell<usize>);

    impl ShellLinter for Counter {
        fn lint(&self, _: &Script) -> Vec<Remark> {
            self.0.set(self.0.get() + 1);
            Vec::new()
        }
    }

    #[test]
    fn a_script_is_judged_once() {
        let (mut cache, linter) = (ShellCache::new(), Counter::default());
        let script = |dialect, names: &[&str]| Script::new(dialect, names, "echo $A");

        cache.lint(&script(ShellDialect::Posix, &[]), &linter);
        cache.lint(&script(ShellDialect::Posix, &[]), &linter);
        assert_eq!(linter.0.get(), 1);

        cache.lint(&script(ShellDialect::Bash, &[]), &linter);
        cache.lint(&script(ShellDialect::Posix, &["A"]), &linter);
        assert_eq!(linter.0.get(), 3);
    }

    #[test]
    fn the_memory_is_bounded() {
        let (mut cache, linter) = (ShellCache::new(), Counter::default());
        let body = "x".repeat(MAX_BYTES / 8);
        for index in 0..64 {
            cache.lint(&Script::new(ShellDialect::Posix, &[], &format!("{index} {body}")), &linter);
        }
        assert!(cache.young.bytes + cache.old.bytes < 3 * MAX_BYTES);
        assert_eq!(linter.0.get(), 64);
    }
}
