//! Judges a Dockerfile's syntax tree by named rules and offers fixes.
//!
//! A [`Rule`] stands for one concept and answers to the names that other tools have for it (its [`Alias`]es), in
//! configuration and in suppressing comments. [`lint`] runs every rule once over a parsed file; the [`Dialect`] says in
//! whose words the findings are told: our own, those of hadolint or those of BuildKit's build checks.
//!
//! ```
//! use containr_lint::{Config, lint};
//!
//! let parsed = containr_dockerfile::parse(b"FROM debian:12\nMAINTAINER me\n");
//! let found = lint(&parsed, &Config::default());
//! assert_eq!(found[0].code, "maintainer-deprecated");
//! ```

mod cache;
pub mod checks;
mod config;
mod context;
mod diagnostic;
mod engine;
mod fix;
pub mod format;
mod image;
mod memory;
mod near;
mod order;
mod reach;
mod rule;
mod rules;
mod shell;
mod shellcheck;
mod stages;
mod suppression;
mod surroundings;

pub use cache::LintCache;
pub use config::hadolint::{ConfigError, Settings};
pub use config::{Config, Dialect, LabelKind, Pragmas, ShellChecks, UnknownLabelKind};
pub use diagnostic::{Diagnostic, Edit, Fix, Origin, Safety};
pub use engine::{lint, lint_with};
pub use fix::{Fixed, apply};
pub use rule::{Alias, Peer, Rule, Severity, UnknownSeverity};
pub use rules::{all, find};
pub use shellcheck::ShellCode;
pub use shellcheck::codes::{all as shell_codes, find as find_shell_code};
pub use stages::{Stages, Variables};
pub use surroundings::{ImageFacts, Presence, Surroundings, Vulnerabilities, images};
