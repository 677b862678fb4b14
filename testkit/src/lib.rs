//! Test helpers, a dev-dependency only.
