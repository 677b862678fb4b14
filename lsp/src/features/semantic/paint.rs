//! Goes over the tokens of the tree in order and says what each is.

use std::collections::BTreeMap;

use containr_dockerfile::syntax::{Command, Healthcheck, Heredoc, Instruction, Kind};
use containr_dockerfile::{Span, SyntaxKind};

use super::{Nuance, Paint};
use crate::documents::Document;
use crate::model::{ReferenceKind, UseSite};
use crate::shell::{Shade, Shell};
use crate::symbol::heredocs;
use crate::tokens::Token;

/// Receives the stretches in the order of the text.
pub(super) type Emit<'e> = &'e mut dyn FnMut(Span, Paint, Nuance);

pub(super) struct Painter<'a> {
    document: &'a Document,
    instructions: Vec<&'a Instruction>,
    /// The programs of SHELL instructions with the ends of those, by stage.
    shells: BTreeMap<usize, Vec<(u32, &'a str)>>,
    /// The next use of a variable that has not been shown.
    next_use: usize,
}

impl<'a> Painter<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        let syntax = document.parsed().syntax();
        let mut shells: BTreeMap<usize, Vec<(u32, &str)>> = BTreeMap::new();
        for (index, stage) in syntax.stages.iter().enumerate() {
            for instruction in &stage.instructions {
                if let Kind::Shell(words) = &instruction.kind
                    && let Some(program) = words.first()
                {
                    shells.entry(index).or_default().push((instruction.span.end, &program.value));
                }
            }
        }
        Self { document, instructions: syntax.instructions().collect(), shells, next_use: 0 }
    }

    /// Hands out what the tokens at `span` are, from the start of the instruction in which it begins.
    pub(super) fn paint(&mut self, span: Span, emit: Emit<'_>) {
        let tokens = self.document.tokens();
        let mut at = tokens.partition_point(|token| token.span.end <= span.start);
        while let Some(token) = tokens.get(at).filter(|token| token.span.start < span.end) {
            let Some(number) = token.instruction else {
                self.outside(*token, emit);
                at += 1;
                continue;
            };
            // Comments inside of an instruction are its own; what is no one's stands before it.
            let first = tokens[..at].partition_point(|one| one.instruction.is_none_or(|other| other < number));
            let last = at + tokens[at..].iter().take_while(|one| one.instruction == Some(number)).count();
            if let Some(instruction) = self.instructions.get(number as usize).copied() {
                self.instruction(instruction, &tokens[first..last], emit);
            }
            at = last;
        }
    }

    fn outside(&self, token: Token, emit: Emit<'_>) {
        match token.kind {
            SyntaxKind::Comment => emit(token.span, Paint::Comment, Nuance::None),
            SyntaxKind::Directive => emit(token.span, Paint::Macro, Nuance::None),
            _ => {}
        }
    }

    fn instruction(&mut self, instruction: &'a Instruction, tokens: &[Token], emit: Emit<'_>) {
        let uses = &self.document.model().uses;
        self.next_use = uses.partition_point(|one| one.whole.start < instruction.span.start);
        let inner = innermost(instruction);
        let mut shell = self.shell_of(inner).then(Shell::new);
        let mut bodies = heredocs(instruction).into_iter();
        for token in tokens {
            match token.kind {
                SyntaxKind::Text if shell.is_some() => {
                    let shell = shell.as_mut().expect("the guard says that there is one");
                    self.shell(shell, token.span, emit);
                }
                SyntaxKind::HeredocBody => {
                    let heredoc = bodies.find(|one| one.content.span == token.span);
                    self.body(inner, heredoc, token.span, emit);
                }
                _ => self.token(inner, *token, emit),
            }
        }
    }

    fn token(&mut self, instruction: &Instruction, token: Token, emit: Emit<'_>) {
        let plain = |paint| (paint, Nuance::None);
        let (paint, nuance) = match token.kind {
            SyntaxKind::Keyword if matches!(instruction.kind, Kind::Maintainer(_)) => {
                (Paint::Keyword, Nuance::Deprecated)
            }
            SyntaxKind::Keyword => plain(Paint::Keyword),
            SyntaxKind::Comment => plain(Paint::Comment),
            SyntaxKind::Equals | SyntaxKind::FlagsEnd => plain(Paint::Operator),
            SyntaxKind::Continuation => {
                // The blanks and the line break after the character are not shown.
                return emit(Span::new(token.span.start, token.span.start + 1), Paint::Operator, Nuance::None);
            }
            SyntaxKind::HeredocEnd => plain(Paint::Macro),
            SyntaxKind::Flag => return self.flag(token.span, emit),
            SyntaxKind::Name => match instruction.kind {
                Kind::Env(_) => (Paint::Variable, Nuance::Declaration),
                _ => plain(Paint::Property),
            },
            SyntaxKind::Word | SyntaxKind::Text => return self.word(instruction, token.span, emit),
            SyntaxKind::Value | SyntaxKind::String => plain(Paint::String),
            _ => return,
        };
        self.with_uses(token.span, paint, nuance, emit);
    }

    fn flag(&mut self, span: Span, emit: Emit<'_>) {
        let text = self.document.slice(span);
        let equals = text.find('=').map_or(span.end, |index| span.start + index as u32);
        emit(Span::new(span.start, equals), Paint::Parameter, Nuance::None);
        if equals < span.end {
            emit(Span::new(equals, equals + 1), Paint::Operator, Nuance::None);
            let value = Span::new(equals + 1, span.end);
            let model = self.document.model();
            let first = model.references.partition_point(|one| one.name.span.start < value.start);
            let stage = model.references[first..].iter().take_while(|one| one.name.span.end <= value.end);
            let stage = stage.filter(|one| one.target.is_some()).map(|one| one.name.span).next();
            let name = stage.unwrap_or(Span::new(value.end, value.end));
            self.with_uses(Span::new(value.start, name.start), Paint::String, Nuance::None, emit);
            emit(name, Paint::Namespace, Nuance::None);
            self.with_uses(Span::new(name.end, value.end), Paint::String, Nuance::None, emit);
        }
    }

    /// Shows a word by the instruction in which it stands.
    fn word(&mut self, instruction: &Instruction, span: Span, emit: Emit<'_>) {
        let text = self.document.slice(span);
        let paint = match &instruction.kind {
            Kind::From(from) if from.name.as_ref().is_some_and(|name| name.span == span) => {
                return emit(span, Paint::Namespace, Nuance::Declaration);
            }
            Kind::From(from) if from.base.span == span => self.base(span),
            Kind::From(_) | Kind::Healthcheck(_) => Paint::Keyword,
            Kind::Arg(arguments) => {
                let name = arguments.iter().map(|one| one.name.span).find(|name| name.start == span.start);
                let name = name.filter(|name| name.end <= span.end).unwrap_or(Span::new(span.start, span.start));
                emit(name, Paint::Variable, Nuance::Declaration);
                let equals = Span::new(name.end, span.end.min(name.end + 1));
                emit(equals, Paint::Operator, Nuance::None);
                return self.with_uses(Span::new(equals.end, span.end), Paint::String, Nuance::None, emit);
            }
            Kind::Expose(_) => Paint::Number,
            Kind::StopSignal(_) => Paint::EnumMember,
            Kind::Copy(_) | Kind::Add(_) if text.starts_with("<<") => Paint::Macro,
            Kind::Unknown => return,
            _ => Paint::String,
        };
        self.with_uses(span, paint, Nuance::None, emit);
    }

    fn base(&self, span: Span) -> Paint {
        let references = &self.document.model().references;
        let index = references.partition_point(|one| one.name.span.start < span.start);
        let found = references.get(index).filter(|one| one.name.span == span && one.kind == ReferenceKind::Base);
        if found.is_some_and(|one| one.target.is_some()) { Paint::Namespace } else { Paint::Type }
    }

    /// Shows a stretch with the builder's variables in it.
    fn with_uses(&mut self, span: Span, paint: Paint, nuance: Nuance, emit: Emit<'_>) {
        let uses = &self.document.model().uses;
        let mut at = span.start;
        while let Some(one) = uses.get(self.next_use).filter(|one| one.whole.start < span.end) {
            self.next_use += 1;
            if one.whole.start < at || one.site != UseSite::Argument {
                continue;
            }
            emit(Span::new(at, one.whole.start), paint, nuance);
            emit(Span::new(one.whole.start, one.name.span.end), Paint::Variable, Nuance::None);
            at = one.name.span.end;
        }
        if at < span.end {
            emit(Span::new(at, span.end), paint, nuance);
        }
    }

    fn shell(&self, shell: &mut Shell, span: Span, emit: Emit<'_>) {
        shell.feed(self.document.slice(span), span.start, &mut |span, shade| emit(span, of(shade), Nuance::None));
    }

    fn body(&mut self, instruction: &Instruction, heredoc: Option<&Heredoc>, span: Span, emit: Emit<'_>) {
        let is_script = heredoc.is_some_and(|heredoc| match &instruction.kind {
            Kind::Run(run) => self.shell_of(instruction) && is_script(&run.command, heredoc),
            _ => false,
        });
        if is_script {
            self.shell(&mut Shell::new(), span, emit);
        } else {
            self.with_uses(span, Paint::String, Nuance::None, emit);
        }
    }

    /// Tells whether the text of an instruction is read by a shell of the usual grammar.
    fn shell_of(&self, instruction: &Instruction) -> bool {
        let command = match &instruction.kind {
            Kind::Run(run) => &run.command,
            Kind::Cmd(command) | Kind::Entrypoint(command) => command,
            Kind::Healthcheck(Healthcheck::Probe(probe)) => &probe.command,
            _ => return false,
        };
        matches!(command, Command::Shell(_)) && is_usual(self.shell_program(instruction.span.start))
    }

    /// Returns the program of the SHELL that holds at an offset.
    fn shell_program(&self, offset: u32) -> Option<&'a str> {
        if self.shells.is_empty() {
            return None;
        }
        let model = self.document.model();
        let mut limit = offset;
        model.chain(model.stage_at(offset)?).find_map(|stage| {
            let before = self.shells.get(&stage).into_iter().flatten().rev().find(|(end, _)| *end <= limit);
            limit = u32::MAX;
            before.map(|(_, program)| *program)
        })
    }
}

