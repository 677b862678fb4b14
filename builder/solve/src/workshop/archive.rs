//! Archives for ADD, by the room that knows them.

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, Seek as _};

use containr_copy::{Extraction, Extractor};
use containr_layer::{Context, Extract, Limits, Missing, extract_archive, is_archive};
use containr_snapshot::Fresh;
use containr_tree::Entry;

/// Unpacks into one fresh delta.
pub(super) struct Archives<'a> {
    pub(super) fresh: &'a Fresh,
    pub(super) context: Context<'a>,
}

impl Extractor for Archives<'_> {
    fn is_archive(&self, file: &File) -> Result<bool, Box<dyn Error + Send + Sync>> {
        let found = is_archive(file);
        let mut file = file;
        file.rewind()?;
        Ok(found)
    }

    fn extract(&self, request: &Extraction<'_>) -> Result<Vec<Entry>, Box<dyn Error + Send + Sync>> {
        let Extraction { archive, into, destination, target, owner, existing, time } = request;
        let (uid, gid) = owner.unwrap_or((0, 0));
        let options = Extract {
            fs: *into,
            marks: self.fresh,
            below: *target,
            into: (*destination).clone(),
            missing: Missing { mode: 0o755, uid, gid, mtime: *time, within: None },
            owner: *owner,
            existing: existing.clone(),
        };
        Ok(extract_archive(&mut BufReader::new(*archive), options, Limits::default(), self.context)?)
    }
}
