//! The place in a script, and how alternatives are tried.
//!
//! An alternative that fails without taking anything leaves the place as it was, and the next one may be tried; one that
//! took something has decided, and its failure is that of the whole. What is told on the way stays told.

use super::Problem;

/// Says at which place reading failed: the furthest that was looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fail(pub(super) usize);

pub(super) type Read<T = ()> = Result<T, Fail>;

/// Bounds the nesting.
const MAX_DEPTH: usize = 60;

/// Bounds the work for each byte: `((` and `$((` are read up to three times on each level.
const STEPS_A_BYTE: usize = 400;

/// Says whether notes count.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Notes {
    Count,
    Drop,
}

/// Is what is put back where an attempt fails.
struct State {
    at: usize,
    heredocs: Vec<(String, bool)>,
    notes: usize,
}

/// Reads a text.
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// The place at which an alternative failed without taking anything, and the furthest that it looked at.
    hint: (usize, usize),
    problems: Vec<Problem>,
    /// What is told only where the script could be read that way.
    notes: Vec<Problem>,
    /// The delimiters of heredocs whose bodies follow the next line break, and whether tabs are removed.
    pub(super) heredocs: Vec<(String, bool)>,
    depth: usize,
    steps: usize,
    gave_up: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, depth: usize) -> Self {
        let steps = text.len().saturating_mul(STEPS_A_BYTE) + 10_000;
        Self {
            text,
            at: 0,
            hint: (0, 0),
            problems: Vec::new(),
            notes: Vec::new(),
            heredocs: Vec::new(),
            depth,
            steps,
            gave_up: false,
        }
    }

    /// Tells whether the outcome means nothing.
    pub(super) fn gave_up(&self) -> bool {
        self.gave_up
    }

    /// Fails in a way that says nothing of the script.
    pub(super) fn give_up<T>(&mut self) -> Read<T> {
        self.gave_up = true;
        self.fail()
    }

    /// Returns what was told, sorted, each once.
    pub(super) fn problems(mut self, notes: Notes) -> Vec<Problem> {
        if notes == Notes::Count {
            self.problems.append(&mut self.notes);
        }
        self.problems.sort();
        self.problems.dedup();
        self.problems
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn starts(&self, text: &str) -> bool {
        self.rest().starts_with(text)
    }

    /// Tells of a problem here.
    pub(super) fn problem(&mut self, code: u16) {
        self.problem_at(code, self.at, self.at);
    }

    /// Tells of a problem at a place.
    pub(super) fn problem_at(&mut self, code: u16, start: usize, end: usize) {
        self.problems.push(Problem { code, start, end });
    }

    /// Tells of something that does not keep the script from being read.
    pub(super) fn note_at(&mut self, code: u16, start: usize) {
        self.notes.push(Problem { code, start, end: start });
    }

    /// Fails here.
    pub(super) fn fail<T>(&mut self) -> Read<T> {
        let furthest = if self.hint.0 == self.at { self.hint.1.max(self.at) } else { self.at };
        Err(Fail(furthest))
    }

    /// Takes one character of a kind.
    pub(super) fn one(&mut self, is: impl Fn(char) -> bool) -> Read<char> {
        match self.peek().filter(|char| is(*char)) {
            Some(char) => {
                self.at += char.len_utf8();
                Ok(char)
            }
            None => self.fail(),
        }
    }

    /// Takes characters of a kind, as many as there are.
    pub(super) fn all(&mut self, is: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|char| !is(char)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Takes a text, or nothing of it.
    pub(super) fn exactly(&mut self, text: &str) -> Read {
        if self.starts(text) {
            self.at += text.len();
            return Ok(());
        }
        self.fail()
    }

    /// Reads and takes nothing where that fails.
    pub(super) fn attempt<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        let state = self.state();
        let outcome = read(self);
        if outcome.is_err() {
            self.restore(state);
        }
        outcome
    }

    /// Reads what may be missing; fails where it is begun only.
    pub(super) fn optional<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<Option<T>> {
        let start = self.at;
        match read(self) {
            Ok(value) => Ok(Some(value)),
            Err(fail) if self.at == start => {
                self.remember(fail);
                Ok(None)
            }
            Err(fail) => Err(fail),
        }
    }

    /// Reads as often as possible; returns how often.
    pub(super) fn many<T>(&mut self, mut read: impl FnMut(&mut Self) -> Read<T>) -> Read<usize> {
        let mut count = 0;
        loop {
            let start = self.at;
            if self.optional(&mut read)?.is_none() || self.at == start {
                return Ok(count);
            }
            count += 1;
        }
    }

    /// Reads ahead and takes nothing where that succeeds.
    pub(super) fn ahead<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        let state = self.state();
        let value = read(self)?;
        self.restore(state);
        Ok(value)
    }

    /// Tells whether something follows; takes nothing.
    pub(super) fn follows<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> bool {
        match self.ahead(|cursor| cursor.attempt(read)) {
            Ok(_) => true,
            Err(fail) => {
                self.remember(fail);
                false
            }
        }
    }

    /// Fails, and takes nothing, where something follows.
    pub(super) fn not<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read {
        let state = self.state();
        let found = read(self).is_ok();
        let end = self.at;
        self.restore(state);
        if found { Err(Fail(end)) } else { Ok(()) }
    }

    /// Reads, and forgets what was told where that fails.
    pub(super) fn quietly<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        let told = self.problems.len();
        let outcome = self.attempt(read);
        if outcome.is_err() {
            self.problems.truncate(told);
        }
        outcome
    }

    /// Reads, and forgets what was told in any case.
    pub(super) fn silently<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        let (told, noted) = (self.problems.len(), self.notes.len());
        let outcome = read(self);
        self.problems.truncate(told);
        self.notes.truncate(noted);
        outcome
    }

    fn state(&self) -> State {
        State { at: self.at, heredocs: self.heredocs.clone(), notes: self.notes.len() }
    }

    fn restore(&mut self, state: State) {
        self.at = state.at;
        self.heredocs = state.heredocs;
        self.notes.truncate(state.notes);
    }

    /// Reads on a deeper level.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= MAX_DEPTH || self.steps == 0 || self.gave_up {
            return self.give_up();
        }
        self.steps -= 1;
        self.depth += 1;
        let outcome = read(self);
        self.depth -= 1;
        outcome
    }

    /// Reads a text of its own, whose problems stand at `place`; what is wrong in it is told and does not matter here.
    pub(super) fn apart(&mut self, text: &str, place: usize) {
        let mut inner = Cursor::new(text, self.depth + 1);
        let outcome = inner.script();
        self.gave_up |= inner.gave_up;
        if let Err(fail) = outcome {
            inner.problem_at(1072, fail.0, fail.0);
        }
        let moved = |one: Problem| Problem { start: place + one.start, end: place + one.end, ..one };
        if outcome.is_ok() {
            self.notes.extend(inner.notes.into_iter().map(moved));
        }
        self.problems.extend(inner.problems.into_iter().map(moved));
    }

    fn remember(&mut self, fail: Fail) {
        let before = if self.hint.0 == self.at { self.hint.1 } else { self.at };
        self.hint = (self.at, before.max(fail.0));
    }
}
