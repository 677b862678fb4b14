//! A light reader of shell text for colours: it takes the text in pieces and never looks back.

use containr_dockerfile::Span;

/// Is what a stretch of shell text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shade {
    /// A reserved word.
    Keyword,
    /// The name of a command.
    Command,
    /// An option of a command.
    Option,
    /// A quoted text.
    String,
    /// A variable in use or assigned.
    Variable,
    /// What joins commands or sends streams elsewhere.
    Operator,
    /// A number.
    Number,
    /// A comment.
    Comment,
}

/// Reads shell text in pieces: what is open at the end of one piece goes on in the next.
#[derive(Debug)]
pub(crate) struct Shell {
    /// The quotation marks and substitutions that are open, the innermost last.
    open: Vec<Open>,
    /// Whether the next word names a command.
    expects: Expects,
    /// Whether a word has begun that goes on in the next piece.
    inside: Option<Option<Shade>>,
    /// Whether the next word is where a stream goes or comes from.
    redirects: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Single,
    Double,
    /// `$(`
    Substitution,
    /// `${`
    Brace,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expects {
    Command,
    Argument,
    /// The name after `for`, `case` and the like.
    Name,
    /// The `in` after that name.
    In,
}

/// The words that the grammar reserves, and after which a command follows.
const BEFORE_COMMAND: [&str; 12] =
    ["if", "then", "else", "elif", "do", "while", "until", "!", "{", "time", "eval", "exec"];
/// The other words that the grammar reserves.
const RESERVED: [&str; 9] = ["fi", "done", "esac", "}", "[[", "]]", "in", "return", "function"];
/// The words after which a name follows.
const BEFORE_NAME: [&str; 3] = ["for", "case", "select"];

impl Shell {
    pub(crate) fn new() -> Self {
        Self { open: Vec::new(), expects: Expects::Command, inside: None, redirects: false }
    }

    /// Reads a piece that begins at `start`, and hands out what it finds in the order of the text.
    pub(crate) fn feed(&mut self, text: &str, start: u32, emit: &mut impl FnMut(Span, Shade)) {
        let mut piece = Piece { shell: self, text, start, at: 0, emit };
        piece.read();
    }
}

struct Piece<'a, E> {
    shell: &'a mut Shell,
    text: &'a str,
    start: u32,
    at: usize,
    emit: &'a mut E,
}

