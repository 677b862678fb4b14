//! The lossless tree: kinds of nodes and tokens, and the writer that turns split instructions into a green tree.

use rowan::GreenNodeBuilder;

use crate::logical::Logical;
use crate::statement::{Args, Statement};
use crate::syntax::Escape;

/// Is the kind of a node or token of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u16)]
pub enum SyntaxKind {
    /// The root node.
    File,
    /// The node of an instruction; one of them may stand inside the node of an ONBUILD.
    Instruction,
    /// The node of a JSON array of strings.
    JsonArray,
    /// The node of a heredoc's body and end, after the line that opens it.
    Heredoc,
    /// The byte order mark.
    ByteOrderMark,
    /// Blanks that part other tokens.
    Whitespace,
    /// A line break, all carriage returns and the line feed, with those of the empty lines after it.
    ///
    /// Before the body of a heredoc it is one break, since an empty line is part of the body.
    Newline,
    /// A comment from its `#` to the end of the line.
    Comment,
    /// A parser directive from its `#` to the end of the line.
    Directive,
    /// The escape character at the end of a line up to and with the line break.
    ///
    /// What stands around it may be one word: tokens of one kind with only continuations, comments and line breaks
    /// between them belong together.
    Continuation,
    /// The name of an instruction.
    Keyword,
    /// A flag with its value.
    Flag,
    /// The lone `--` that ends the flags.
    FlagsEnd,
    /// A word.
    Word,
    /// The name in ENV, LABEL or ARG.
    Name,
    /// The equals sign between a name and its value.
    Equals,
    /// The value in ENV, LABEL or ARG.
    Value,
    /// A text that is not split: a shell command, a path, a name.
    Text,
    /// A string of a JSON array.
    String,
    /// `[`
    LeftBracket,
    /// `,`
    Comma,
    /// `]`
    RightBracket,
    /// The body of a heredoc.
    HeredocBody,
    /// The word that ends a heredoc.
    HeredocEnd,
}

impl SyntaxKind {
    const ALL: [Self; 24] = [
        Self::File,
        Self::Instruction,
        Self::JsonArray,
        Self::Heredoc,
        Self::ByteOrderMark,
        Self::Whitespace,
        Self::Newline,
        Self::Comment,
        Self::Directive,
        Self::Continuation,
        Self::Keyword,
        Self::Flag,
        Self::FlagsEnd,
        Self::Word,
        Self::Name,
        Self::Equals,
        Self::Value,
        Self::Text,
        Self::String,
        Self::LeftBracket,
        Self::Comma,
        Self::RightBracket,
        Self::HeredocBody,
        Self::HeredocEnd,
    ];
}

/// Is the language of the tree, for rowan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {}

impl rowan::Language for Language {
    type Kind = SyntaxKind;

    fn kind_from_raw(raw: rowan::SyntaxKind) -> SyntaxKind {
        SyntaxKind::ALL[usize::from(raw.0)]
    }

    fn kind_to_raw(kind: SyntaxKind) -> rowan::SyntaxKind {
        rowan::SyntaxKind(kind as u16)
    }
}

/// Is a node of the tree.
pub type SyntaxNode = rowan::SyntaxNode<Language>;
/// Is a token of the tree.
pub type SyntaxToken = rowan::SyntaxToken<Language>;

/// Writes the tree from the start of the text to its end.
pub(crate) struct TreeWriter<'a> {
    builder: GreenNodeBuilder<'static>,
    text: &'a str,
    at: usize,
}

impl<'a> TreeWriter<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let mut builder = GreenNodeBuilder::new();
        builder.start_node(rowan::SyntaxKind(SyntaxKind::File as u16));
        Self { builder, text, at: 0 }
    }

    /// Writes what is left of the text up to `end` as one token.
    pub(crate) fn token(&mut self, kind: SyntaxKind, end: usize) {
        debug_assert!(self.at <= end, "the writer does not run backwards");
        if self.at < end {
            self.builder.token(rowan::SyntaxKind(kind as u16), &self.text[self.at..end]);
            self.at = end;
        }
    }

    /// Returns the offset up to which the tree is written.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    pub(crate) fn open(&mut self, kind: SyntaxKind) {
        self.builder.start_node(rowan::SyntaxKind(kind as u16));
    }

    pub(crate) fn close(&mut self) {
        self.builder.finish_node();
    }

    pub(crate) fn finish(mut self) -> rowan::GreenNode {
        debug_assert_eq!(self.at, self.text.len(), "the tree holds the whole text");
        self.builder.finish_node();
        self.builder.finish()
    }

    /// Writes the logical line of an instruction and what stands between its pieces.
    pub(crate) fn instruction(&mut self, logical: &Logical, statement: &Statement<'_>, escape: Escape) {
        let mut writer = LineWriter { tree: self, logical, escape, piece: 0, at: 0 };
        writer.statement(statement);
        writer.gap(logical.text.len());
        writer.trivia(logical.span.end as usize);
    }
}

