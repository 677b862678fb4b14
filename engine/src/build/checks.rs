//! BuildKit's build checks during a build: they warn, and where the file wants it they refuse.

use containr_dockerfile::parse_check;
use containr_dockerfile::syntax::Check;
use containr_lint::checks::{Excerpts, Scope, Warning, forbids_warnings, warnings};

use super::source::Dockerfile;
use super::{BuildRequest, CheckRemark};
use crate::{BuildError, EngineError, Problem};

/// The build argument whose value stands in for the file's `check` directive.
const ARGUMENT: &str = "BUILDKIT_DOCKERFILE_CHECK";

/// What the planner tells with more knowledge: it has seen the base image's variables.
const OF_THE_PLANNER: &str = "UndefinedVar";

/// Fails where the settings forbid warnings and there are any.
pub(super) fn refuse(request: &BuildRequest, dockerfile: &Dockerfile) -> Result<(), BuildError> {
    let settings = settings(&request.build_args)?;
    if !forbids_warnings(&dockerfile.parsed, settings.as_ref()) {
        return Ok(());
    }
    let problems: Vec<Problem> = found(request, dockerfile, settings.as_ref())
        .into_iter()
        .map(|one| Problem {
            span: (one.span.start, one.span.end),
            message: format!("lint violation found for rule {}: {}", one.rule, one.detail),
            warning: false,
        })
        .collect();
    if problems.is_empty() {
        return Ok(());
    }
    let text = dockerfile.parsed.text().to_owned();
    Err(BuildError::Dockerfile { name: dockerfile.name.clone(), text, problems })
}

/// Returns the warnings for the report.
pub(super) fn told(request: &BuildRequest, dockerfile: &Dockerfile) -> Result<Vec<CheckRemark>, EngineError> {
    let settings = settings(&request.build_args)?;
    let mut found = found(request, dockerfile, settings.as_ref());
    found.retain(|one| one.rule != OF_THE_PLANNER);
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let excerpts = Excerpts::new(&dockerfile.name, &dockerfile.parsed);
    let remark = |one: &Warning| {
        let excerpt = excerpts.of(&one.lines);
        let excerpt = String::from_utf8_lossy(&excerpt);
        CheckRemark { short: one.short(), long: format!("{}\nMore info: {}\n{excerpt}", one.description, one.url) }
    };
    Ok(found.iter().map(remark).collect())
}

fn found(request: &BuildRequest, dockerfile: &Dockerfile, settings: Option<&Check>) -> Vec<Warning> {
    let scope = request.target.as_deref().map_or(Scope::LastStage, Scope::Target);
    warnings(&dockerfile.parsed, settings, scope)
}

/// Reads the settings that a build argument gives.
///
/// # Errors
/// Settings that cannot be read.
pub fn settings(build_args: &[(String, Option<String>)]) -> Result<Option<Check>, EngineError> {
    let given = build_args.iter().rev().find(|(name, _)| name == ARGUMENT).and_then(|(_, value)| value.as_deref());
    let refused = |error| EngineError::Request(format!("build argument {ARGUMENT}: {error}"));
    given.map(parse_check).transpose().map_err(refused)
}
