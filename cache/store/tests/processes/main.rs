//! Several processes on one store, some of them killed at any moment.

#[cfg(test)]
mod suite;