impl<E: FnMut(Span, Shade)> Piece<'_, E> {
    fn read(&mut self) {
        while self.at < self.text.len() {
            match self.shell.open.last() {
                Some(Open::Single) => self.until_quote('\''),
                Some(Open::Double) => self.double(),
                _ => self.plain(),
            }
        }
    }

    fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    fn emit(&mut self, from: usize, shade: Shade) {
        if from < self.at {
            (self.emit)(Span::new(self.start + from as u32, self.start + self.at as u32), shade);
        }
    }

    fn until_quote(&mut self, quote: char) {
        let from = self.at;
        match self.text[from..].find(quote) {
            Some(index) => {
                self.at = from + index + 1;
                self.shell.open.pop();
            }
            None => self.at = self.text.len(),
        }
        self.emit(from, Shade::String);
    }

    /// Reads inside of double quotes up to their end or up to a variable.
    fn double(&mut self) {
        let mut from = self.at;
        while let Some(byte) = self.bytes().get(self.at).copied() {
            match byte {
                b'"' => {
                    self.at += 1;
                    self.shell.open.pop();
                    break;
                }
                b'\\' => self.at = (self.at + 2).min(self.text.len()),
                b'$' => {
                    self.emit(from, Shade::String);
                    if !self.dollar() {
                        from = self.at - 1;
                        continue;
                    }
                    return;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.boundary(self.at);
        self.emit(from, Shade::String);
    }

    fn boundary(&self, at: usize) -> usize {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at += 1;
        }
        at
    }

    /// Reads a `$` and what belongs to it; tells whether anything does.
    fn dollar(&mut self) -> bool {
        let from = self.at;
        self.at += 1;
        match self.bytes().get(self.at) {
            Some(b'(') => {
                self.at += 1;
                self.emit(from, Shade::Operator);
                self.shell.open.push(Open::Substitution);
                self.shell.expects = Expects::Command;
                self.shell.inside = None;
            }
            Some(b'{') => {
                self.at += 1;
                self.names();
                self.emit(from, Shade::Variable);
                if self.bytes().get(self.at) == Some(&b'}') {
                    self.at += 1;
                    (self.emit)(
                        Span::new(self.start + self.at as u32 - 1, self.start + self.at as u32),
                        Shade::Variable,
                    );
                } else {
                    self.shell.open.push(Open::Brace);
                }
            }
            Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_' => {
                self.names();
                self.emit(from, Shade::Variable);
            }
            Some(byte) if byte.is_ascii_digit() || b"?!@*#$-".contains(byte) => {
                self.at += 1;
                self.emit(from, Shade::Variable);
            }
            _ => return false,
        }
        true
    }

    fn names(&mut self) {
        while self.bytes().get(self.at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
            self.at += 1;
        }
    }

    fn plain(&mut self) {
        let byte = self.bytes()[self.at];
        let in_brace = self.shell.open.last() == Some(&Open::Brace);
        match byte {
            b'}' if in_brace => {
                let from = self.at;
                self.at += 1;
                self.shell.open.pop();
                self.emit(from, Shade::Variable);
            }
            b' ' | b'\t' | b'\r' => {
                self.at += 1;
                self.end_word();
            }
            b'\n' => {
                self.at += 1;
                self.end_word();
                self.shell.expects = Expects::Command;
            }
            b'\'' => {
                self.begin_word(None);
                self.at += 1;
                self.emit(self.at - 1, Shade::String);
                self.shell.open.push(Open::Single);
            }
            b'"' => {
                self.begin_word(None);
                self.at += 1;
                self.emit(self.at - 1, Shade::String);
                self.shell.open.push(Open::Double);
            }
            b'$' => {
                self.begin_word(None);
                self.dollar();
            }
            b'#' if self.shell.inside.is_none() && !in_brace => {
                let from = self.at;
                self.at += self.text[from..].find('\n').unwrap_or(self.text.len() - from);
                self.emit(from, Shade::Comment);
            }
            b')' if self.shell.open.last() == Some(&Open::Substitution) => {
                let from = self.at;
                self.at += 1;
                self.shell.open.pop();
                self.emit(from, Shade::Operator);
                self.shell.inside = Some(None);
                self.shell.expects = Expects::Argument;
            }
            b';' | b'&' | b'|' | b'(' | b')' | b'`' => self.operator(),
            b'<' | b'>' => {
                let from = self.at;
                self.at += self.run(b"<>&");
                self.end_word();
                self.shell.redirects = true;
                self.emit(from, Shade::Operator);
            }
            _ => self.word(),
        }
    }

    fn operator(&mut self) {
        let from = self.at;
        self.at += self.run(b";&|()`");
        self.end_word();
        self.shell.expects = Expects::Command;
        self.shell.redirects = false;
        self.emit(from, Shade::Operator);
    }

    /// Returns the number of bytes from here that are among `those`.
    fn run(&self, those: &[u8]) -> usize {
        let rest = &self.bytes()[self.at..];
        rest.iter().position(|byte| !those.contains(byte)).unwrap_or(rest.len())
    }

    fn end_word(&mut self) {
        if self.shell.inside.take().is_some() && self.shell.expects == Expects::Name {
            self.shell.expects = Expects::In;
        }
    }

    /// Notes that a word has begun; returns how it is shown.
    fn begin_word(&mut self, shade: Option<Shade>) -> Option<Shade> {
        if let Some(shade) = self.shell.inside {
            return shade;
        }
        if !std::mem::take(&mut self.shell.redirects) && self.shell.expects == Expects::Command {
            self.shell.expects = Expects::Argument;
        }
        self.shell.inside = Some(shade);
        shade
    }

    /// Reads a run of unquoted characters.
    fn word(&mut self) {
        let from = self.at;
        while let Some(byte) = self.bytes().get(self.at).copied() {
            match byte {
                b'\\' => self.at = self.boundary(self.at + 2),
                b' ' | b'\t' | b'\r' | b'\n' | b'\'' | b'"' | b'$' | b';' | b'&' | b'|' | b'(' | b')' | b'`' | b'<'
                | b'>' => break,
                b'}' if self.shell.open.last() == Some(&Open::Brace) => break,
                _ => self.at += 1,
            }
        }
        if self.shell.open.last() == Some(&Open::Brace) {
            self.shell.inside = Some(None);
            return;
        }
        if self.shell.inside.is_some() {
            let shade = self.begin_word(None);
            shade.into_iter().for_each(|shade| self.emit(from, shade));
            return;
        }
        self.whole(from);
    }

    /// Shows the word from `from` to here by its place and form.
    fn whole(&mut self, from: usize) {
        if std::mem::take(&mut self.shell.redirects) {
            self.shell.inside = Some(None);
            return;
        }
        let word = &self.text[from..self.at];
        let expects = self.shell.expects;
        if let Some(equals) = word.find('=').filter(|index| expects == Expects::Command && is_name(&word[..*index])) {
            // An assignment: what follows the equals sign is a value, and a command may follow that.
            let end = self.at;
            self.at = from + equals;
            self.emit(from, Shade::Variable);
            self.at = from + equals + 1;
            self.emit(from + equals, Shade::Operator);
            self.at = end;
            self.shell.inside = Some(None);
            return;
        }
        let shade = match expects {
            Expects::Name => Some(Shade::Variable),
            Expects::Command if BEFORE_NAME.contains(&word) => {
                self.shell.expects = Expects::Name;
                self.keyword(from);
                return;
            }
            Expects::Command if BEFORE_COMMAND.contains(&word) => {
                self.keyword(from);
                return;
            }
            Expects::Command if RESERVED.contains(&word) => Some(Shade::Keyword),
            Expects::Command => Some(Shade::Command),
            Expects::In if word == "in" => Some(Shade::Keyword),
            Expects::In => None,
            Expects::Argument if word.starts_with('-') && word.len() > 1 => Some(Shade::Option),
            Expects::Argument if word.bytes().all(|byte| byte.is_ascii_digit()) => Some(Shade::Number),
            Expects::Argument => None,
        };
        if matches!(expects, Expects::Command | Expects::In) {
            self.shell.expects = Expects::Argument;
        }
        self.shell.inside = Some(shade);
        shade.into_iter().for_each(|shade| self.emit(from, shade));
    }

    fn keyword(&mut self, from: usize) {
        self.emit(from, Shade::Keyword);
        self.shell.inside = None;
    }
}

