//! Turns Dockerfile and .dockerignore text into a lossless tree with diagnostics, and prints it again.

pub mod expand;
pub mod glob;
pub mod ignore;
