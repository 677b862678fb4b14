//! Patterns with the names that they match.

use proptest::prelude::*;

use super::*;

fn shown(pattern: &str, name: &str) -> &'static str {
    match Glob::new(pattern.as_bytes()).map(|glob| glob.matches(name.as_bytes())) {
        Ok(true) => "match",
        Ok(false) => "none",
        Err(BadPattern(_)) => "bad",
    }
}

#[test]
fn star_and_question_mark_stop_at_a_slash() {
    assert_eq!(shown("*.c", "main.c"), "match");
    assert_eq!(shown("*", "src/main.c"), "none");
    assert_eq!(shown("s?c", "s/c"), "none");
    assert_eq!(shown("*/*.c", "src/main.c"), "match");
    assert_eq!(shown("**/main.c", "a/b/main.c"), "none");
}

#[test]
fn later_star_is_tried_at_every_place() {
    assert_eq!(shown("a*b*c", "aXbbYcZc"), "match");
    assert_eq!(shown("*ab", "aaab"), "match");
    assert_eq!(shown("a*b*c", "aXbbYcZd"), "none");
}

#[test]
fn classes_hold_ranges_and_escapes() {
    assert_eq!(shown("[[]x]", "[x]"), "match");
    assert_eq!(shown("v[0-9a]", "va"), "match");
    assert_eq!(shown("v[^0-9]", "v3"), "none");
    assert_eq!(shown("[\\]]", "]"), "match");
    assert_eq!(shown("[*]", "*"), "match");
}

#[test]
fn a_question_mark_takes_one_character_of_any_length() {
    assert_eq!(shown("?", "é"), "match");
    assert_eq!(shown("?", "éé"), "none");
}

#[test]
fn a_hostile_deep_pattern_is_not_slow() {
    let pattern = "**/*a".repeat(60);
    let name = "a/".repeat(400);
    assert!(!Glob::deep(pattern.as_bytes()).unwrap().matches(name.as_bytes()));
}

#[test]
fn escaped_wildcards_are_none() {
    assert!(has_wildcards(b"a*") && has_wildcards(b"[[]") && !has_wildcards(b"a\\*b\\?"));
}

#[test]
fn malformed_patterns_are_refused_whatever_the_name() {
    for pattern in ["[", "a[", "[]", "[a-]", "[-a]", "a\\", "x[^", "zzz["] {
        assert_eq!(shown(pattern, "a"), "bad", "{pattern}");
    }
}

#[test]
fn names_need_not_be_utf8() {
    let plain = |pattern: &[u8]| Glob::new(pattern).unwrap().matches(b"a\xffc");
    assert!(plain(b"a?c") && plain(b"a\xffc") && plain(b"a[^b]c"));
    assert!(!plain(b"a\xfec"));
    assert!(Glob::new(b"[\xff]").is_err());
}

#[test]
fn many_stars_on_a_long_name_end_soon() {
    let pattern = "a*".repeat(200) + "b";
    assert_eq!(shown(&pattern, &"a".repeat(20_000)), "none");
}

proptest! {
    #[test]
    fn escaped_name_matches_itself(name in "[ -~é]{0,20}") {
        let pattern = name.chars().flat_map(|each| ['\\', each]).collect::<String>();
        prop_assert_eq!(shown(&pattern, &name), "match");
    }

    #[test]
    fn any_bytes_are_judged(pattern in prop::collection::vec(any::<u8>(), 0..30), name in prop::collection::vec(any::<u8>(), 0..30)) {
        for glob in [Glob::new(&pattern), Glob::deep(&pattern)].into_iter().flatten() {
            let _ = glob.matches(&name);
        }
    }
}
