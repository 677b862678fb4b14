//! The patterns of `${v#p}`, `${v%p}` and `${v/p/r}`: `*`, `?` and escapes of these two and of the backslash.
//!
//! Wildcards do not match a line feed, because BuildKit turns them into a regular expression's dot.

use std::ops::Range;

/// What is wrong with a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// A backslash stands before a character that needs none.
    #[error("invalid escape '\\{0}'")]
    Escape(char),
    /// A backslash stands at the end.
    #[error("trailing backslash")]
    Trailing,
}

/// Says which of several matches counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Shortest,
    Longest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Literal(char),
    One,
    Many,
}

/// A parsed pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ShellPattern(Vec<Token>);

impl ShellPattern {
    /// Parses a pattern whose escapes are still in it.
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        let mut tokens = Vec::with_capacity(text.len());
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            tokens.push(match character {
                '*' if tokens.last() == Some(&Token::Many) => continue,
                '*' => Token::Many,
                '?' => Token::One,
                '\\' => match rest.next().ok_or(PatternError::Trailing)? {
                    // `}` and `/` are escaped for the sake of `${}`, not of the pattern.
                    escaped @ ('}' | '/' | '*' | '?' | '\\') => Token::Literal(escaped),
                    other => return Err(PatternError::Escape(other)),
                },
                other => Token::Literal(other),
            });
        }
        Ok(Self(tokens))
    }

    /// Returns what follows the prefix that matches.
    pub(super) fn without_prefix<'v>(&self, value: &'v str, reach: Reach) -> &'v str {
        let end = self.end_of_match(value.chars(), reach).unwrap_or(0);
        &value[end..]
    }

    /// Returns what stands before the suffix that matches.
    pub(super) fn without_suffix<'v>(&self, value: &'v str, reach: Reach) -> &'v str {
        let backwards = Self(self.0.iter().rev().copied().collect());
        let length = backwards.end_of_match(value.chars().rev(), reach).unwrap_or(0);
        &value[..value.len() - length]
    }

    /// Returns the leftmost match, the longest of those that start there.
    pub(super) fn find(&self, value: &str) -> Option<Range<usize>> {
        self.find_from(value, 0)
    }

    /// Replaces every match; nothing when the result would be longer than `limit`.
    ///
    /// An empty match right behind another match does not count.
    pub(super) fn replace_all(&self, value: &str, replacement: &str, limit: usize) -> Option<String> {
        let mut result = String::with_capacity(value.len());
        let (mut copied, mut position) = (0, 0);
        while let Some(found) = self.find_from(value, position) {
            result.push_str(&value[copied..found.start]);
            if found.end > copied || found.start == 0 {
                result.push_str(replacement);
            }
            if result.len() > limit {
                return None;
            }
            copied = found.end;
            let step = value[position..].chars().next().map_or(1, char::len_utf8);
            position = found.end.max(position + step);
            if position > value.len() {
                break;
            }
        }
        result.push_str(&value[copied..]);
        (result.len() <= limit).then_some(result)
    }

    /// Returns how many bytes of a sequence match from its start.
    fn end_of_match(&self, value: impl Iterator<Item = char>, reach: Reach) -> Option<usize> {
        let mut threads = Threads::new(self.0.len());
        threads.start(&self.0, 0);
        let mut found = threads.accepted().map(|_| 0);
        let mut end = 0;
        for character in value {
            if (found.is_some() && reach == Reach::Shortest) || threads.is_empty() {
                break;
            }
            threads.step(&self.0, character);
            end += character.len_utf8();
            if threads.accepted().is_some() {
                found = Some(end);
            }
        }
        found
    }

    fn find_from(&self, value: &str, from: usize) -> Option<Range<usize>> {
        let mut threads = Threads::new(self.0.len());
        let mut best: Option<Range<usize>> = None;
        let mut position = from;
        let mut rest = value[from..].chars();
        loop {
            if best.is_none() {
                threads.start(&self.0, position);
            }
            if let Some(start) = threads.accepted()
                && best.as_ref().is_none_or(|best| start <= best.start)
            {
                best = Some(start..position);
            }
            if let Some(best) = &best {
                threads.drop_after(best.start);
            }
            let Some(character) = rest.next().filter(|_| best.is_none() || !threads.is_empty()) else { return best };
            threads.step(&self.0, character);
            position += character.len_utf8();
        }
    }
}

/// For each place in the pattern, the leftmost start of a partial match that has come this far.
struct Threads {
    starts: Vec<Option<usize>>,
    next: Vec<Option<usize>>,
}

impl Threads {
    fn new(tokens: usize) -> Self {
        Self { starts: vec![None; tokens + 1], next: vec![None; tokens + 1] }
    }

    /// Adds a match that starts here, unless one that started earlier is at the same place.
    fn start(&mut self, tokens: &[Token], position: usize) {
        reach(&mut self.starts, tokens, 0, position);
    }

    fn step(&mut self, tokens: &[Token], character: char) {
        self.next.fill(None);
        for (place, start) in self.starts.iter().enumerate() {
            let (Some(start), Some(token)) = (*start, tokens.get(place)) else { continue };
            match *token {
                Token::Literal(literal) if literal == character => reach(&mut self.next, tokens, place + 1, start),
                Token::One if character != '\n' => reach(&mut self.next, tokens, place + 1, start),
                Token::Many if character != '\n' => reach(&mut self.next, tokens, place, start),
                _ => {}
            }
        }
        std::mem::swap(&mut self.starts, &mut self.next);
    }

    fn accepted(&self) -> Option<usize> {
        *self.starts.last().expect("there is a place behind the last token")
    }

    fn drop_after(&mut self, latest: usize) {
        self.starts
            .iter_mut()
            .filter(|start| start.is_some_and(|start| start > latest))
            .for_each(|start| *start = None);
    }

    fn is_empty(&self) -> bool {
        self.starts.iter().all(Option::is_none)
    }
}

/// Puts a thread at a place and, where a `*` may match nothing, also behind it.
fn reach(starts: &mut [Option<usize>], tokens: &[Token], mut place: usize, start: usize) {
    loop {
        starts[place] = Some(starts[place].map_or(start, |earlier| earlier.min(start)));
        if tokens.get(place) != Some(&Token::Many) {
            return;
        }
        place += 1;
    }
}
