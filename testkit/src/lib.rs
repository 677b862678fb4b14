//! Test helpers, a dev-dependency only.

pub mod cutter;
pub mod damage;
pub mod registry;
