//! Comments that silence rules, in the ways of every peer and in our own.
//!
//! | comment | silences | where |
//! |---|---|---|
//! | `# containr ignore=RULE,RULE reason` | any name of a rule | the instruction below; `global ignore=` the file |
//! | `# hadolint ignore=DL3000` | hadolint's names | the instruction below; `stage ignore=`, `global ignore=` |
//! | `# check=skip=RULE` | BuildKit's names, or `all` | the file at its top, else the instruction below |
//! | `# checkov:skip=CKV_DOCKER_1:reason` | checkov's names | the file |
//! | `# trivy:ignore:DS-0001` | Trivy's names | the instruction below; the file before the first FROM |
//! | `# nosemgrep: id` | semgrep's names, or all | the instruction below, or its own line |

use std::collections::BTreeMap;

use containr_dockerfile::syntax::{Check, Rules};
use containr_dockerfile::{Parsed, SyntaxKind, comment_check};

use crate::config::Dialect;
use crate::diagnostic::Origin;
use crate::rule::{Peer, Rule};
use crate::shellcheck::ShellCode;

/// Are the comments of a file that silence rules.
#[derive(Debug, Default)]
pub(crate) struct Suppressions {
    file: Vec<Silence>,
    /// By the line that hadolint takes a comment to speak of.
    lines: BTreeMap<u32, Vec<Silence>>,
    /// By the first line of the instruction below a block of comments.
    blocks: BTreeMap<u32, Vec<Silence>>,
    /// By the line of each FROM and of each comment that speaks of the rest of its stage.
    stages: BTreeMap<u32, Vec<Silence>>,
}

#[derive(Clone, Debug)]
struct Silence {
    /// The tool whose names count; without one all do.
    peer: Option<Peer>,
    names: Names,
}

#[derive(Clone, Debug)]
enum Names {
    All,
    Listed(Vec<String>),
}

impl Silence {
    fn new(peer: Option<Peer>, names: &str) -> Self {
        let list = names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        Self { peer, names: Names::Listed(list.collect()) }
    }

    fn covers(&self, origin: Origin, dialect: Dialect) -> bool {
        if dialect.peer().is_some() && self.peer.is_some() && dialect.peer() != self.peer {
            return false;
        }
        match origin {
            Origin::Rule(rule) => self.covers_rule(rule),
            Origin::Shell(code) => self.covers_shell(code),
        }
    }

    fn covers_shell(&self, code: &ShellCode) -> bool {
        match (&self.names, self.peer) {
            (Names::All, peer) => peer.is_none(),
            (Names::Listed(names), None | Some(Peer::Hadolint)) => names.iter().any(|name| name == code.id),
            (Names::Listed(_), Some(_)) => false,
        }
    }

    fn covers_rule(&self, rule: &Rule) -> bool {
        match (&self.names, self.peer) {
            (Names::All, None) => true,
            (Names::All, Some(peer)) => rule.alias(peer).is_some(),
            (Names::Listed(names), Some(peer)) => {
                let mut aliases = rule.aliases.iter().filter(|alias| alias.peer == peer);
                aliases.any(|alias| names.iter().any(|name| alias.is(name)))
            }
            (Names::Listed(names), None) => names.iter().any(|name| rule.is_called(name)),
        }
    }
}

impl Suppressions {
    /// Reads the comments of a file.
    ///
    /// `checks` are the settings of the build checks in force.
    pub(crate) fn read(parsed: &Parsed, checks: Option<&Check>) -> Self {
        let mut found = Self::default();
        // One of these words stands in each comment that silences anything.
        if checks.is_none() && !["ignore", "skip", "nosem"].iter().any(|word| parsed.text().contains(word)) {
            return found;
        }
        found.file.extend(checks.map(|check| skip(&check.skip)));
        let lines = parsed.lines();
        let mut before_first = true;
        let mut pending: Vec<Silence> = Vec::new();
        for element in parsed.tree().children_with_tokens() {
            let start = u32::from(element.text_range().start());
            match element.kind() {
                SyntaxKind::Comment => {
                    let text = element.as_token().map(|token| token.text().to_owned()).unwrap_or_default();
                    found.comment(&text, lines.line(start), before_first, &mut pending);
                }
                SyntaxKind::Instruction => {
                    let line = lines.line(start);
                    found.stage_start(parsed, line, start);
                    let first = element.as_node().map(|node| first_line(parsed, node.text_range().into()));
                    pending.extend(first.and_then(|line| nosemgrep(line.rsplit_once("# ")?.1)));
                    if !pending.is_empty() {
                        found.blocks.entry(line).or_default().append(&mut pending);
                    }
                    before_first = false;
                }
                _ => {}
            }
        }
        found
    }