fn is_name(text: &str) -> bool {
    let rest = |char: char| char.is_ascii_alphanumeric() || char == '_';
    text.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
        && text.trim_end_matches('+').chars().all(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shades(pieces: &[&str]) -> Vec<(String, Shade)> {
        let whole: String = pieces.concat();
        let mut shell = Shell::new();
        let mut found = Vec::new();
        let mut start = 0;
        for piece in pieces {
            shell.feed(piece, start, &mut |span, shade| found.push((whole[span.range()].to_owned(), shade)));
            start += piece.len() as u32;
        }
        found
    }

    fn shown(text: &str) -> String {
        let found = shades(&[text]);
        found.iter().map(|(text, shade)| format!("{text}:{shade:?}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn commands_options_and_operators() {
        assert_eq!(
            shown("apt-get install -y curl && rm -rf /x 2>/dev/null"),
            "apt-get:Command -y:Option &&:Operator rm:Command -rf:Option 2:Number >:Operator"
        );
    }

    #[test]
    fn variables_in_quotes_and_substitutions() {
        assert_eq!(
            shown("A=1 echo \"x $B ${C:-d}\" $(id -u)"),
            "A:Variable =:Operator echo:Command \":String x :String $B:Variable  :String ${C:Variable }:Variable \":String \
             $(:Operator id:Command -u:Option ):Operator"
        );
    }

    #[test]
    fn loops_have_their_words() {
        assert_eq!(
            shown("for x in do; do echo in; done # end"),
            "for:Keyword x:Variable in:Keyword ;:Operator do:Keyword echo:Command ;:Operator done:Keyword # end:Comment"
        );
    }

    #[test]
    fn a_quote_goes_on_in_the_next_piece() {
        assert_eq!(
            shades(&["echo 'a ", "b' c"]),
            [
                ("echo".to_owned(), Shade::Command),
                ("'".to_owned(), Shade::String),
                ("a ".to_owned(), Shade::String),
                ("b'".to_owned(), Shade::String),
            ]
        );
    }

    #[test]
    fn hostile_text_ends() {
        for text in ["\\", "\\\u{e4}", "\"\\\u{1f433}", "${", "$(", "`", "\"$", "a\u{e4}\\"] {
            shades(&[text, text]);
        }
    }
}
