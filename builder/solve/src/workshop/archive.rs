//! Archives for ADD, by the room that knows them.

use std::error::Error;
use std::fs::File;

use containr_copy::{Extraction, Extractor};
use containr_layer::Context;
use containr_tree::Entry;

/// Unpacks with the surroundings of the build.
pub(super) struct Archives<'a> {
    pub(super) context: Context<'a>,
}

impl Extractor for Archives<'_> {
    fn is_archive(&self, _file: &File) -> Result<bool, Box<dyn Error + Send + Sync>> {
        Ok(false)
    }

    fn extract(&self, _request: &Extraction<'_>) -> Result<Vec<Entry>, Box<dyn Error + Send + Sync>> {
        Ok(Vec::new())
    }
}
