//! Patterns of COPY and ADD: Go's `filepath.Match` and the `**` patterns of moby's patternmatcher.
//!
//! A pattern becomes a list of tokens; matching walks the name once with the set of reachable tokens, so that no pattern
//! can make it slow.

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("pattern `{0}` is malformed")]
pub struct BadPattern(pub String);

/// One compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    tokens: Vec<Token>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Literal(char),
    /// `?`: one character that is no slash.
    One,
    /// `*`: any run without a slash.
    Star,
    /// `**` at the end: anything.
    Rest,
    /// `**/` or `**` before something: whole leading components, or nothing.
    Components,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

/// Which characters have a special meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Syntax {
    /// `filepath.Match`: no `**`.
    Match,
    /// Include, exclude and ignore patterns.
    Deep,
}

/// Returns whether a name has a wildcard that no backslash takes away.
pub fn has_wildcards(name: &[u8]) -> bool {
    let mut bytes = name.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => _ = bytes.next(),
            b'*' | b'?' | b'[' => return true,
            _ => {}
        }
    }
    false
}

impl Glob {
    /// Compiles a pattern as `filepath.Match` reads it.
    ///
    /// # Errors
    /// An unclosed class, an empty one and a trailing backslash.
    pub fn new(pattern: &[u8]) -> Result<Self, BadPattern> {
        Self::compile(pattern, Syntax::Match)
    }

    /// Compiles an include or exclude pattern, in which `**` crosses slashes.
    ///
    /// # Errors
    /// As [`Glob::new`].
    pub fn deep(pattern: &[u8]) -> Result<Self, BadPattern> {
        Self::compile(pattern, Syntax::Deep)
    }

    fn compile(pattern: &[u8], syntax: Syntax) -> Result<Self, BadPattern> {
        let bad = || BadPattern(String::from_utf8_lossy(pattern).into_owned());
        let characters: Vec<char> = characters(pattern).collect();
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(&character) = characters.get(at) {
            at += 1;
            match character {
                '*' if syntax == Syntax::Deep && characters.get(at) == Some(&'*') => {
                    at += 1;
                    tokens.push(deep_token(&characters, &mut at, tokens.is_empty()));
                }
                '*' => tokens.push(Token::Star),
                '?' => tokens.push(Token::One),
                '[' => tokens.push(class(&characters, &mut at).ok_or_else(bad)?),
                '\\' => {
                    tokens.push(Token::Literal(*characters.get(at).ok_or_else(bad)?));
                    at += 1;
                }
                literal => tokens.push(Token::Literal(literal)),
            }
        }
        Ok(Self { tokens })
    }

    /// Returns whether the whole name matches.
    pub fn matches(&self, name: &[u8]) -> bool {
        let mut states = States::new(self.tokens.len());
        states.enter(&self.tokens, 0);
        for character in characters(name) {
            let mut next = States::new(self.tokens.len());
            for (index, token) in self.tokens.iter().enumerate() {
                states.step(&self.tokens, (index, token), character, &mut next);
            }
            if next.is_empty() {
                return false;
            }
            states = next;
        }
        states.at[self.tokens.len()]
    }
}

/// The tokens that may take the next character.
struct States {
    at: Vec<bool>,
    /// Tokens of whole components that have taken characters and wait for their slash.
    inside: Vec<bool>,
}

impl States {
    fn new(tokens: usize) -> Self {
        Self { at: vec![false; tokens + 1], inside: vec![false; tokens + 1] }
    }

    fn is_empty(&self) -> bool {
        !self.at.contains(&true) && !self.inside.contains(&true)
    }

    /// Reaches a token, and all behind it while a token may also take nothing.
    fn enter(&mut self, tokens: &[Token], mut index: usize) {
        loop {
            self.at[index] = true;
            match tokens.get(index) {
                Some(Token::Star | Token::Rest | Token::Components) => index += 1,
                _ => return,
            }
        }
    }

