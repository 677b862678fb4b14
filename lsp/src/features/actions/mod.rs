//! Code actions: fixes of findings, comments that silence them, and rewrites.

pub(crate) mod bases;
mod forms;
mod packages;
mod refactor;
mod runs;
mod shell;
