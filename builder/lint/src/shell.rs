//! The commands of a shell text: a small parser of the shell's grammar that keeps every word's place.
//!
//! It reads as bash does, whatever shell a stage has, because that is how the peers look for commands. A text that is
//! no shell script (PowerShell, Python) has no commands.

mod command;
mod known;
mod parse;
mod script;
mod source_map;
pub(crate) mod strict;
mod words;

pub(crate) use command::{Command, Word};
pub(crate) use known::ReadScripts;
pub(crate) use script::Script;
pub(crate) use source_map::SourceMap;

/// Is what a shell text runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Commands {
    /// Every simple command with words, those inside of substitutions and functions included, outer ones first.
    pub(crate) list: Vec<Command>,
    /// Where the pipes stand in the text.
    pub(crate) pipes: Vec<usize>,
}

/// Reads a shell text; one with a syntax error has no commands.
pub(crate) fn read(text: &str) -> Commands {
    parse::Reader::new(text, 0).script().unwrap_or_default()
}

#[cfg(test)]
mod tests;
