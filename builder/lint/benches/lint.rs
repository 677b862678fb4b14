//! How long linting takes: a short file, a long one, and the corpus.

fn main() {}