    fn step(&self, tokens: &[Token], (index, token): (usize, &Token), character: char, next: &mut Self) {
        let live = self.at[index];
        match token {
            Token::Components if live || self.inside[index] => {
                next.inside[index] = true;
                if character == '/' {
                    next.enter(tokens, index + 1);
                }
            }
            Token::Literal(literal) if live && *literal == character => next.enter(tokens, index + 1),
            Token::One if live && character != '/' => next.enter(tokens, index + 1),
            Token::Star if live && character != '/' => next.enter(tokens, index),
            Token::Rest if live => next.enter(tokens, index),
            Token::Class { negated, ranges } if live => {
                let inside = ranges.iter().any(|(low, high)| (*low..=*high).contains(&character));
                if inside != *negated {
                    next.enter(tokens, index + 1);
                }
            }
            _ => {}
        }
    }
}

/// Returns what `**` means at this place, and eats the slash behind it.
fn deep_token(characters: &[char], at: &mut usize, first: bool) -> Token {
    let slash = characters.get(*at) == Some(&'/');
    let rest = &characters[*at + usize::from(slash)..];
    *at += usize::from(slash);
    if rest.is_empty() {
        return Token::Rest;
    }
    // A leading `**` before plain text is compared as a suffix, which need not begin at a slash.
    let plain = !rest.iter().any(|c| matches!(c, '*' | '?' | '[' | ']' | '\\'));
    if first && !slash && plain { Token::Rest } else { Token::Components }
}

/// Reads a class behind its `[`; nothing when it is malformed.
fn class(characters: &[char], at: &mut usize) -> Option<Token> {
    let negated = characters.get(*at) == Some(&'^');
    *at += usize::from(negated);
    let mut ranges = Vec::new();
    loop {
        if characters.get(*at) == Some(&']') && !ranges.is_empty() {
            *at += 1;
            return Some(Token::Class { negated, ranges });
        }
        let low = class_character(characters, at)?;
        let mut high = low;
        if characters.get(*at) == Some(&'-') {
            *at += 1;
            high = class_character(characters, at)?;
        }
        ranges.push((low, high));
    }
}

fn class_character(characters: &[char], at: &mut usize) -> Option<char> {
    let mut character = *characters.get(*at).filter(|c| !matches!(c, '-' | ']'))?;
    *at += 1;
    if character == '\\' {
        character = *characters.get(*at)?;
        *at += 1;
    }
    Some(character)
}

/// Returns the characters of a name; a byte that is no UTF-8 stands for itself in the private use area.
fn characters(bytes: &[u8]) -> impl Iterator<Item = char> {
    const PRIVATE: u32 = 0x10_FF00;
    let raw = |byte: &u8| char::from_u32(PRIVATE + u32::from(*byte)).expect("plane 16 has these characters");
    bytes.utf8_chunks().flat_map(move |chunk| chunk.valid().chars().chain(chunk.invalid().iter().map(raw)))
}

/// A list of include or exclude patterns; the last one that matches decides.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    glob: Glob,
    exception: bool,
}

impl Patterns {
    /// Compiles the patterns; blank ones are left out, a leading `!` makes an exception.
    ///
    /// # Errors
    /// A malformed pattern, and `!` alone.
    pub fn new<T: AsRef<str>>(patterns: &[T]) -> Result<Self, BadPattern> {
        let mut rules = Vec::new();
        for pattern in patterns.iter().map(|p| p.as_ref().trim()).filter(|p| !p.is_empty()) {
            let (exception, text) = match pattern.strip_prefix('!') {
                Some("") => return Err(BadPattern(pattern.to_owned())),
                Some(rest) => (true, rest),
                None => (false, pattern),
            };
            rules.push(Rule { glob: Glob::deep(&clean(text))?, exception });
        }
        Ok(Self { rules })
    }

    /// Returns whether there is no pattern at all.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Returns whether a pattern makes exceptions, so that something below an excluded directory may come back.
    pub fn has_exceptions(&self) -> bool {
        self.rules.iter().any(|rule| rule.exception)
    }