fn innermost(instruction: &Instruction) -> &Instruction {
    match &instruction.kind {
        Kind::Onbuild(onbuild) => innermost(&onbuild.trigger),
        _ => instruction,
    }
}

/// Tells whether the body of a heredoc is a script of the shell: it is the whole command, or what a shell reads.
pub(crate) fn is_script(command: &Command, heredoc: &Heredoc) -> bool {
    let Command::Shell(text) = command else { return false };
    let body = &heredoc.content.value;
    if let Some(line) = body.strip_prefix("#!") {
        return line.lines().next().is_some_and(|line| line.split(['/', ' ']).any(is_shell));
    }
    let before = text.value.split("<<").next().unwrap_or_default();
    before.split_whitespace().next().is_none_or(is_shell)
}

fn is_usual(program: Option<&str>) -> bool {
    program.is_none_or(|program| is_shell(program.rsplit('/').next().unwrap_or(program)))
}

fn is_shell(name: &str) -> bool {
    matches!(name.trim(), "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh" | "mksh" | "busybox")
}

fn of(shade: Shade) -> Paint {
    match shade {
        Shade::Keyword => Paint::Keyword,
        Shade::Command => Paint::Function,
        Shade::Option => Paint::Parameter,
        Shade::String => Paint::String,
        Shade::Variable => Paint::Variable,
        Shade::Operator => Paint::Operator,
        Shade::Number => Paint::Number,
        Shade::Comment => Paint::Comment,
    }
}
