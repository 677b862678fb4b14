//! What is remembered from one lint to the next.

use crate::near::NearCache;
use crate::shell::ReadScripts;
use crate::shellcheck::ShellCache;

/// Remembers what was found out about scripts and instructions, so that text that did not change is not judged again.
///
/// One cache serves any number of files and settings. What was not asked for lately is forgotten: the memory is bounded.
#[derive(Debug, Default)]
pub struct LintCache {
    pub(crate) shell: ShellCache,
    pub(crate) scripts: ReadScripts,
    pub(crate) near: Option<NearCache>,
}

impl LintCache {
    /// Returns an empty cache for files that are judged again and again.
    pub fn new() -> Self {
        Self { near: Some(NearCache::default()), ..Self::default() }
    }

    /// Returns an empty cache for files that are each judged once: of them only scripts are likely to come again.
    pub fn of_scripts() -> Self {
        Self::default()
    }
}
