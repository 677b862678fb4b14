//! Turns Dockerfile and .dockerignore text into a lossless tree with diagnostics, and prints it again.

mod diagnostic;
pub mod expand;
pub mod glob;
mod heredoc;
pub mod ignore;
mod span;
pub mod syntax;

pub use diagnostic::{Code, Diagnostic, Severity};
pub use span::{Span, Spanned};
