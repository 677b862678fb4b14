//! Remembers what was said of scripts.

use std::sync::Arc;

use super::linter::{Remark, Script, ShellLinter};
use crate::memory::Memory;

/// Bounds each generation, in bytes of scripts and remarks.
const MAX_BYTES: usize = 4 << 20;

/// Remembers what was said of shell scripts.
///
/// A script is known by all that its judgement depends on: its shell, its text, and which of the variables that the
/// text names are in the environment.
#[derive(Debug)]
pub(crate) struct ShellCache {
    remarks: Memory<Arc<[Remark]>>,
}

impl Default for ShellCache {
    fn default() -> Self {
        Self { remarks: Memory::new(MAX_BYTES) }
    }
}

impl ShellCache {
    /// Returns what a linter says of a script.
    pub(super) fn lint(&mut self, script: &Script, linter: &dyn ShellLinter) -> Arc<[Remark]> {
        // The first line of the text names the shell.
        if let Some(known) = self.remarks.get(&script.text, |remarks| size(remarks)) {
            return known;
        }
        let remarks: Arc<[Remark]> = linter.lint(script).into();
        self.remarks.keep(&script.text, Arc::clone(&remarks), size(&remarks));
        remarks
    }
}

fn size(remarks: &[Remark]) -> usize {
    remarks.iter().map(|one| size_of::<Remark>() + one.message.len()).sum()
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
        let (mut cache, linter) = (ShellCache::default(), Counter::default());
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
        let (mut cache, linter) = (ShellCache::default(), Counter::default());
        let body = "x".repeat(MAX_BYTES / 8);
        for index in 0..64 {
            cache.lint(&Script::new(ShellDialect::Posix, &[], &format!("{index} {body}")), &linter);
        }
        assert!(cache.remarks.bytes() < 3 * MAX_BYTES);
        assert_eq!(linter.0.get(), 64);
    }
}
