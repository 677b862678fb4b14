//! Reads a file tree: parallel walk, digest cache, listings.
