//! One suite that every driver runs: the same work gives the same trees and listings.

#[cfg(test)]
mod suite;
#[cfg(test)]
mod tree;
