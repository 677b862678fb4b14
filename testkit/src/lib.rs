//! Test helpers, a dev-dependency only.

pub mod cutter;
pub mod registry;
