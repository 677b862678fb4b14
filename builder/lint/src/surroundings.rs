//! What rules are told of the world outside of the file: they never look themselves.
//!
//! The caller asks [`images`] which images a file builds on, finds out about them where it may, and hands the facts in.
//! A fact that is not known keeps the rule silent that would need it.

use std::collections::{BTreeMap, BTreeSet};

use containr_dockerfile::Parsed;
use containr_dockerfile::ignore::IgnoreRules;

use crate::image::is_reference;
use crate::stages::Stages;

/// Is what is known beside the file.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The images, by their names as FROM says them when every argument has its default.
    pub images: BTreeMap<String, ImageFacts>,
    /// The rules of the ignore file that holds for the context.
    pub ignore: Option<IgnoreRules>,
}

/// Is what is known of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageFacts {
    /// Whether its registry has it.
    pub presence: Presence,
    /// The digest that its tag means now, `sha256:...`.
    pub digest: Option<String>,
    /// The platforms that it is there for, such as `linux/arm64`; none where they are not known.
    pub platforms: Vec<String>,
    /// The variables that it sets; none where they are not known.
    pub variables: BTreeMap<String, String>,
    /// The tag that should be used instead.
    pub recommended_tag: Option<String>,
    /// The number of known vulnerabilities, where the image was scanned.
    pub vulnerabilities: Option<Vulnerabilities>,
}

/// Says whether a registry has an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Presence {
    /// Nobody asked.
    #[default]
    Unknown,
    /// It is there.
    Present,
    /// The registry says that there is no such tag or digest.
    Missing,
}

/// Are the vulnerabilities of an image by their severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Vulnerabilities {
    /// Critical and high ones.
    pub severe: u32,
    /// All others.
    pub other: u32,
}

/// Returns the names of the images that the stages of a file build on, sorted, each once, every argument at its default.
///
/// Earlier stages, `scratch` and what is no reference are left out.
pub fn images(parsed: &Parsed) -> Vec<String> {
    let stages = Stages::new(parsed);
    let names = parsed.syntax().stages.iter().enumerate().filter_map(|(index, stage)| {
        let base = stages.expand_global(&stage.base.value).ok()?.text;
        let outside = stages.parents[index].is_none() && base != "scratch";
        (outside && is_reference(&base)).then_some(base)
    });
    names.collect::<BTreeSet<_>>().into_iter().collect()
}
