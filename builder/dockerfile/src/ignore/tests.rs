//! Ignore files with the paths that they leave out.

use proptest::prelude::*;

use super::*;

/// Lists the paths of a small context that some rules keep.
fn kept(rules: &str, paths: &[&'static str]) -> Vec<&'static str> {
    let rules = IgnoreRules::parse(rules.as_bytes()).unwrap();
    paths.iter().copied().filter(|path| rules.verdict(path.as_bytes()) == Verdict::Kept).collect()
}

fn error(rules: &str) -> String {
    IgnoreRules::parse(rules.as_bytes()).unwrap_err().to_string()
}

#[test]
fn directory_rule_covers_what_is_below() {
    assert_eq!(
        kept("node_modules\n", &["node_modules", "node_modules/a/b.js", "src/node_modules"]),
        ["src/node_modules"]
    );
}

#[test]
fn last_match_wins() {
    assert_eq!(kept("*.md\n!README*.md\nREADME-secret.md", &["a.md", "README.md", "README-secret.md"]), ["README.md"]);
}

#[test]
fn comments_blank_lines_and_bom_are_no_rules() {
    let rules = "\u{feff}#a\n\n  \t\r\n b \r\n #c";
    assert_eq!(kept(rules, &["a", "#a", "b", "#c"]), ["a", "#a"]);
}

#[test]
fn leading_slash_and_dots_are_cleaned() {
    assert_eq!(kept("/a/./b//c/\n! /a/b/c/d", &["a/b/c", "a/b/c/d", "a/b/c/e"]), ["a/b/c/d"]);
    assert_eq!(kept("./x/../y", &["x", "y"]), ["x"]);
}

#[test]
fn lone_dot_ignores_nothing() {
    assert_eq!(kept(".\n./\n", &["a", "a/b", "."]), ["a", "a/b", "."]);
}

#[test]
fn lone_exclamation_mark_is_refused() {
    assert_eq!(error("a\n!\n"), "illegal exclusion pattern: \"!\"");
    assert_eq!(error("! "), "illegal exclusion pattern: \"!\"");
}

#[test]
fn malformed_pattern_is_refused() {
    assert_eq!(error("[a"), "cannot read the pattern \"[a\"");
    assert_eq!(error("[b-a]"), "cannot read the pattern \"[b-a]\"");
}

#[test]
fn exception_brings_back_below_an_ignored_directory() {
    assert_eq!(kept("*\n!*/sub1*", &["a", "a/b", "a/sub1", "a/sub12/x", "sub1"]), ["a/sub1", "a/sub12/x"]);
}

#[test]
fn double_star_spans_any_depth() {
    let paths = ["a.pyc", "x/a.pyc", "x/y/a.pyc", "x/a.py"];
    assert_eq!(kept("**/*.pyc", &paths), ["x/a.py"]);
    assert_eq!(kept("x/**", &["x", "x/a", "xa"]), ["x", "xa"]);
    assert_eq!(kept("x/**/a", &["x/a", "x/y/a", "x/y/z/a", "xa"]), ["xa"]);
}

#[test]
fn double_star_before_plain_text_is_a_suffix() {
    assert_eq!(kept("**foo", &["xfoo", "a/xfoo", "foo/b"]), Vec::<&str>::new());
    assert_eq!(kept("**fo?", &["xfoo", "a/foo", "foo"]), ["xfoo"]);
}

#[test]
fn wildcards_in_brackets_match_nothing_sensible() {
    assert_eq!(kept("[*]\n[?]", &["*", "?", "a"]), ["*", "?", "a"]);
    assert_eq!(kept("[[]x\n[[:digit:]]", &["[x", "7", "a"]), ["a"]);
}

#[test]
fn caret_in_a_wildcard_pattern_is_an_anchor() {
    assert_eq!(kept("^a*\nb^*", &["ab", "^ab", "b^c"]), ["^ab", "b^c"]);
    assert_eq!(kept("b^c", &["b^c"]), Vec::<&str>::new());
}

#[test]
fn rule_passed_over_at_a_directory_does_not_apply_below() {
    // The second `a` changes nothing at the directory itself, so the walk does not remember it.
    assert_eq!(kept("a\n!a/b\na", &["a", "a/b", "a/c"]), ["a/b"]);
}

#[test]
fn pruning_asks_whether_an_exception_can_still_match() {
    let rules = IgnoreRules::parse(b"*\n!src/*/keep\n!docs\n").unwrap();
    for (directory, expected) in
        [("src", true), ("src/a", true), ("src/a/b", false), ("srcs", false), ("vendor", false)]
    {
        assert_eq!(rules.may_contain_included(directory.as_bytes()), expected, "{directory}");
    }
    let deep = IgnoreRules::parse(b"*\n!**/keep").unwrap();
    assert!(deep.may_contain_included(b"any/where"));
}

#[test]
fn bytes_that_are_not_utf8_are_judged() {
    let rules = IgnoreRules::parse(b"a?c\n\xff*").unwrap();
    assert_eq!(rules.verdict(b"a\xffc"), Verdict::Ignored);
    assert_eq!(rules.verdict(b"\xfe\n"), Verdict::Ignored);
    assert_eq!(rules.verdict(b"ab"), Verdict::Kept);
}

#[test]
fn many_stars_on_a_long_path_end_soon() {
    let rules = IgnoreRules::parse(("**/a*".repeat(40) + "b").as_bytes()).unwrap();
    assert_eq!(rules.verdict("a".repeat(4_000).as_bytes()), Verdict::Kept);
}

proptest! {
    #[test]
    fn a_list_agrees_with_a_plain_pattern_where_both_apply(pattern in "[ab?*]{1,6}", name in "[ab]{1,6}") {
        prop_assume!(!pattern.contains("**"));
        let list = PatternList::new([pattern.as_bytes()]).unwrap();
        let plain = containr_glob::Glob::new(pattern.as_bytes()).unwrap();
        prop_assert_eq!(list.matches(name.as_bytes()), plain.matches(name.as_bytes()));
    }

    #[test]
    fn any_bytes_are_read(text in prop::collection::vec(any::<u8>(), 0..60), path in prop::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(rules) = IgnoreRules::parse(&text) {
            let _ = (rules.verdict(&path), rules.may_contain_included(&path));
        }
    }

    #[test]
    fn walking_agrees_with_judging_alone(lines in "([!]?[ab*/?]{1,6}\n){0,5}", path in "[ab]{1,2}(/[ab]{1,2}){0,3}") {
        let Ok(rules) = IgnoreRules::parse(lines.as_bytes()) else { return Ok(()) };
        let mut matches = Matches::default();
        let mut verdict = Verdict::Kept;
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        for end in ends {
            (verdict, matches) = rules.verdict_below(&path.as_bytes()[..end], &matches);
        }
        prop_assert_eq!(verdict, rules.verdict(path.as_bytes()));
    }

    #[test]
    fn pruned_directory_holds_nothing_kept(lines in "([!]?[ab*/?]{1,6}\n){0,5}", directory in "[ab](/[ab]){0,2}", below in "[ab](/[ab]){0,2}") {
        let Ok(rules) = IgnoreRules::parse(lines.as_bytes()) else { return Ok(()) };
        if rules.verdict(directory.as_bytes()) == Verdict::Ignored && !rules.may_contain_included(directory.as_bytes()) {
            let path = format!("{directory}/{below}");
            prop_assert_eq!(rules.verdict(path.as_bytes()), Verdict::Ignored);
        }
    }
}
