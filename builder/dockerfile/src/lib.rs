//! Turns Dockerfile and .dockerignore text into a lossless tree with diagnostics, and prints it again.
//!
//! [`parse`] reads a file in one pass and never fails. On the way each instruction goes through three forms: a
//! *logical line* (`logical`: continuations joined, comments dropped, with the way back to the source), a *statement*
//! (`statement`: keyword, flags and arguments split as BuildKit's parser does) and the *typed instruction*
//! (`instruction`: what BuildKit's next layer checks). The tree is written from the statement and the source together.
//!
//! ```
//! use containr_dockerfile::syntax::Kind;
//!
//! let parsed = containr_dockerfile::parse(b"FROM debian AS base\nUSER www-data\n");
//! assert!(!parsed.has_errors());
//! let stage = &parsed.syntax().stages[0];
//! assert_eq!(stage.base.value, "debian");
//! assert!(matches!(&stage.instructions[0].kind, Kind::User(user) if user.value == "www-data"));
//! ```

mod diagnostic;
mod directives;
mod dump;
pub mod expand;
mod flags;
mod format;
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
pub use directives::{InvalidCheck, comment_check, detect_syntax, parse_check};
pub use dump::{NoTree, buildkit_ast};
pub use format::{Edit, format, format_line_break, format_range, formatted};
pub use parse::{Parsed, Trigger, parse, parse_trigger};
pub use source::LineIndex;
pub use span::{Span, Spanned};
pub use suggest::nearest;
pub use tree::{Language, SyntaxKind, SyntaxNode, SyntaxToken};
