//! The parser against BuildKit's own cases and a corpus of real files.
//!
//! The cases lie outside of the repository, in the folder that `CONTAINR_CONFORMANCE` names.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use containr_dockerfile::syntax::{Command, Escape, Healthcheck, Instruction, Kind, Source};
use containr_dockerfile::{Parsed, SyntaxKind, buildkit_ast, parse};

/// Returns a folder of cases, or says aloud that there is none.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn cases(name: &str) -> Option<PathBuf> {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance");
    let root = std::env::var_os("CONTAINR_CONFORMANCE").map_or_else(default, PathBuf::from);
    let folder = root.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CONTAINR_CONFORMANCE").is_none(), "no cases in {}", folder.display());
    eprintln!("skipped: no conformance cases in {}", folder.display());
    None
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is readable");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("the entry is readable").path()).collect();
    paths.sort();
    paths
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn assert_lossless(text: &[u8], parsed: &Parsed, name: &str) {
    assert_eq!(parsed.tree().to_string(), parsed.text(), "{name}: the tokens are the text");
    assert_eq!(parsed.bytes(parsed.span()), text, "{name}: the text is the file");
}

#[test]
fn dumps_equal_buildkits_results() {
    let Some(folder) = cases("buildkit-parser/testfiles") else { return };
    let mut count = 0;
    for case in entries(&folder) {
        let text = read(&case.join("Dockerfile"));
        let parsed = parse(&text);
        let wanted = String::from_utf8(read(&case.join("result"))).expect("results are UTF-8");
        assert_eq!(buildkit_ast(&parsed).as_ref(), Ok(&wanted), "{}", case.display());
        assert_lossless(&text, &parsed, &case.display().to_string());
        count += 1;
    }
    assert_eq!(count, 33);
}

#[test]
fn broken_files_have_errors_and_no_dump() {
    let Some(folder) = cases("buildkit-parser/testfiles-negative") else { return };
    let mut count = 0;
    for case in entries(&folder) {
        let text = read(&case.join("Dockerfile"));
        let parsed = parse(&text);
        assert!(parsed.has_errors(), "{}", case.display());
        assert!(buildkit_ast(&parsed).is_err(), "{}", case.display());
        assert_lossless(&text, &parsed, &case.display().to_string());
        count += 1;
    }
    assert_eq!(count, 4);
}

#[test]
fn instructions_know_their_lines() {
    let Some(folder) = cases("buildkit-parser/testfile-line") else { return };
    let parsed = parse(&read(&folder.join("Dockerfile")));
    let lines = |one: &Instruction| parsed.lines().lines(one.span).into_inner();
    let lines: Vec<(u32, u32)> = parsed.syntax().instructions().map(lines).collect();
    assert_eq!(lines, [(5, 5), (11, 12), (17, 31)]);
}

/// Is an instruction as the corpus lists it: keyword, first and last line, flags, arguments, whether JSON, heredocs.
#[derive(Debug, PartialEq, serde::Deserialize)]
struct Row(String, u32, u32, usize, usize, u8, Vec<String>);

#[derive(serde::Deserialize)]
struct File {
    escape: String,
    instructions: Vec<Row>,
}

#[derive(serde::Deserialize)]
struct Corpus {
    results: BTreeMap<String, File>,
}

#[test]
fn real_files_have_the_instructions_that_buildkit_sees() {
    let Some(folder) = cases("corpus") else { return };
    let corpus: Corpus = serde_json::from_slice(&read(&folder.join("buildkit-ast.json"))).expect("the list is JSON");
    let (mut count, mut refused) = (0, 0);
    for path in entries(&folder.join("dockerfiles")) {
        let name = path.file_name().expect("the file has a name").to_string_lossy().into_owned();
        let text = read(&path);
        let parsed = parse(&text);
        assert_lossless(&text, &parsed, &name);
        let file = &corpus.results[&name];
        assert_eq!(parsed.escape() == Escape::Backtick, file.escape == "`", "{name}");
        let instructions: Vec<&Instruction> = parsed.syntax().instructions().collect();
        assert_eq!(instructions.len(), file.instructions.len(), "{name}");
        for (instruction, wanted) in instructions.into_iter().zip(&file.instructions) {
            // The list is made by BuildKit's parser alone; its later layer refuses a few instructions, as ours does.
            refused += usize::from(instruction.kind == Kind::Unknown);
            assert_eq!(&row(&parsed, instruction, wanted), wanted, "{name}");
        }
        count += 1;
    }
    assert_eq!((count, refused), (251, 11));
}

/// Returns what was read, with the arguments of `wanted` where the instruction has no meaning.
fn row(parsed: &Parsed, instruction: &Instruction, wanted: &Row) -> Row {
    let (first, last) = parsed.lines().lines(instruction.span).into_inner();
    let (args, heredocs) = shape(&instruction.kind).unwrap_or((wanted.4, wanted.6.clone()));
    let keyword = instruction.keyword.value.clone();
    let json = u8::from(has_json_array(parsed, instruction));
    Row(keyword, first, last, instruction.flags.len(), args, json, heredocs)
}

/// Looks the form of the arguments up in the tree.
fn has_json_array(parsed: &Parsed, instruction: &Instruction) -> bool {
    let span = instruction.span;
    let nodes = parsed.tree().children().find(|node| {
        let range = node.text_range();
        u32::from(range.start()) == span.start && u32::from(range.end()) == span.end
    });
    let node = nodes.expect("each instruction has the node of its span");
    node.children().any(|child| child.kind() == SyntaxKind::JsonArray)
}

/// Returns the number of arguments as BuildKit counts them, and the names of the heredocs.
fn shape(kind: &Kind) -> Option<(usize, Vec<String>)> {
    let count = match kind {
        Kind::From(from) if from.name.is_some() => 3,
        Kind::Run(run) => {
            let names = run.heredocs.iter().map(|one| one.name.value.clone());
            return Some((words(&run.command), names.collect()));
        }
        Kind::Copy(copy) => return Some((copy.sources.len() + 1, names(&copy.sources))),
        Kind::Add(add) => return Some((add.sources.len() + 1, names(&add.sources))),
        Kind::Env(pairs) | Kind::Label(pairs) => 3 * pairs.len(),
        Kind::Arg(declarations) => declarations.len(),
        Kind::Cmd(one) | Kind::Entrypoint(one) => words(one),
        Kind::Shell(words) | Kind::Expose(words) | Kind::Volume(words) => words.len(),
        Kind::Healthcheck(Healthcheck::Probe(probe)) => words(&probe.command) + 1,
        Kind::Unknown => return None,
        _ => 1,
    };
    Some((count, Vec::new()))
}

fn names(sources: &[Source]) -> Vec<String> {
    let heredocs = sources.iter().filter_map(|source| match source {
        Source::Heredoc(heredoc) => Some(heredoc.name.value.clone()),
        Source::Path(_) => None,
    });
    heredocs.collect()
}

fn words(command: &Command) -> usize {
    match command {
        Command::Shell(_) => 1,
        Command::Exec(words) => words.len(),
    }
}
