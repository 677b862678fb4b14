//! Build arguments: those that are given, those that are predefined, and the ARG instructions before the first FROM.

use std::collections::{BTreeMap, BTreeSet};

use containr_dockerfile::Span;
use containr_dockerfile::expand::{Lookup, expand_word};
use containr_dockerfile::syntax::{Instruction, Kind};
use containr_oci::Platform;

use crate::variables::Variables;
use crate::{Code, Diagnostic, PlanInput};

/// The proxy variables; each is known in capitals and in small letters.
const PROXIES: [&str; 5] = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];

/// Names that are set without a declaration.
const PLATFORM: [&str; 11] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
];

/// Arguments that an ARG does not put into the environment.
const NOT_IN_ENVIRONMENT: [&str; 2] = ["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"];

/// The values of `--build-arg` by name; the last of several wins.
pub(crate) type Given<'a> = BTreeMap<&'a str, &'a str>;

/// Collects the values of `--build-arg`.
pub(crate) fn given<'a>(input: &PlanInput<'a>) -> Given<'a> {
    let pairs = input.build_args.iter();
    pairs.filter_map(|(name, value)| Some((name.as_str(), value.as_deref()?))).collect()
}

/// Returns the arguments that are set in the global scope without a declaration.
pub(crate) fn predefined(build: &Platform, target: &Platform, stage: &str, given: &Given<'_>) -> Variables {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let values = [
        build.to_string(),
        build.os.clone(),
        text(&build.os_version),
        build.architecture.clone(),
        text(&build.variant),
        target.to_string(),
        target.os.clone(),
        text(&target.os_version),
        target.architecture.clone(),
        text(&target.variant),
        stage.to_owned(),
    ];
    let mut variables = Variables::default();
    for (name, value) in PLATFORM.into_iter().zip(&values) {
        variables.set(name, given.get(name).copied().unwrap_or(value));
    }
    variables
}

/// Adds the arguments that stand before the first FROM.
pub(crate) fn add_globals(
    variables: &mut Variables,
    instructions: &[Instruction],
    escape: char,
    given: &Given<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let declarations = instructions.iter().filter_map(|instruction| match &instruction.kind {
        Kind::Arg(declarations) => Some(declarations),
        _ => None,
    });
    for declaration in declarations.flatten() {
        let name = declaration.name.value.as_str();
        if let Some(value) = given.get(name) {
            variables.set(name, value);
        } else if let Some(default) = &declaration.default {
            match expand_word(&default.value, escape, variables) {
                Ok(expanded) => variables.set(name, &expanded.text),
                Err(error) => diagnostics.push(Diagnostic::error(default.span, Code::Expansion, error.to_string())),
            }
        }
    }
}

/// Returns whether ARG puts an argument into the environment of its stage.
pub(crate) fn is_variable(name: &str) -> bool {
    !NOT_IN_ENVIRONMENT.contains(&name)
}

/// Returns the proxy arguments as `NAME=value`, in both spellings, without those that the environment sets.
pub(crate) fn proxies(given: &Given<'_>, environment: &Variables) -> Vec<String> {
    let mut lines = Vec::new();
    for name in PROXIES {
        let value =
            given.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).next_back();
        for spelling in [name.to_owned(), name.to_ascii_lowercase()] {
            if let Some(value) = value.filter(|_| environment.value(&spelling).is_none()) {
                lines.push(format!("{spelling}={value}"));
            }
        }
    }
    lines
}

/// Reads `SOURCE_DATE_EPOCH` from the given arguments or the global scope.
///
/// `context` gives nothing, as a directory has no time of its own.
pub(crate) fn epoch(given: &Given<'_>, globals: &Variables) -> Result<Option<i64>, Diagnostic> {
    const NAME: &str = "SOURCE_DATE_EPOCH";
    match given.get(NAME).copied().or_else(|| globals.value(NAME)) {
        None | Some("" | "context") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| {
            Diagnostic::error(Span::default(), Code::InvalidValue, format!("{NAME} `{text}` is no number of seconds"))
        }),
    }
}

/// Returns the given arguments that nothing declares and that no builder knows.
pub(crate) fn unused<'a>(given: &Given<'a>, declared: &BTreeSet<String>) -> Vec<&'a str> {
    let known = |name: &str| {
        declared.contains(name)
            || PLATFORM.contains(&name)
            || PROXIES.iter().any(|proxy| proxy.eq_ignore_ascii_case(name))
            || name.starts_with("BUILDKIT_")
            || name == "SOURCE_DATE_EPOCH"
    };
    given.keys().copied().filter(|name| !known(name)).collect()
}
