//! What the editor may ask: one module a feature, each a pure function of a snapshot.
//!
//! A function takes the [`Document`](crate::Document), the place in question and what it needs of the session, and
//! returns the protocol's type. It never waits: what ports know is fetched by the server first and handed in.

pub(crate) mod actions;
pub(crate) mod completion;
pub(crate) mod definition;
pub(crate) mod diagnostics;
pub(crate) mod folding;
pub(crate) mod formatting;
pub(crate) mod hierarchy;
pub(crate) mod hover;
pub(crate) mod inlay;
pub(crate) mod lens;
pub(crate) mod links;
pub(crate) mod rename;
pub(crate) mod selection;
pub(crate) mod semantic;
pub(crate) mod signature;
pub(crate) mod symbols;

#[cfg(test)]
mod everywhere;
