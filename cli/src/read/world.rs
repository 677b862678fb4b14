//! Finds out what the linter is told beside the file: the ignore file next to it and, when asked for, its base images.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use containr_dockerfile::ignore::IgnoreRules;
use containr_dockerfile::parse;
use containr_engine::{Inquiry, Patience, Settings};
use containr_lint::{ImageFacts, Presence, Surroundings, images};
use containr_progress::Cancel;

use crate::failure::{Exit, Failure};
use crate::read::dockerfiles::STDIN;
use crate::surroundings::stderr;

/// What is known of images so far, for all files of a run.
pub(crate) struct World {
    inquiry: Option<(Inquiry, Cancel)>,
    images: BTreeMap<String, ImageFacts>,
}

impl World {
    /// Begins without asking anyone.
    pub(crate) fn offline() -> Self {
        Self { inquiry: None, images: BTreeMap::new() }
    }

    /// Begins with registries to ask.
    ///
    /// # Errors
    /// The configuration of registries cannot be read.
    pub(crate) fn online(settings: &Settings, cancel: Cancel) -> Result<Self, Failure> {
        Ok(Self { inquiry: Some((Inquiry::new(settings, Patience::Command)?, cancel)), images: BTreeMap::new() })
    }

    /// Returns what is known beside a file. A registry that gives no answer is told of on stderr.
    ///
    /// # Errors
    /// The ignore file cannot be read.
    pub(crate) fn around(&mut self, file: &Path, text: &[u8]) -> Result<Surroundings, Failure> {
        let mut known = BTreeMap::new();
        if let Some((inquiry, cancel)) = &self.inquiry {
            for name in images(&parse(text)) {
                let facts = self.images.entry(name.clone()).or_insert_with(|| ask(inquiry, &name, cancel));
                known.insert(name, facts.clone());
            }
        }
        Ok(Surroundings { images: known, ignore: ignore(file)? })
    }
}

fn ask(inquiry: &Inquiry, name: &str, cancel: &Cancel) -> ImageFacts {
    match inquiry.image(name, cancel) {
        Ok(Some(found)) => ImageFacts {
            presence: Presence::Present,
            digest: Some(found.digest),
            platforms: found.platforms,
            variables: found.env.iter().filter_map(|one| one.split_once('=')).map(owned).collect(),
            ..ImageFacts::default()
        },
        Ok(None) => ImageFacts { presence: Presence::Missing, ..ImageFacts::default() },
        Err(error) => {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            // Nobody is left to tell when stderr is closed.
            let _ = writeln!(stderr(), "warning: {error}{cause}");
            ImageFacts::default()
        }
    }
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// Reads the ignore file that belongs to a Dockerfile at the root of its context.
fn ignore(file: &Path) -> Result<Option<IgnoreRules>, Failure> {
    if file == Path::new(STDIN) {
        return Ok(None);
    }
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut beside = file.as_os_str().to_owned();
    beside.push(".dockerignore");
    for path in [PathBuf::from(beside), folder.join(".dockerignore"), folder.join(".containerignore")] {
        let failed = |what: &str| Failure::new(format!("cannot read {}: {what}", path.display()), Exit::Request);
        match fs::read(&path) {
            Ok(text) => return IgnoreRules::parse(&text).map(Some).map_err(|error| failed(&error.to_string())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(&error.to_string())),
        }
    }
    Ok(None)
}