/// Writes one logical line; places are those of the line.
struct LineWriter<'w, 'a> {
    tree: &'w mut TreeWriter<'a>,
    logical: &'w Logical,
    escape: Escape,
    piece: usize,
    at: usize,
}

impl LineWriter<'_, '_> {
    fn statement(&mut self, statement: &Statement<'_>) {
        self.piece_of(SyntaxKind::Keyword, statement.keyword.start, statement.keyword.end);
        for flag in &statement.flags {
            self.piece_of(SyntaxKind::Flag, flag.start, flag.end);
        }
        if let Some((start, end)) = statement.flags_end {
            self.piece_of(SyntaxKind::FlagsEnd, start, end);
        }
        self.args(&statement.args);
    }

    fn args(&mut self, args: &Args<'_>) {
        match args {
            Args::None => {}
            Args::Text(word) | Args::Ignored(word) | Args::Faulty(word, _) => {
                self.piece_of(SyntaxKind::Text, word.start, word.end);
            }
            Args::Words(words) => words.iter().for_each(|word| self.piece_of(SyntaxKind::Word, word.start, word.end)),
            Args::Json(words, (start, end)) => {
                self.open(SyntaxKind::JsonArray, *start);
                words.iter().for_each(|word| self.piece_of(SyntaxKind::String, word.start, word.end));
                self.gap(*end);
                self.tree.close();
            }
            Args::Pairs(pairs) => {
                for pair in pairs {
                    self.piece_of(SyntaxKind::Name, pair.name.start, pair.name.end);
                    self.piece_of(SyntaxKind::Value, pair.value.start, pair.value.end);
                }
            }
            Args::Health(kind, command) => {
                self.piece_of(SyntaxKind::Word, kind.start, kind.end);
                self.args(command);
            }
            Args::Nested(inner) => {
                self.open(SyntaxKind::Instruction, inner.start);
                self.statement(inner);
                self.tree.close();
            }
        }
    }

    fn open(&mut self, kind: SyntaxKind, start: usize) {
        self.gap(start);
        self.settle();
        self.tree.open(kind);
    }

    /// Writes what comes before `start`, then a token.
    fn piece_of(&mut self, kind: SyntaxKind, start: usize, end: usize) {
        self.gap(start);
        self.token(kind, end);
    }

    /// Writes what no word claims: blanks and punctuation.
    fn gap(&mut self, end: usize) {
        while self.at < end {
            let rest = &self.logical.text[self.at..end];
            let (kind, len) = match rest.as_bytes()[0] {
                b'[' => (SyntaxKind::LeftBracket, 1),
                b']' => (SyntaxKind::RightBracket, 1),
                b',' => (SyntaxKind::Comma, 1),
                b'=' => (SyntaxKind::Equals, 1),
                _ => (SyntaxKind::Whitespace, rest.find(['[', ']', ',', '=']).unwrap_or(rest.len())),
            };
            self.token(kind, self.at + len);
        }
    }

    fn token(&mut self, kind: SyntaxKind, end: usize) {
        while self.at < end {
            self.settle();
            let piece = self.logical.pieces[self.piece];
            let stop = end.min(piece.at + piece.len);
            self.tree.token(kind, piece.source + stop - piece.at);
            self.at = stop;
        }
    }

    /// Moves over the ends of pieces to where the next byte of the line stands.
    fn settle(&mut self) {
        while let Some(next) = self.logical.pieces.get(self.piece + 1).filter(|next| next.at <= self.at) {
            self.trivia(next.source);
            self.piece += 1;
        }
    }

    /// Writes a continuation and the comments and empty lines after it.
    fn trivia(&mut self, end: usize) {
        let text = self.tree.text;
        if text[self.tree.at..end].starts_with(self.escape.char()) {
            let line = text[self.tree.at..end].find('\n').map_or(end, |index| self.tree.at + index + 1);
            self.tree.token(SyntaxKind::Continuation, line);
        }
        while self.tree.at < end {
            let rest = &text[self.tree.at..end];
            let line = &rest[..rest.find('\n').map_or(rest.len(), |index| index + 1)];
            let content = line.trim_end_matches(['\r', '\n']);
            let start = self.tree.at;
            self.tree.token(SyntaxKind::Whitespace, start + content.len() - content.trim_start().len());
            self.tree.token(SyntaxKind::Comment, start + content.len());
            self.tree.token(SyntaxKind::Newline, start + line.len());
        }
    }
}
