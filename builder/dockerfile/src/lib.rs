//! Turns Dockerfile and .dockerignore text into a lossless tree with diagnostics, and prints it again.

mod diagnostic;
mod directives;
mod dump;
pub mod expand;
mod flags;
pub mod glob;
mod heredoc;
pub mod ignore;
mod instruction;
mod json;
mod keyword;
mod logical;
mod mount;
mod parse;
mod source;
mod span;
mod statement;
mod suggest;
pub mod syntax;
mod tree;
mod words;

pub use diagnostic::{Code, Diagnostic, Severity};
pub use directives::detect_syntax;
pub use dump::{NoTree, buildkit_ast};
pub use parse::{Parsed, Trigger, parse, parse_trigger};
pub use source::LineIndex;
pub use span::{Span, Spanned};
pub use suggest::nearest;
pub use tree::{Language, SyntaxKind, SyntaxNode, SyntaxToken};
