//! The room against the scripted registry, fault by fault, and against a real one.

#[cfg(test)]
mod auth;
#[cfg(test)]
mod distribution;
#[cfg(test)]
mod mirrors;
#[cfg(test)]
mod pull;
#[cfg(test)]
mod push;
#[cfg(test)]
mod support;
#[cfg(test)]
mod table;