    fn stage_start(&mut self, parsed: &Parsed, line: u32, start: u32) {
        let stages = &parsed.syntax().stages;
        if stages.binary_search_by_key(&start, |stage| stage.from.span.start).is_ok() {
            self.stages.entry(line).or_default();
        }
    }

    fn comment(&mut self, text: &str, line: u32, at_top: bool, pending: &mut Vec<Silence>) {
        let text = text.trim_start_matches('#').trim();
        if let Some((scope, names)) = pragma(text, "hadolint") {
            self.place(scope, Silence::new(Some(Peer::Hadolint), names), line, pending);
        } else if let Some((scope, names)) = pragma(text, "containr") {
            self.place(scope, Silence::new(None, names), line, pending);
        } else if let Some(check) = comment_check(text) {
            // Of several above an instruction the first one counts.
            if !pending.iter().any(|silence| silence.peer == Some(Peer::BuildKit)) {
                pending.push(skip(&check.skip));
            }
        } else if let Some(rest) = checkov(text) {
            self.file.push(Silence::new(Some(Peer::Checkov), rest.split(':').next().unwrap_or_default()));
        } else if let Some(rest) = text.strip_prefix("trivy:ignore:") {
            // What follows a further colon is a date or a workspace; `[...]` chooses among the findings of Trivy itself.
            let words = rest.split_whitespace().map(|word| word.trim_start_matches("trivy:ignore:"));
            let names = words.map(|word| word.split([':', '[']).next().unwrap_or_default());
            let silence = Silence::new(Some(Peer::Trivy), &names.collect::<Vec<_>>().join(","));
            if at_top {
                self.file.push(silence.clone());
            }
            pending.push(silence);
        } else {
            pending.extend(nosemgrep(text));
        }
    }

    fn place(&mut self, scope: Scope, silence: Silence, line: u32, pending: &mut Vec<Silence>) {
        match scope {
            Scope::Next => {
                self.lines.entry(line + 1).or_default().push(silence.clone());
                pending.push(silence);
            }
            Scope::Stage => self.stages.entry(line + 1).or_default().push(silence),
            Scope::File => self.file.push(silence),
        }
    }

    /// Tells whether no remark is silenced.
    pub(crate) fn is_empty(&self) -> bool {
        let lists = [&self.lines, &self.blocks, &self.stages];
        self.file.is_empty() && lists.iter().all(|lists| lists.values().all(Vec::is_empty))
    }

    /// Tells whether a remark is silenced at a line, the first of an instruction.
    pub(crate) fn cover(&self, origin: Origin, line: u32, dialect: Dialect) -> bool {
        let stage = self.stages.range(..line).next_back().map(|(_, list)| list);
        // hadolint looks at the line directly above only; we look at the whole block of comments.
        let near = match dialect {
            Dialect::Hadolint => self.lines.get(&line),
            _ => self.blocks.get(&line),
        };
        let near = near.filter(|_| !(dialect == Dialect::BuildKit && is_of_file(origin)));
        let lists = [Some(&self.file), stage, near];
        lists.into_iter().flatten().flatten().any(|silence| silence.covers(origin, dialect))
    }
}

/// Tells whether BuildKit makes a check for the file as a whole, where comments above an instruction do not count.
fn is_of_file(origin: Origin) -> bool {
    const CHECKS: [&str; 6] = [
        "ConsistentInstructionCasing",
        "DuplicateStageName",
        "InvalidBaseImagePlatform",
        "InvalidDefaultArgInFrom",
        "NoEmptyContinuation",
        "ReservedStageName",
    ];
    let Origin::Rule(rule) = origin else { return false };
    rule.alias(Peer::BuildKit).is_some_and(|alias| CHECKS.iter().any(|name| alias.is(name)))
}

/// Returns what follows the words by which checkov is told to skip a check.
fn checkov(text: &str) -> Option<&str> {
    let tools = ["checkov:skip=", "bridgecrew:skip=", "cortex:skip="];
    tools.iter().find_map(|tool| text.strip_prefix(tool)).map(str::trim_start)
}

