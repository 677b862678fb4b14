//! Reads `testdata/e2e/cases.json`: what is built end to end, from which bases, and how the result proves itself.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::answer::Answer;
use crate::bases;
use crate::failure::{Context as _, Failure, Outcome};
use crate::workspace;

/// An image name in a Dockerfile and the base that stands for it.
pub(super) type Images = Vec<(String, String)>;

/// One Dockerfile that is built end to end.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) when: When,
    pub(super) source: Source,
    /// Programs, or `conformance` for the folder of that name.
    pub(super) needs: Vec<String>,
    pub(super) first: Option<First>,
    pub(super) parent: Option<Parent>,
    pub(super) target: Option<String>,
    pub(super) args: Vec<(String, String)>,
    pub(super) images: Images,
    pub(super) answer: Answer,
    /// Why buildah cannot build it, if so.
    pub(super) not_for_buildah: Option<String>,
    /// Whether its steps leave no clock and no random data.
    pub(super) reproducible: bool,
}

/// In which runs a case takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// In continuous integration too.
    Always,
    Full,
}

/// Where a context comes from.
pub(super) enum Source {
    /// A folder of the repository.
    Folder(PathBuf),
    /// A script that lays it into the folder given to it.
    Script(PathBuf),
}

/// A build into the context itself, before the one in question.
pub(super) struct First {
    pub(super) dockerfile: String,
    pub(super) images: Images,
}

/// An image that the case starts from.
pub(super) struct Parent {
    pub(super) name: String,
    pub(super) context: PathBuf,
    pub(super) images: Images,
}

/// Reads every case, in the order of the file.
///
/// # Errors
/// The file cannot be read, or says something that no case has.
pub(super) fn read() -> Outcome<Vec<Case>> {
    let folder = workspace::root().join(bases::FOLDER);
    let text = std::fs::read_to_string(folder.join("cases.json")).context(|| "cannot read cases.json".to_owned())?;
    parse(&text, &folder)
}

fn parse(text: &str, folder: &Path) -> Outcome<Vec<Case>> {
    let value: Value = serde_json::from_str(text).context(|| "cases.json is not JSON".to_owned())?;
    value.as_array().context(|| "cases.json is not a list".to_owned())?.iter().map(|case| one(case, folder)).collect()
}

fn one(case: &Value, folder: &Path) -> Outcome<Case> {
    let name = text(case, "name")?;
    let first = match &case["first"] {
        Value::Null => None,
        first => Some(First { dockerfile: text(first, "dockerfile")?, images: pairs(&first["images"])? }),
    };
    let parent = match &case["parent"] {
        Value::Null => None,
        parent => Some(Parent {
            name: text(parent, "name")?,
            context: folder.join(text(parent, "context")?),
            images: pairs(&parent["images"])?,
        }),
    };
    Ok(Case {
        when: when(case)?,
        source: source(case, &name, folder),
        needs: case["needs"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
        first,
        parent,
        target: case["target"].as_str().map(str::to_owned),
        args: pairs(&case["args"])?,
        images: pairs(&case["images"])?,
        answer: Answer::parse(&case["answer"])?,
        not_for_buildah: Some(text(case, "buildah")?).filter(|why| why != "same"),
        reproducible: case["reproducible"].as_bool().unwrap_or(false),
        name,
    })
}

fn when(case: &Value) -> Outcome<When> {
    match case["when"].as_str() {
        Some("always") => Ok(When::Always),
        Some("full") => Ok(When::Full),
        other => {
            Err(Failure::new(format!("a case takes part `always` or in a `full` run, not `{}`", other.unwrap_or(""))))
        }
    }
}

fn source(case: &Value, name: &str, folder: &Path) -> Source {
    match case["fetch"].as_str() {
        Some(script) => Source::Script(folder.join(script)),
        None => Source::Folder(folder.join(case["context"].as_str().unwrap_or(name))),
    }
}

/// Returns the text of a key that must be there.
pub(super) fn text(value: &Value, key: &str) -> Outcome<String> {
    value[key].as_str().map(str::to_owned).context(|| format!("cases.json: `{key}` is missing"))
}

fn pairs(value: &Value) -> Outcome<Vec<(String, String)>> {
    let Some(object) = value.as_object() else { return Ok(Vec::new()) };
    let pair = |(key, value): (&String, &Value)| {
        let value = value.as_str().context(|| format!("cases.json: `{key}` is no text"))?;
        Ok((key.clone(), value.to_owned()))
    };
    object.iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_cases_are_whole() {
        let cases = read().unwrap();
        assert!(cases.len() >= 11);
        for case in cases {
            let (Source::Folder(path) | Source::Script(path)) = &case.source;
            assert!(path.exists(), "{}: {} is missing", case.name, path.display());
        }
    }

    #[test]
    fn a_case_without_an_answer_is_refused() {
        let text = r#"[{"name": "a", "when": "always", "buildah": "same"}]"#;
        assert!(parse(text, Path::new("")).is_err());
    }
}
