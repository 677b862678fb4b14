//! `containr build --check`: what BuildKit's build checks say of a Dockerfile, in its form.

use std::path::Path;

use containr_engine::{ContextSource, Settings, TextSource, check_settings, read_dockerfile};
use containr_lint::checks::{Excerpts, Obstacle, Scope, obstacle, render_json, render_text, warnings};

use crate::args::CheckCall;
use crate::failure::{Exit, Failure};
use crate::surroundings::print;

/// What is checked.
pub(crate) struct Checked<'a> {
    /// Where the Dockerfile is.
    pub(crate) context: ContextSource,
    /// The Dockerfile, where it is named.
    pub(crate) dockerfile: Option<TextSource>,
    /// The stage that is asked for.
    pub(crate) target: Option<&'a str>,
    /// Values of build arguments.
    pub(crate) build_args: &'a [(String, Option<String>)],
}

/// Checks a Dockerfile; neither the store nor a registry is looked at.
///
/// # Errors
/// A Dockerfile that cannot be read or built, and the settings of the checks when they cannot be read.
pub(crate) fn run(settings: &Settings, checked: &Checked<'_>, call: CheckCall) -> Result<u8, Failure> {
    let checks = check_settings(checked.build_args)?;
    let (path, text) = read_dockerfile(settings, &checked.context, checked.dockerfile.as_ref())?;
    // BuildKit knows the file by its last name.
    let name = Path::new(&path).file_name().map_or(path.as_str().into(), |name| name.to_string_lossy());
    let parsed = containr_dockerfile::parse(&text);
    let found = warnings(&parsed, checks.as_ref(), checked.target.map_or(Scope::AllStages, Scope::Target));
    let obstacle = obstacle(&parsed, checks.as_ref(), &found);
    print(&match call.json {
        true => render_json(&name, &parsed, &found, obstacle.as_ref()),
        false => render_text(&name, &parsed, &found, obstacle.as_ref()),
    })?;
    match obstacle {
        Some(obstacle) => Err(failure(&obstacle, &Excerpts::new(&name, &parsed))),
        None if found.is_empty() || call.ignore_status => Ok(Exit::Success as u8),
        None => Ok(Exit::Failure as u8),
    }
}

fn failure(obstacle: &Obstacle, excerpts: &Excerpts<'_>) -> Failure {
    let excerpt = obstacle.lines.as_ref().map(|lines| excerpts.of(lines)).unwrap_or_default();
    Failure::new(format!("{}\n{}", obstacle.message, String::from_utf8_lossy(&excerpt)), Exit::Failure)
}
