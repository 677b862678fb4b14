//! Finds what a name stands for when `--build-context` gives some names another meaning.

use std::collections::BTreeMap;

use containr_oci::{Platform, Reference, ReferenceError};

use crate::NamedContext;

/// What a name that is no stage stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Located {
    /// The empty tree.
    Scratch,
    /// A directory, by the name of its context.
    Directory(String),
    /// An image.
    Image(Reference),
}

/// Why a name stands for nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LocateError {
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    #[error("build context `{0}` is an OCI layout, which is not supported yet")]
    Layout(String),
}

/// Returns the meaning that a context gives to a name, if one does.
///
/// Names are compared in their short form without `:latest`; `NAME::PLATFORM` wins over `NAME`.
pub(crate) fn named(
    contexts: &BTreeMap<String, NamedContext>,
    name: &str,
    platform: &Platform,
) -> Result<Option<Located>, LocateError> {
    let wanted = short(name);
    let fits = |key: &str, for_platform: Option<&str>| match key.split_once("::") {
        Some((key, of)) => short(key) == wanted && for_platform == Some(of),
        None => short(key) == wanted && for_platform.is_none(),
    };
    let platform = platform.to_string();
    let find = |for_platform| contexts.iter().find(|(key, _)| fits(key, for_platform));
    let Some((key, context)) = find(Some(platform.as_str())).or_else(|| find(None)) else { return Ok(None) };
    match context {
        NamedContext::Directory => Ok(Some(Located::Directory(key.clone()))),
        NamedContext::Image(text) => {
            let text = text.strip_prefix("docker-image://").unwrap_or(text);
            Ok(Some(if text == "scratch" { Located::Scratch } else { Located::Image(text.parse()?) }))
        }
        NamedContext::Layout(_) => Err(LocateError::Layout(key.clone())),
    }
}

/// Returns what a name stands for that is no stage.
pub(crate) fn locate(
    contexts: &BTreeMap<String, NamedContext>,
    name: &str,
    platform: &Platform,
) -> Result<Located, LocateError> {
    if name == "scratch" {
        return Ok(Located::Scratch);
    }
    match named(contexts, name, platform)? {
        Some(located) => Ok(located),
        None => Ok(Located::Image(name.parse()?)),
    }
}

fn short(name: &str) -> String {
    let familiar = name.parse::<Reference>().map_or_else(|_| name.to_owned(), |reference| reference.familiar());
    familiar.strip_suffix(":latest").map_or(familiar.clone(), str::to_owned)
}
