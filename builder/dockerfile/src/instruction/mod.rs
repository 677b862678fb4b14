//! The second layer of an instruction: from words by form to the typed syntax, with every error told.

mod copy;
mod from;
mod health;
mod run;

use crate::diagnostic::{Code, Diagnostics};
use crate::flags::{self, Known};
use crate::keyword::Keyword;
use crate::logical::Logical;
use crate::span::{Span, Spanned};
use crate::statement::{Args, PairWord, Statement};
use crate::suggest::nearest;
use crate::syntax::{ArgDeclaration, Command, Flag, Heredoc, Instruction, Kind, Onbuild, Pair};
use crate::words::{FlagWord, Word};

/// Turns one statement into an instruction.
pub(crate) struct Lowering<'a> {
    pub(crate) logical: &'a Logical,
    pub(crate) diagnostics: &'a mut Diagnostics,
    pub(crate) heredocs: Vec<Heredoc>,
    pub(crate) comments: Vec<Spanned<String>>,
    /// The whole instruction with its heredocs.
    pub(crate) span: Span,
}

impl Lowering<'_> {
    /// Returns the instruction of a statement; its kind is unknown exactly when an error was told.
    pub(crate) fn instruction(mut self, statement: &Statement<'_>) -> Instruction {
        let mark = self.diagnostics.mark();
        let flags: Vec<Flag> = statement.flags.iter().map(|flag| self.flag(flag)).collect();
        let comments = std::mem::take(&mut self.comments);
        let kind = self.kind(statement, &flags, &comments);
        let kind = kind.filter(|_| !self.diagnostics.errors_since(mark)).unwrap_or(Kind::Unknown);
        Instruction {
            span: self.span,
            keyword: self.word(&statement.keyword),
            flags,
            original: statement.text.trim().to_owned(),
            comments,
            kind,
        }
    }

    fn kind(&mut self, statement: &Statement<'_>, flags: &[Flag], comments: &[Spanned<String>]) -> Option<Kind> {
        let Some(keyword) = statement.name else {
            self.unknown(statement);
            return None;
        };
        self.check_flags(keyword, statement, flags);
        if let Args::Faulty(_, faults) = &statement.args {
            for fault in faults {
                let span = self.logical.span(fault.start, fault.end);
                self.diagnostics.error(span, fault.code, fault.message.as_str());
            }
            return None;
        }
        match keyword {
            Keyword::From => self.from(statement, flags).map(Kind::From),
            Keyword::Run => self.run(statement, flags).map(Kind::Run),
            Keyword::Copy => self.copy(statement, flags).map(Kind::Copy),
            Keyword::Add => self.add(statement, flags).map(Kind::Add),
            Keyword::Env => self.pairs(keyword, statement).map(Kind::Env),
            Keyword::Label => self.pairs(keyword, statement).map(Kind::Label),
            Keyword::Arg => self.arg(statement, comments).map(Kind::Arg),
            Keyword::Cmd => Some(Kind::Cmd(self.command(&statement.args, statement))),
            Keyword::Entrypoint => Some(Kind::Entrypoint(self.command(&statement.args, statement))),
            Keyword::Shell => self.shell(statement).map(Kind::Shell),
            Keyword::Workdir => self.one(keyword, statement).map(Kind::Workdir),
            Keyword::User => self.one(keyword, statement).map(Kind::User),
            Keyword::StopSignal => self.one(keyword, statement).map(Kind::StopSignal),
            Keyword::Maintainer => self.one(keyword, statement).map(Kind::Maintainer),
            Keyword::Expose => self.several(keyword, statement).map(Kind::Expose),
            Keyword::Volume => self.volume(statement).map(Kind::Volume),
            Keyword::Healthcheck => self.healthcheck(statement, flags).map(Kind::Healthcheck),
            Keyword::Onbuild => self.onbuild(statement).map(Kind::Onbuild),
        }
    }

    fn unknown(&mut self, statement: &Statement<'_>) {
        let word = &statement.keyword.text;
        let suggestion = nearest(&word.to_uppercase(), Keyword::NAMES.iter().copied())
            .map(|name| if word.chars().any(char::is_lowercase) { name.to_lowercase() } else { name.to_owned() });
        let span = self.span_of(&statement.keyword);
        self.diagnostics.misspelt(span, Code::UnknownInstruction, format!("unknown instruction `{word}`"), suggestion);
    }

    fn check_flags(&mut self, keyword: Keyword, statement: &Statement<'_>, flags: &[Flag]) {
        let known: Known = match keyword {
            Keyword::From => from::FLAGS,
            Keyword::Run => run::FLAGS,
            Keyword::Copy => copy::COPY_FLAGS,
            Keyword::Add => copy::ADD_FLAGS,
            Keyword::Healthcheck if !health::is_none(&statement.args) => health::FLAGS,
            Keyword::Healthcheck | Keyword::Arg | Keyword::StopSignal => {
                for flag in flags {
                    let message = format!("{} takes no flags; `--{}` is ignored", keyword.name(), flag.name.value);
                    self.diagnostics.warning(flag.span, Code::UnknownFlag, message);
                }
                return;
            }
            _ => &[],
        };
        flags::check(flags, known, keyword.name(), self.diagnostics);
    }

    fn flag(&self, flag: &FlagWord) -> Flag {
        let (name, value) = match flag.text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (flag.text.as_str(), None),
        };
        let value_at = flag.value.unwrap_or(flag.end);
        let name_end = if value.is_some() { value_at - 1 } else { value_at };
        let span = self.logical.span(flag.start, flag.end);
        let name_span = Span::new(span.start + 2, self.logical.span(flag.start, name_end).end);
        Flag {
            span,
            name: Spanned::new(name[2..].to_owned(), name_span),
            value: value.map(|text| Spanned::new(text.to_owned(), self.logical.span(value_at, flag.end))),
        }
    }

    fn pairs(&mut self, keyword: Keyword, statement: &Statement<'_>) -> Option<Vec<Pair>> {
        let Args::Pairs(pairs) = &statement.args else {
            self.missing(statement, format!("{} needs at least one name with a value", keyword.name()));
            return None;
        };
        for PairWord { name, value, .. } in pairs {
            if name.text.is_empty() {
                let span = self.logical.span(name.start, value.end);
                let message = format!("a name in {} is empty", keyword.name());
                self.diagnostics.error(span, Code::InvalidPair, message);
            }
        }
        let typed = pairs.iter().map(|pair| Pair {
            name: self.word(&pair.name),
            value: self.word(&pair.value),
            delimiter: pair.delimiter,
        });
        Some(typed.collect())
    }

    fn arg(&mut self, statement: &Statement<'_>, comments: &[Spanned<String>]) -> Option<Vec<ArgDeclaration>> {
        let Args::Words(words) = &statement.args else {
            self.missing(statement, "ARG needs at least one name".to_owned());
            return None;
        };
        let mut declarations = Vec::with_capacity(words.len());
        for word in words {
            let (name, default) = match word.parted() {
                Some((name, value)) => (name, Some(value)),
                None => (word.clone(), None),
            };
            if name.text.is_empty() {
                let span = self.span_of(word);
                self.diagnostics.error(span, Code::InvalidPair, "a name in ARG is empty");
            }
            declarations.push(ArgDeclaration {
                description: description(comments, &name.text),
                name: self.word(&name),
                default: default.map(|value| self.word(&value)),
            });
        }
        Some(declarations)
    }

    fn shell(&mut self, statement: &Statement<'_>) -> Option<Vec<Spanned<String>>> {
        match &statement.args {
            Args::Json(words, _) if !words.is_empty() => Some(words.iter().map(|word| self.word(word)).collect()),
            Args::Text(word) => {
                let span = self.span_of(word);
                self.diagnostics.error(span, Code::JsonRequired, "SHELL takes a JSON array of strings");
                None
            }
            _ => {
                self.missing(statement, "SHELL needs at least one word".to_owned());
                None
            }
        }
    }

    fn one(&mut self, keyword: Keyword, statement: &Statement<'_>) -> Option<Spanned<String>> {
        if let Args::Text(word) = &statement.args {
            return Some(self.word(word));
        }
        self.missing(statement, format!("{} needs an argument", keyword.name()));
        None
    }

    fn several(&mut self, keyword: Keyword, statement: &Statement<'_>) -> Option<Vec<Spanned<String>>> {
        match &statement.args {
            Args::Words(words) | Args::Json(words, _) if !words.is_empty() => {
                Some(words.iter().map(|word| self.word(word)).collect())
            }
            _ => {
                self.missing(statement, format!("{} needs at least one argument", keyword.name()));
                None
            }
        }
    }

    fn volume(&mut self, statement: &Statement<'_>) -> Option<Vec<Spanned<String>>> {
        let mut volumes = self.several(Keyword::Volume, statement)?;
        for volume in &mut volumes {
            volume.value = volume.value.trim().to_owned();
            if volume.value.is_empty() {
                self.diagnostics.error(volume.span, Code::EmptyArgument, "a path in VOLUME is empty");
            }
        }
        Some(volumes)
    }

    fn onbuild(&mut self, statement: &Statement<'_>) -> Option<Onbuild> {
        let Args::Nested(inner) = &statement.args else {
            self.missing(statement, "ONBUILD needs an instruction".to_owned());
            return None;
        };
        if let Some(name @ (Keyword::Onbuild | Keyword::From | Keyword::Maintainer)) = inner.name {
            let span = self.span_of(&inner.keyword);
            self.diagnostics.error(span, Code::InvalidTrigger, format!("{} may not be a trigger", name.name()));
            return None;
        }
        let expression = crate::syntax::with_bodies(statement.trigger(), &self.heredocs);
        let faulty = matches!(inner.args, Args::Faulty(..));
        let mark = self.diagnostics.mark();
        let start = self.logical.span(inner.start, inner.end).start;
        let trigger = Lowering {
            logical: self.logical,
            diagnostics: self.diagnostics,
            heredocs: std::mem::take(&mut self.heredocs),
            comments: Vec::new(),
            span: Span::new(start, self.span.end),
        }
        .instruction(inner);
        if !faulty {
            self.diagnostics.soften_since(mark);
        }
        Some(Onbuild { trigger: Box::new(trigger), expression })
    }

    /// Returns a command; no argument at all is an empty text for the shell.
    fn command(&self, args: &Args<'_>, statement: &Statement<'_>) -> Command {
        match args {
            Args::Json(words, _) => Command::Exec(words.iter().map(|word| self.word(word)).collect()),
            Args::Text(word) => Command::Shell(self.word(word)),
            _ => Command::Shell(Spanned::new(String::new(), self.logical.span(statement.end, statement.end))),
        }
    }

    /// Tells that an argument is missing, at the keyword.
    fn missing(&mut self, statement: &Statement<'_>, message: String) {
        let span = self.span_of(&statement.keyword);
        self.diagnostics.error(span, Code::MissingArgument, message);
    }

    fn word(&self, word: &Word<'_>) -> Spanned<String> {
        Spanned::new(word.text.clone().into_owned(), self.span_of(word))
    }

    fn span_of(&self, word: &Word<'_>) -> Span {
        self.logical.span(word.start, word.end)
    }
}

/// Returns the text after `name` in the first comment that begins with it.
pub(crate) fn description(comments: &[Spanned<String>], name: &str) -> Option<String> {
    let texts = comments.iter().filter(|_| !name.is_empty());
    texts.filter_map(|comment| comment.value.strip_prefix(name)?.strip_prefix(' ')).next().map(str::to_owned)
}
