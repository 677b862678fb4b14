//! COPY and ADD.

use containr_dockerfile::expand::{Dialect, expand};
use containr_dockerfile::syntax::{self, Heredoc, Source};
use containr_dockerfile::{Span, Spanned};
use containr_graph::{Copy, CopyKeyed, CopyKind, CopySource, InlineFile, Op, Tree, Unpack};

use super::defaults::values;
use super::{Builder, invalid, unsupported};
use crate::onbuild::Todo;
use crate::scope::{Place, undefined};
use crate::{Code, Diagnostic, path, state};

/// What begins the name of a file that is somewhere else.
const REMOTE: [&str; 5] = ["http://", "https://", "git://", "git@", "ssh://"];

/// What COPY and ADD have in common.
struct Transfer<'i> {
    sources: &'i [Source],
    destination: &'i Spanned<String>,
    chown: Option<&'i Spanned<String>>,
    chmod: Option<&'i Spanned<String>>,
    excludes: &'i [Spanned<String>],
}

impl Builder<'_, '_> {
    /// Adds a COPY.
    pub(super) fn copy(&mut self, todo: &Todo<'_>, copy: &syntax::Copy) -> Result<(), Diagnostic> {
        let place = match &copy.from {
            Some(from) => Some(self.site.stages.copy_source(self.site.scope, self.site.index, todo, from)?),
            None => None,
        };
        let transfer = Transfer {
            sources: &copy.sources,
            destination: &copy.destination,
            chown: copy.chown.as_ref(),
            chmod: copy.chmod.as_ref(),
            excludes: &copy.excludes,
        };
        let mut keyed = self.keyed(todo, &transfer)?;
        if let Some(span) = remote(&copy.sources, &keyed.sources) {
            return Err(invalid(span, "source of COPY cannot be a URL; use ADD"));
        }
        // A directory that is named with `--build-context` has no owners worth keeping, as the context.
        keyed.kind = match place {
            None | Some(Place::Directory(_)) => CopyKind::CopyContext,
            Some(_) => CopyKind::CopyFrom,
        };
        keyed.parents = copy.parents;
        // With --chmod BuildKit makes no layer of its own: the rules of a plain COPY hold.
        keyed.link = copy.link && keyed.chmod.is_none();
        let from = place.map(|place| state::tree(&place, self.site.scope, &mut self.output.graph, self.site.states));
        self.transfer(todo, "COPY", from, keyed)
    }

    /// Adds an ADD.
    pub(super) fn add(&mut self, todo: &Todo<'_>, add: &syntax::Add) -> Result<(), Diagnostic> {
        let transfer = Transfer {
            sources: &add.sources,
            destination: &add.destination,
            chown: add.chown.as_ref(),
            chmod: add.chmod.as_ref(),
            excludes: &add.excludes,
        };
        let mut keyed = self.keyed(todo, &transfer)?;
        if let Some(checksum) = &add.checksum {
            self.expand(todo, checksum)?;
            let message = match keyed.sources.len() {
                1 => "checksum requires an HTTP or git source",
                _ => "checksum cannot be given for several sources",
            };
            if remote(&add.sources, &keyed.sources).is_none() || keyed.sources.len() != 1 {
                return Err(invalid(checksum.span, message));
            }
        }
        if let Some(span) = remote(&add.sources, &keyed.sources) {
            return Err(unsupported(span, "ADD of a remote source"));
        }
        keyed.kind = CopyKind::Add;
        keyed.link = add.link && keyed.chmod.is_none();
        keyed.unpack = match add.unpack {
            None => Unpack::Auto,
            Some(true) => Unpack::Always,
            Some(false) => Unpack::Never,
        };
        self.transfer(todo, "ADD", None, keyed)
    }

    /// Expands what both have in common.
    fn keyed(&mut self, todo: &Todo<'_>, transfer: &Transfer<'_>) -> Result<CopyKeyed, Diagnostic> {
        let chown = self.flag(todo, transfer.chown)?;
        let chmod = self.flag(todo, transfer.chmod)?;
        if let (Some(mode), Some(written)) = (&chmod, transfer.chmod) {
            check_mode(mode, written.span)?;
        }
        let mut sources = Vec::with_capacity(transfer.sources.len());
        for source in transfer.sources {
            sources.push(match source {
                Source::Path(path) => CopySource::Path(self.expand(todo, path)?),
                Source::Heredoc(heredoc) => CopySource::Inline(self.inline(todo, heredoc)?),
            });
        }
        Ok(CopyKeyed {
            kind: CopyKind::CopyContext,
            sources,
            destination: self.expand(todo, transfer.destination)?,
            chown,
            chmod,
            link: false,
            parents: false,
            excludes: values(transfer.excludes),
            unpack: Unpack::Auto,
        })
    }

