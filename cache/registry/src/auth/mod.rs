//! Who the user is, to whom that is told, and in which form.

pub(crate) mod challenge;
pub(crate) mod credential;
pub(crate) mod files;
pub(crate) mod helper;
pub(crate) mod token;
