//! What holds for all stages while one target is planned for one platform.

use std::collections::BTreeSet;

use containr_dockerfile::expand::{Expanded, Lookup, expand_word};
use containr_dockerfile::{Span, Spanned};
use containr_oci::Platform;

use crate::arguments::{self, Given};
use crate::contexts::{LocateError, Located};
use crate::diagnostic::similar;
use crate::variables::Variables;
use crate::{BaseKey, Code, Diagnostic, PlanInput};

/// The input with the global arguments of one target.
pub(crate) struct Scope<'a> {
    pub(crate) input: PlanInput<'a>,
    pub(crate) platform: &'a Platform,
    pub(crate) escape: char,
    pub(crate) given: Given<'a>,
    pub(crate) globals: Variables,
}

/// A tree by the name that the Dockerfile gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The empty tree.
    Scratch,
    /// A directory, by the name of its context.
    Directory(String),
    /// An image.
    Image(BaseKey),
    /// A stage, by its position.
    Stage(usize),
}

impl<'a> Scope<'a> {
    /// Makes the scope of a target.
    pub(crate) fn new(
        input: PlanInput<'a>,
        platform: &'a Platform,
        target: Option<&str>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let dockerfile = input.dockerfile;
        let escape = dockerfile.directives.escape.map_or('\\', |escape| escape.value.char());
        let given = arguments::given(&input);
        let last = dockerfile.stages.last().and_then(|stage| stage.name.as_ref()).map(|name| name.value.as_str());
        let stage = target.or(last).unwrap_or("default");
        let mut globals = arguments::predefined(input.build_platform, platform, stage, &given);
        arguments::add_globals(&mut globals, &dockerfile.global_args, escape, &given, diagnostics);
        Self { input, platform, escape, given, globals }
    }

    /// Expands a word of FROM with the global arguments.
    pub(crate) fn expand_global(&self, word: &Spanned<String>) -> Result<Expanded, Diagnostic> {
        self.expand(word, &self.globals)
    }

    /// Expands a word.
    pub(crate) fn expand(&self, word: &Spanned<String>, variables: &dyn Lookup) -> Result<Expanded, Diagnostic> {
        expand_word(&word.value, self.escape, variables).map_err(|error| {
            Diagnostic::error(word.span, Code::Expansion, format!("cannot expand `{}`: {error}", word.value))
        })
    }

    /// Turns what was found for a name into a place.
    pub(crate) fn place(
        located: Result<Located, LocateError>,
        platform: &Platform,
        span: Span,
    ) -> Result<Place, Diagnostic> {
        match located {
            Ok(Located::Scratch) => Ok(Place::Scratch),
            Ok(Located::Directory(name)) => Ok(Place::Directory(name)),
            Ok(Located::Image(reference)) => {
                Ok(Place::Image(BaseKey { reference: reference.to_string(), platform: platform.clone() }))
            }
            Err(error @ LocateError::Layout(_)) => Err(Diagnostic::error(span, Code::NotSupported, error.to_string())),
            Err(error) => Err(Diagnostic::error(span, Code::InvalidReference, error.to_string())),
        }
    }
}

/// Returns a warning for the first variable that is neither set nor declared.
pub(crate) fn undefined(
    span: Span,
    unset: &BTreeSet<String>,
    declared: &[(String, Option<String>)],
    variables: &Variables,
) -> Vec<Diagnostic> {
    let unknown = unset.iter().filter(|name| !declared.iter().any(|(known, _)| known == *name));
    unknown
        .filter(|name| arguments::is_variable(name))
        .map(|name| {
            Diagnostic::warning(span, Code::UndefinedVariable, format!("usage of undefined variable `${name}`"))
                .suggesting(similar(name, variables.names()))
        })
        .collect()
}
