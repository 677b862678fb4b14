//! Test helpers, a dev-dependency only.

pub mod registry;
