//! Turns Dockerfile and .dockerignore text into a lossless tree with diagnostics, and prints it again.

mod diagnostic;
mod heredoc;
mod span;
pub mod syntax;

pub use diagnostic::{Code, Diagnostic, Severity};
pub use span::{Span, Spanned};