    /// Returns whether a relative path is matched: the last pattern that matches it or a directory above it decides.
    pub fn matches(&self, path: &[u8]) -> bool {
        let hit = |rule: &&Rule| {
            let above = path.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(end, _)| &path[..end]);
            rule.glob.matches(path) || above.into_iter().any(|directory| rule.glob.matches(directory))
        };
        self.rules.iter().rev().find(hit).is_some_and(|rule| !rule.exception)
    }
}

/// Cleans a pattern by name as Go's `filepath.Clean` does.
fn clean(pattern: &str) -> Vec<u8> {
    let rooted = pattern.starts_with('/');
    let mut components: Vec<&str> = Vec::new();
    for component in pattern.split('/').filter(|c| !c.is_empty() && *c != ".") {
        match (component, components.last()) {
            ("..", Some(last)) if *last != ".." => _ = components.pop(),
            ("..", None) if rooted => {}
            _ => components.push(component),
        }
    }
    let joined = components.join("/");
    if rooted {
        format!("/{joined}").into_bytes()
    } else if joined.is_empty() {
        b".".to_vec()
    } else {
        joined.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(pattern: &str, name: &str) -> bool {
        Glob::new(pattern.as_bytes()).unwrap().matches(name.as_bytes())
    }

    fn listed(patterns: &[&str], name: &str) -> bool {
        Patterns::new(patterns).unwrap().matches(name.as_bytes())
    }

    #[test]
    fn wildcards_stay_in_their_component() {
        assert!(plain("*.c", "main.c") && plain("d?r/*", "dir/f") && plain("a*b*c", "aXbYbZc"));
        assert!(!plain("*", "a/b") && !plain("d?r", "d/r") && !plain("**", "a/b"));
    }

    #[test]
    fn classes_and_escapes() {
        assert!(plain("[a-c]x", "bx") && plain("[^a-c]x", "dx") && plain("[[]a", "[a") && plain("[\\]]", "]"));
        assert!(plain("\\*", "*") && !plain("\\*", "x") && !plain("[^a]", "a"));
        for bad in ["[", "[]", "a[b", "\\", "[a-]", "[-a]"] {
            assert!(Glob::new(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_question_mark_takes_one_character_of_any_length() {
        assert!(plain("?", "é") && !plain("?", "éé"));
        assert!(Glob::new(b"?").unwrap().matches(b"\xff"));
    }

    #[test]
    fn double_stars_cross_components() {
        for (pattern, name) in [
            ("**/x", "x"),
            ("**/x", "a/b/x"),
            ("a/**/x", "a/x"),
            ("a/**/x", "a/b/c/x"),
            ("a/**", "a/b/c"),
            ("**", "a/b"),
            ("**x", "ax"),
            ("**/*.go", "a/b.go"),
        ] {
            assert!(listed(&[pattern], name), "{pattern} {name}");
        }
        for (pattern, name) in [("**/x", "ax"), ("a/**/x", "ab/x"), ("a**/x", "b/x")] {
            assert!(!listed(&[pattern], name), "{pattern} {name}");
        }
    }

    #[test]
    fn the_last_match_decides_and_parents_count() {
        assert!(listed(&["a"], "a/b/c"));
        assert!(!listed(&["a", "!a/b"], "a/b/c"));
        assert!(listed(&["!a/b", "a"], "a/b"));
        assert!(!listed(&["b"], "a/b"));
        assert!(listed(&["./a/../b/"], "b"));
    }

    #[test]
    fn a_hostile_pattern_is_not_slow() {
        let pattern = "**/*a".repeat(60);
        let name = "a/".repeat(400);
        assert!(!Glob::deep(pattern.as_bytes()).unwrap().matches(name.as_bytes()));
    }

    #[test]
    fn escaped_wildcards_are_none() {
        assert!(has_wildcards(b"a*") && has_wildcards(b"[[]") && !has_wildcards(b"a\\*b\\?"));
    }
}