/// Reads `nosemgrep: NAMES` or `nosem`, which stands above an instruction or at the end of its line.
fn nosemgrep(text: &str) -> Option<Silence> {
    let rest = text.strip_prefix("nosemgrep").or_else(|| text.strip_prefix("nosem"))?;
    match rest.strip_prefix(':') {
        Some(names) => Some(Silence::new(Some(Peer::Semgrep), names)),
        None if rest.trim().is_empty() || rest.starts_with(' ') => {
            Some(Silence { peer: Some(Peer::Semgrep), names: Names::All })
        }
        None => None,
    }
}

/// Returns the first line of a range of the text.
fn first_line(parsed: &Parsed, range: std::ops::Range<usize>) -> &str {
    parsed.text().get(range).and_then(|text| text.lines().next()).unwrap_or_default()
}

fn skip(rules: &Rules) -> Silence {
    let names = match rules {
        Rules::All => Names::All,
        Rules::Named(names) => Names::Listed(names.clone()),
    };
    Silence { peer: Some(Peer::BuildKit), names }
}

/// Reads `# hadolint KEY=VALUE` and `# containr KEY=VALUE`, where the value is one word.
pub(crate) fn pragma_value<'a>(comment: &'a str, key: &str) -> Option<&'a str> {
    const BLANKS: [char; 2] = [' ', '\t'];
    let text = comment.strip_prefix('#')?.trim_matches(BLANKS);
    let rest = text.strip_prefix("hadolint").or_else(|| text.strip_prefix("containr"))?.strip_prefix(BLANKS)?;
    let rest = rest.trim_start_matches(BLANKS).strip_prefix(key)?.trim_start_matches(BLANKS).strip_prefix('=')?;
    let rest = rest.trim_start_matches(BLANKS);
    let (value, note) = rest.split_at(rest.find(BLANKS).unwrap_or(rest.len()));
    let is_note = note.trim_start_matches(BLANKS).is_empty() || note.trim_start_matches(BLANKS).starts_with('#');
    (!value.is_empty() && is_note).then_some(value)
}

#[derive(Clone, Copy)]
enum Scope {
    Next,
    Stage,
    File,
}

/// Reads `TOOL [global|stage] ignore=NAMES [reason]`.
fn pragma<'a>(text: &'a str, tool: &str) -> Option<(Scope, &'a str)> {
    const BLANKS: [char; 2] = [' ', '\t'];
    let rest = text.strip_prefix(tool)?.strip_prefix(BLANKS)?.trim_start_matches(BLANKS);
    let scoped = |word: &str| rest.strip_prefix(word)?.strip_prefix(BLANKS).map(|rest| rest.trim_start_matches(BLANKS));
    let (scope, rest) = match (scoped("global"), scoped("stage")) {
        (Some(rest), _) => (Scope::File, rest),
        (_, Some(rest)) => (Scope::Stage, rest),
        _ => (Scope::Next, rest),
    };
    let rest = rest.strip_prefix("ignore")?.trim_start_matches(BLANKS).strip_prefix('=')?.trim_start_matches(BLANKS);
    if tool == "hadolint" {
        return hadolint_names(rest).map(|names| (scope, names));
    }
    // Our own names end at the first blank that no comma stands before; what follows is the reason.
    let end = rest.char_indices().find(|(index, char)| BLANKS.contains(char) && !rest[..*index].ends_with(','));
    Some((scope, &rest[..end.map_or(rest.len(), |(index, _)| index)]))
}

/// Reads hadolint's list of names: letters of its codes and commas, then nothing or a comment.
fn hadolint_names(text: &str) -> Option<&str> {
    let list = text.split('#').next().unwrap_or(text).trim_end();
    let word = |name: &str| {
        let name = name.trim_matches([' ', '\t']);
        !name.is_empty() && name.chars().all(|char| "DLSC0123456789".contains(char))
    };
    (!list.is_empty() && list.split(',').all(word)).then_some(list)
}

/// Tells whether a line is a comment of hadolint's that silences rules for the next instruction.
pub(crate) fn is_inline_ignore(line: &str) -> bool {
    let Some(text) = line.strip_prefix('#') else { return false };
    matches!(pragma(text.trim(), "hadolint"), Some((Scope::Next, _)))
}
