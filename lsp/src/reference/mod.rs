//! What the Dockerfile language consists of, as data with words: the one source for completion, hover and signature help.
//!
//! Texts are Markdown. What BuildKit accepts is listed, with what happens where a value is left out.

mod caches;
mod directives;
mod flags;
mod instructions;
mod labels;
mod mounts;
mod shells;
mod signals;
mod variables;

pub use caches::{Cache, caches};
pub use directives::{Directive, directive, directives};
pub use flags::{Choice, Flag, Repeat, Value};
pub use instructions::{Instruction, Snippet, instruction, instructions};
pub use labels::{Label, labels};
pub use mounts::{MountKey, MountType, mount_key, mount_type, mount_types};
pub use shells::{Shell, shells};
pub use signals::{Signal, signal, signals};
pub use variables::{Origin, Variable, variable, variables};
