//! The first layer of an instruction, as BuildKit's parser sees it: keyword, flags and arguments by form.

use crate::diagnostic::Code;
use crate::json::{self, NotStrings};
use crate::keyword::Keyword;
use crate::syntax::{Delimiter, Escape};
use crate::words::{self, FlagWord, Word};

/// Is an instruction split into words; places are those of the logical line.
pub(crate) struct Statement<'a> {
    /// The whole text, untrimmed.
    pub(crate) text: &'a str,
    pub(crate) start: usize,
    /// Where the text without white space ends.
    pub(crate) end: usize,
    pub(crate) keyword: Word<'a>,
    pub(crate) name: Option<Keyword>,
    pub(crate) flags: Vec<FlagWord>,
    /// The lone `--` after the flags.
    pub(crate) flags_end: Option<(usize, usize)>,
    pub(crate) args: Args<'a>,
}

/// Are the arguments of an instruction by form.
pub(crate) enum Args<'a> {
    None,
    /// One text.
    Text(Word<'a>),
    /// Words, at least one.
    Words(Vec<Word<'a>>),
    /// A JSON array of strings, maybe empty, at this place.
    Json(Vec<Word<'a>>, (usize, usize)),
    /// Names with values, at least one.
    Pairs(Vec<PairWord<'a>>),
    /// The type of a health check and its command.
    Health(Word<'a>, Box<Self>),
    /// The instruction after ONBUILD.
    Nested(Box<Statement<'a>>),
    /// What an unknown instruction or a chain of ONBUILD without end holds.
    Ignored(Word<'a>),
    /// Arguments that have no form, and why.
    Faulty(Word<'a>, Vec<Fault>),
}

/// Is a name and its value.
pub(crate) struct PairWord<'a> {
    pub(crate) name: Word<'a>,
    pub(crate) value: Word<'a>,
    pub(crate) delimiter: Delimiter,
}

/// Says why arguments have no form, at a place of the logical line.
pub(crate) struct Fault {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) code: Code,
    pub(crate) message: String,
}

/// Bounds chains of ONBUILD, which mean nothing anyway.
const MAX_DEPTH: usize = 32;

/// Is the white space around the keyword that ONBUILD does not keep: that of Go's regular expressions.
const TRIGGER_BLANKS: [char; 5] = ['\t', '\n', '\x0c', '\r', ' '];

impl<'a> Statement<'a> {
    /// Splits a logical line.
    pub(crate) fn read(text: &'a str, escape: Escape) -> Self {
        Self::nested(text, 0, escape, 0)
    }

    /// Tells whether BuildKit's parser, not only its later layers, refuses the statement.
    pub(crate) fn is_refused(&self) -> bool {
        match &self.args {
            Args::Faulty(..) => true,
            Args::Nested(inner) => inner.is_refused(),
            _ => false,
        }
    }

    /// Returns what stands after the keyword, to the last byte: the text that ONBUILD keeps.
    pub(crate) fn trigger(&self) -> &'a str {
        let text = self.text.trim_start_matches(TRIGGER_BLANKS);
        text.get(self.keyword.text.len()..).unwrap_or(text).trim_start_matches(TRIGGER_BLANKS)
    }

    fn nested(text: &'a str, base: usize, escape: Escape, depth: usize) -> Self {
        let (line, start) = words::trimmed(text, base);
        let split = line.find(words::is_blank).unwrap_or(line.len());
        let keyword = Word::new(&line[..split], start);
        let name = Keyword::read(&keyword.text);
        let rest = line[split..].trim_start_matches(words::is_blank);
        let rest_at = start + line.len() - rest.len();
        let (flags, flags_end, used) = words::flags(rest, rest_at, escape);
        let (args, args_at) = words::trimmed(&rest[used..], rest_at + used);
        let args = Args::read(name, Word::new(args, args_at), args, escape, depth);
        Self { text, start, end: start + line.len(), keyword, name, flags, flags_end, args }
    }

    /// Tells whether the instruction, or the one it keeps, may open heredocs.
    pub(crate) fn takes_heredocs(&self) -> bool {
        match &self.args {
            Args::Nested(inner) => inner.name.is_some_and(Keyword::takes_heredocs) && !inner.args.is_json(),
            args => self.name.is_some_and(Keyword::takes_heredocs) && !args.is_json(),
        }
    }
}

impl<'a> Args<'a> {
    fn is_json(&self) -> bool {
        matches!(self, Self::Json(..))
    }

    fn read(name: Option<Keyword>, word: Word<'a>, text: &'a str, escape: Escape, depth: usize) -> Self {
        if text.is_empty() {
            return Self::None;
        }
        let at = word.start;
        match name {
            None => Self::Ignored(word),
            Some(Keyword::Onbuild) if depth == MAX_DEPTH => Self::Ignored(word),
            Some(Keyword::Onbuild) => Self::Nested(Box::new(Statement::nested(text, at, escape, depth + 1))),
            Some(Keyword::Add | Keyword::Copy | Keyword::Volume) => {
                Self::maybe_json(word, text, |_| Self::Words(words::at_blanks(text, at)))
            }
            Some(Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Shell) => {
                Self::maybe_json(word, text, Self::Text)
            }
            Some(Keyword::From | Keyword::Expose) => Self::Words(words::at_blanks(text, at)),
            Some(Keyword::Env) => Self::pairs(Keyword::Env, word, text, escape),
            Some(Keyword::Label) => Self::pairs(Keyword::Label, word, text, escape),
            Some(Keyword::Arg) => match words::quoted(text, at, escape) {
                words if words.is_empty() => Self::Ignored(word),
                words => Self::Words(words),
            },
            Some(Keyword::Healthcheck) => Self::health(text, at),
            Some(Keyword::Maintainer | Keyword::StopSignal | Keyword::User | Keyword::Workdir) => Self::Text(word),
        }
    }

    fn maybe_json(word: Word<'a>, text: &'a str, otherwise: impl FnOnce(Word<'a>) -> Self) -> Self {
        match json::strings(text, word.start) {
            Ok(strings) => Self::Json(strings, (word.start, word.end)),
            Err(NotStrings::NotArray) => otherwise(word),
            Err(NotStrings::Other { start, end }) => {
                let message = "a JSON array of arguments may hold strings only".to_owned();
                Self::Faulty(word, vec![Fault { start, end, code: Code::JsonNotStrings, message }])
            }
        }
    }

    fn health(text: &'a str, at: usize) -> Self {
        let split = text.find(char::is_whitespace).unwrap_or(text.len());
        let command = text[split..].trim_start();
        let command_at = at + text.len() - command.len();
        let inner = match command {
            "" => Self::None,
            _ => Self::maybe_json(Word::new(command, command_at), command, Self::Text),
        };
        match inner {
            Self::Faulty(..) => inner,
            _ => Self::Health(Word::new(&text[..split], at), Box::new(inner)),
        }
    }

    fn pairs(keyword: Keyword, word: Word<'a>, text: &'a str, escape: Escape) -> Self {
        let at = word.start;
        let words = words::quoted(text, at, escape);
        let Some(first) = words.first() else { return Self::Ignored(word) };
        if !first.text.contains('=') {
            return Self::legacy_pair(keyword, word, text);
        }
        let mut pairs = Vec::with_capacity(words.len());
        let mut faults = Vec::new();
        for word in &words {
            match word.parted() {
                Some((name, value)) => pairs.push(PairWord { name, value, delimiter: Delimiter::Equals }),
                None => faults.push(Fault {
                    start: word.start,
                    end: word.end,
                    code: Code::InvalidPair,
                    message: format!("`{}` in {} has no `=`", word.text, keyword.name()),
                }),
            }
        }
        if faults.is_empty() { Self::Pairs(pairs) } else { Self::Faulty(word, faults) }
    }

    fn legacy_pair(keyword: Keyword, word: Word<'a>, text: &'a str) -> Self {
        let Some(split) = text.find(words::is_blank) else {
            let message = format!("{} needs a value after `{text}`", keyword.name());
            let fault = Fault { start: word.start, end: word.end, code: Code::MissingArgument, message };
            return Self::Faulty(word, vec![fault]);
        };
        let value = text[split..].trim_start_matches(words::is_blank);
        Self::Pairs(vec![PairWord {
            name: Word::new(&text[..split], word.start),
            value: Word::new(value, word.end - value.len()),
            delimiter: Delimiter::Space,
        }])
    }
}
