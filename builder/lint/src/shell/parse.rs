//! The shell's grammar: lists, pipelines, compound commands and simple ones.

use super::{Command, Commands, Word};

/// Says that the text is no shell script.
#[derive(Debug)]
pub(super) struct Invalid;

/// Bounds the nesting of compound commands and substitutions.
const MAX_DEPTH: usize = 100;

/// Reads a shell text.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) found: Commands,
    /// The delimiters of heredocs whose bodies follow the next line break, and whether tabs are removed.
    heredocs: Vec<(String, bool)>,
    depth: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, depth: usize) -> Self {
        Self { text, at: 0, found: Commands::default(), heredocs: Vec::new(), depth }
    }

    /// Reads the whole text.
    pub(super) fn script(mut self) -> Result<Commands, Invalid> {
        self.list(&[])?;
        if self.at < self.text.len() { Err(Invalid) } else { Ok(self.found) }
    }

    /// Reads commands up to the end, a closing bracket or one of the words in `ends`, which is not taken.
    pub(super) fn list(&mut self, ends: &[&str]) -> Result<usize, Invalid> {
        self.enter()?;
        let mut count = 0;
        loop {
            self.breaks();
            if self.is_end(ends) {
                break;
            }
            self.and_or()?;
            count += 1;
            self.blanks();
            match self.peek() {
                Some(b';') if !self.rest().starts_with(";;") && !self.rest().starts_with(";&") => self.at += 1,
                Some(b'&' | b'\n') => self.at += usize::from(self.peek() == Some(b'&')),
                _ if self.is_end(ends) => break,
                _ => return Err(Invalid),
            }
        }
        self.depth -= 1;
        Ok(count)
    }

    fn enter(&mut self) -> Result<(), Invalid> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Invalid) } else { Ok(()) }
    }

    fn is_end(&self, ends: &[&str]) -> bool {
        match self.peek() {
            None | Some(b')') => true,
            Some(b';') => self.rest().starts_with(";;") || self.rest().starts_with(";&"),
            _ => ends.iter().any(|end| self.at_word(end)),
        }
    }

    fn and_or(&mut self) -> Result<(), Invalid> {
        loop {
            self.pipeline()?;
            self.blanks();
            if !self.rest().starts_with("&&") && !self.rest().starts_with("||") {
                return Ok(());
            }
            self.at += 2;
            self.breaks();
        }
    }

    fn pipeline(&mut self) -> Result<(), Invalid> {
        while self.take_word("!") {
            self.blanks();
        }
        loop {
            self.command()?;
            self.blanks();
            if self.peek() != Some(b'|') || self.rest().starts_with("||") {
                return Ok(());
            }
            self.found.pipes.push(self.at);
            self.at += if self.rest().starts_with("|&") { 2 } else { 1 };
            self.breaks();
        }
    }

    fn command(&mut self) -> Result<(), Invalid> {
        self.blanks();
        if self.rest().starts_with("((") && self.arithmetic().is_ok() {
            return self.redirections();
        }
        if self.peek() == Some(b'(') {
            self.at += 1;
            self.block(")")?;
            return self.redirections();
        }
        if !self.compound()? {
            return self.simple();
        }
        self.redirections()
    }

    /// Reads a compound command that begins with a word; tells whether there was one.
    fn compound(&mut self) -> Result<bool, Invalid> {
        if self.take_word("{") {
            self.block("}")?;
        } else if self.take_word("if") {
            self.branches()?;
        } else if self.take_word("while") || self.take_word("until") {
            self.block("do")?;
            self.block("done")?;
        } else if self.take_word("for") || self.take_word("select") {
            self.iteration()?;
        } else if self.take_word("case") {
            self.case()?;
        } else if self.take_word("[[") {
            self.condition("]]")?;
        } else if self.take_word("[") {
            self.condition("]")?;
        } else if self.take_word("function") {
            self.blanks();
            self.word()?;
            self.blanks();
            if self.rest().starts_with("()") {
                self.at += 2;
            }
            self.breaks();
            self.command()?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Reads commands, at least one, and the word or bracket that ends them.
    fn block(&mut self, end: &str) -> Result<(), Invalid> {
        if self.list(&[end])? == 0 {
            return Err(Invalid);
        }
        self.expect(end)
    }

    fn branches(&mut self) -> Result<(), Invalid> {
        self.block("then")?;
        loop {
            if self.list(&["elif", "else", "fi"])? == 0 {
                return Err(Invalid);
            }
            if self.take_word("elif") {
                self.block("then")?;
            } else if self.take_word("else") {
                return self.block("fi");
            } else {
                return self.expect("fi");
            }
        }
    }

    fn iteration(&mut self) -> Result<(), Invalid> {
        self.blanks();
        if self.rest().starts_with("((") {
            self.arithmetic()?;
        } else {
            self.word()?;
            self.breaks();
            if self.take_word("in") {
                self.words()?;
            }
        }
        self.blanks();
        if self.peek() == Some(b';') {
            self.at += 1;
        }
        self.breaks();
        if self.take_word("{") {
            return self.block("}");
        }
        self.expect("do")?;
        self.block("done")
    }

    fn words(&mut self) -> Result<(), Invalid> {
        loop {
            self.blanks();
            if matches!(self.peek(), None | Some(b'\n' | b';' | b'&' | b'|' | b')')) {
                return Ok(());
            }
            self.word()?;
        }
    }

    fn case(&mut self) -> Result<(), Invalid> {
        self.blanks();
        self.word()?;
        self.breaks();
        self.expect("in")?;
        loop {
            self.breaks();
            if self.take_word("esac") {
                return Ok(());
            }
            if self.peek() == Some(b'(') {
                self.at += 1;
            }
            self.patterns()?;
            self.list(&["esac"])?;
            let rest = self.rest();
            match [";;&", ";;", ";&"].into_iter().find(|end| rest.starts_with(end)) {
                Some(end) => self.at += end.len(),
                None => return self.expect("esac"),
            }
        }
    }

    fn patterns(&mut self) -> Result<(), Invalid> {
        loop {
            self.blanks();
            self.word()?;
            self.blanks();
            match self.peek() {
                Some(b'|') => self.at += 1,
                Some(b')') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(Invalid),
            }
        }
    }

    /// Reads the rest of `[[ ... ]]` or `[ ... ]`, in which operators of the shell are words.
    fn condition(&mut self, end: &str) -> Result<(), Invalid> {
        loop {
            self.breaks();
            if self.take_word(end) {
                return Ok(());
            }
            match self.peek() {
                None => return Err(Invalid),
                Some(b'(' | b')' | b'<' | b'>' | b'&' | b'|' | b';') => self.at += 1,
                Some(_) => drop(self.word()?),
            }
        }
    }

    /// Reads `((...))`; nothing is taken where it is none.
    pub(super) fn arithmetic(&mut self) -> Result<(), Invalid> {
        let bytes = self.text.as_bytes();
        let mut depth = 0_usize;
        let mut at = self.at;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 1 && bytes[at - 1] == b')' && bytes.get(at) != Some(&b')') {
                // The last two brackets must stand side by side, or these are nested subshells.
                return Err(Invalid);
            }
            if depth == 0 {
                self.at = at;
                return Ok(());
            }
        }
        Err(Invalid)
    }

    fn simple(&mut self) -> Result<(), Invalid> {
        let slot = self.found.list.len();
        self.found.list.push(Command::default());
        let mut words: Vec<Word> = Vec::new();
        let start = self.at;
        loop {
            self.blanks();
            match self.peek() {
                None | Some(b'\n' | b';' | b'&' | b'|' | b')') if !self.rest().starts_with("&>") => break,
                Some(b'(') if words.len() == 1 => {
                    self.found.list.remove(slot);
                    return self.function();
                }
                Some(b'(') => return Err(Invalid),
                _ if self.redirection()? => {}
                _ if self.at_array(&words) && self.assignment()? => {}
                _ if words.is_empty() && self.assignment()? => {}
                _ => words.push(self.word()?),
            }
            if matches!(words.as_slice(), [name] if name.text == "time") {
                return self.timed(slot, words);
            }
        }
        if self.at == start {
            return Err(Invalid);
        }
        if words.is_empty() {
            self.found.list.remove(slot);
        } else {
            self.found.list[slot] = Command { words };
        }
        Ok(())
    }

    /// Reads what stands behind `time`: its options, then the pipeline that it measures, whose commands count as well.
    fn timed(&mut self, slot: usize, mut words: Vec<Word>) -> Result<(), Invalid> {
        self.blanks();
        while self.peek() == Some(b'-') {
            words.push(self.word()?);
            self.blanks();
        }
        self.found.list[slot] = Command { words };
        match self.peek() {
            None | Some(b'\n' | b';' | b'&' | b'|' | b')') => Ok(()),
            _ => {
                self.enter()?;
                self.pipeline()?;
                self.depth -= 1;
                Ok(())
            }
        }
    }

    /// Tells whether an array is declared here, as in `declare -A name=(...)`.
    fn at_array(&self, words: &[Word]) -> bool {
        const DECLARES: [&str; 5] = ["declare", "export", "local", "readonly", "typeset"];
        let name = self.rest().find(|char: char| !char.is_ascii_alphanumeric() && char != '_').unwrap_or_default();
        let value = self.rest()[name..].trim_start_matches('+');
        value.starts_with("=(") && words.first().is_some_and(|first| DECLARES.contains(&first.text.as_str()))
    }

    /// Reads `() body` after a function's name.
    fn function(&mut self) -> Result<(), Invalid> {
        self.at += 1;
        self.blanks();
        self.expect(")")?;
        self.breaks();
        self.enter()?;
        self.command()?;
        self.depth -= 1;
        Ok(())
    }

    fn assignment(&mut self) -> Result<bool, Invalid> {
        let rest = self.rest();
        let name = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len();
        if name == 0 || rest.as_bytes()[0].is_ascii_digit() {
            return Ok(false);
        }
        let mut after = &rest[name..];
        if after.starts_with('[') {
            after = after.find(']').map_or(after, |index| &after[index + 1..]);
        }
        let Some(value) = after.strip_prefix('=').or_else(|| after.strip_prefix("+=")) else { return Ok(false) };
        self.at = self.text.len() - value.len();
        match self.peek() {
            Some(b'(') => {
                self.at += 1;
                loop {
                    self.breaks();
                    if self.peek() == Some(b')') {
                        self.at += 1;
                        return Ok(true);
                    }
                    self.word()?;
                }
            }
            None | Some(b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b')') => {}
            Some(_) => drop(self.word()?),
        }
        Ok(true)
    }

    fn redirections(&mut self) -> Result<(), Invalid> {
        loop {
            self.blanks();
            if !self.redirection()? {
                return Ok(());
            }
        }
    }

    fn redirection(&mut self) -> Result<bool, Invalid> {
        let rest = self.rest();
        let operator = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let operators = ["&>>", "&>", "<<<", "<<-", "<<", "<&", "<>", ">>", ">&", ">|", "<", ">"];
        let Some(found) = operators.into_iter().find(|one| operator.starts_with(one)) else { return Ok(false) };
        // `<(` and `>(` are words.
        if operator[found.len()..].starts_with('(') && found.len() == 1 {
            return Ok(false);
        }
        self.at += rest.len() - operator.len() + found.len();
        self.blanks();
        let target = self.word()?;
        if matches!(found, "<<" | "<<-") {
            self.heredocs.push((target.text, found == "<<-"));
        }
        Ok(true)
    }

    /// Skips blanks and a comment.
    fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            let kept = rest.trim_start_matches([' ', '\t', '\r']);
            self.at += rest.len() - kept.len();
            if !kept.starts_with("\\\n") {
                break;
            }
            self.at += 2;
        }
        if self.peek() == Some(b'#') {
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    /// Skips blanks, comments, line breaks and the bodies of heredocs.
    fn breaks(&mut self) {
        loop {
            self.blanks();
            if self.peek() != Some(b'\n') {
                return;
            }
            self.at += 1;
            for (name, tabs) in std::mem::take(&mut self.heredocs) {
                self.body(&name, tabs);
            }
        }
    }

    fn body(&mut self, name: &str, tabs: bool) {
        while self.at < self.text.len() {
            let rest = self.rest();
            let end = rest.find('\n').unwrap_or(rest.len());
            let line = if tabs { rest[..end].trim_start_matches('\t') } else { &rest[..end] };
            self.at = (self.at + end + 1).min(self.text.len());
            if line == name {
                // The line break stays, for it ends the command before.
                self.at -= usize::from(end < rest.len());
                return;
            }
        }
    }

    fn expect(&mut self, end: &str) -> Result<(), Invalid> {
        self.blanks();
        if end == ")" && self.peek() == Some(b')') {
            self.at += 1;
            return Ok(());
        }
        if self.take_word(end) { Ok(()) } else { Err(Invalid) }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn at_word(&self, word: &str) -> bool {
        let Some(rest) = self.rest().strip_prefix(word) else { return false };
        word == ")" || rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n', ';', '&', '|', '(', ')', '<', '>'])
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Reads commands inside of a substitution, whose bracket is taken already, with the bracket that ends them.
    pub(super) fn substitution(&mut self) -> Result<(), Invalid> {
        self.list(&[])?;
        self.expect(")")
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }
}
