//! Lists of include and exclude patterns of COPY and ADD, as moby's patternmatcher has them.

use containr_glob::{BadPattern, Glob};

/// A list of include or exclude patterns; the last one that matches decides.
#[derive(Debug, Clone, Default)]
pub(crate) struct Patterns {
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
    pub(crate) fn new<T: AsRef<str>>(patterns: &[T]) -> Result<Self, BadPattern> {
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

    /// Returns whether a pattern makes exceptions, so that something below an excluded directory may come back.
    pub(crate) fn has_exceptions(&self) -> bool {
        self.rules.iter().any(|rule| rule.exception)
    }

    /// Returns whether a relative path is matched: the last pattern that matches it or a directory above it decides.
    pub(crate) fn matches(&self, path: &[u8]) -> bool {
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

    fn listed(patterns: &[&str], name: &str) -> bool {
        Patterns::new(patterns).unwrap().matches(name.as_bytes())
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
}