    fn flag(&mut self, todo: &Todo<'_>, word: Option<&Spanned<String>>) -> Result<Option<String>, Diagnostic> {
        let value = word.map(|word| self.expand(todo, word)).transpose()?;
        Ok(value.filter(|value| !value.is_empty()))
    }

    /// Returns a heredoc as a file, its variables filled in unless its word is quoted.
    fn inline(&mut self, todo: &Todo<'_>, heredoc: &Heredoc) -> Result<InlineFile, Diagnostic> {
        let mut text = heredoc.text().into_owned();
        if heredoc.expand {
            let span = heredoc.name.span;
            let expanded = expand(&text, Dialect::heredoc(), &self.state.variables).map_err(|error| {
                Diagnostic::error(span, Code::Expansion, format!("cannot expand the heredoc: {error}"))
            })?;
            let place = todo.place(span);
            self.output.diagnostics.extend(undefined(
                place,
                &expanded.unset,
                &self.state.arguments,
                &self.state.variables,
            ));
            text = expanded.text;
        }
        Ok(InlineFile { name: heredoc.name.value.clone(), content: text.into_bytes(), mode: 0o644 })
    }

    /// Adds the step and its line of history.
    fn transfer(
        &mut self,
        todo: &Todo<'_>,
        keyword: &str,
        from: Option<Tree>,
        mut keyed: CopyKeyed,
    ) -> Result<(), Diagnostic> {
        let line = history_line(keyword, &keyed);
        keyed.destination = path::destination(self.state.workdir(), &keyed.destination);
        // BuildKit copies heredocs after the files, wherever they stand.
        keyed.sources.sort_by_key(|source| matches!(source, CopySource::Inline(_)));
        let needs_tree = keyed.sources.iter().any(|source| matches!(source, CopySource::Path(_)));
        let from = match from {
            Some(tree) => tree,
            None if needs_tree => state::local("context", self.site.scope, &mut self.output.graph),
            None => Tree::Scratch,
        };
        let name = self.numbering.instruction(todo, &todo.instruction.original, &self.state.variables);
        let step = self.push(todo, Op::Copy(Copy { from, keyed }), name);
        self.state.log(line, Some(step));
        Ok(())
    }
}

/// Returns `COPY FLAGS SOURCES DESTINATION # buildkit`, with the flags that BuildKit keeps.
fn history_line(keyword: &str, keyed: &CopyKeyed) -> String {
    let mut line = keyword.to_owned();
    if keyed.parents {
        line.push_str(" --parents");
    }
    for (flag, value) in [("chown", &keyed.chown), ("chmod", &keyed.chmod)] {
        if let Some(value) = value {
            line.push_str(&format!(" --{flag}={value}"));
        }
    }
    for source in &keyed.sources {
        if let CopySource::Path(path) = source {
            line.push_str(&format!(" {path}"));
        }
    }
    for source in &keyed.sources {
        if let CopySource::Inline(file) = source {
            line.push_str(&format!(" <<{}", file.name));
        }
    }
    format!("{line} {} # buildkit", keyed.destination)
}

/// Returns the place of the first source that is no file of a tree.
fn remote(written: &[Source], expanded: &[CopySource]) -> Option<Span> {
    written.iter().zip(expanded).find_map(|pair| match pair {
        (Source::Path(word), CopySource::Path(path)) if REMOTE.iter().any(|start| path.starts_with(start)) => {
            Some(word.span)
        }
        _ => None,
    })
}

/// Checks the value of `--chmod`: octal up to 7777, or clauses such as `u=rwX,go=rX`.
fn check_mode(mode: &str, span: Span) -> Result<(), Diagnostic> {
    let numeric = mode.bytes().all(|byte| byte.is_ascii_digit());
    let octal = u32::from_str_radix(mode, 8).is_ok_and(|bits| bits <= 0o7777);
    if (numeric && octal) || (!numeric && mode.split(',').all(is_clause)) {
        return Ok(());
    }
    Err(invalid(span, format!("invalid mode `{mode}`: neither octal up to 7777 nor symbolic like `u=rwX,go=rX`")))
}

fn is_clause(clause: &str) -> bool {
    let operations = clause.trim_start_matches(['u', 'g', 'o', 'a']);
    operations.starts_with(['+', '-', '=']) && operations.bytes().all(|byte| b"+-=rwxXstugo".contains(&byte))
}
