//! Patterns with the names that they match.

use proptest::prelude::*;

use super::*;

fn shown(pattern: &str, name: &str) -> &'static str {
    match matches(pattern.as_bytes(), name.as_bytes()) {
        Ok(true) => "match",
        Ok(false) => "none",
        Err(BadPattern) => "bad",
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
fn malformed_patterns_are_refused_whatever_the_name() {
    for pattern in ["[", "a[", "[]", "[a-]", "[-a]", "a\\", "x[^", "zzz["] {
        assert_eq!(shown(pattern, "a"), "bad", "{pattern}");
    }
}

#[test]
fn names_need_not_be_utf8() {
    assert_eq!(matches(b"a?c", b"a\xffc"), Ok(true));
    assert_eq!(matches(b"a\xffc", b"a\xffc"), Ok(true));
    assert_eq!(matches(b"a\xfec", b"a\xffc"), Ok(false));
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
        let _ = matches(&pattern, &name);
    }

    #[test]
    fn ignore_list_agrees_where_both_apply(pattern in "[ab?*]{1,6}", name in "[ab]{1,6}") {
        prop_assume!(!pattern.contains("**"));
        let list = crate::ignore::PatternList::new([pattern.as_bytes()]).unwrap();
        prop_assert_eq!(list.matches(name.as_bytes()), shown(&pattern, &name) == "match");
    }
}
