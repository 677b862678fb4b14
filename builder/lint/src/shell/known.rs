//! Remembers what scripts run.

use std::cell::RefCell;
use std::sync::Arc;

use super::{Command, Commands, Word, read};
use crate::memory::Memory;

/// Bounds each generation, in bytes of scripts and commands.
const MAX_BYTES: usize = 2 << 20;

/// Holds the commands of scripts by their text.
#[derive(Debug)]
pub(crate) struct ReadScripts(RefCell<Memory<Arc<Commands>>>);

impl Default for ReadScripts {
    fn default() -> Self {
        Self(RefCell::new(Memory::new(MAX_BYTES)))
    }
}

impl ReadScripts {
    /// Reads a script, as [`read`] does, unless it is known.
    pub(super) fn read(&self, text: &str) -> Arc<Commands> {
        let mut known = self.0.borrow_mut();
        known.get(text, |commands| size(commands)).unwrap_or_else(|| {
            let commands = Arc::new(read(text));
            known.keep(text, Arc::clone(&commands), size(&commands));
            commands
        })
    }
}

fn size(commands: &Commands) -> usize {
    let words =
        |command: &Command| -> usize { command.words.iter().map(|word| size_of::<Word>() + word.text.len()).sum() };
    commands.list.iter().map(|command| size_of::<Command>() + words(command)).sum()
}
