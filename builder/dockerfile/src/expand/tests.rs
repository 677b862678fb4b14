//! Words with what they expand to.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn shown(word: &str, pairs: &[(&str, &str)]) -> String {
    match expand_word(word, '\\', &variables(pairs)) {
        Ok(expanded) => expanded.text,
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn trims_the_shortest_and_the_longest_prefix() {
    let path = [("P", "/usr/local/bin")];
    assert_eq!(shown("${P#*/}", &path), "usr/local/bin");
    assert_eq!(shown("${P##*/}", &path), "bin");
    assert_eq!(shown("${P#??}", &path), "sr/local/bin");
    assert_eq!(shown("${P#x}", &path), "/usr/local/bin");
}

#[test]
fn trims_the_shortest_and_the_longest_suffix() {
    let name = [("F", "a.tar.gz")];
    assert_eq!(shown("${F%.*}", &name), "a.tar");
    assert_eq!(shown("${F%%.*}", &name), "a");
    assert_eq!(shown("${F%\\*}", &[("F", "a*b*")]), "a*b");
}

#[test]
fn replaces_the_first_or_every_match() {
    let text = [("T", "one two one")];
    assert_eq!(shown("${T/one/1}", &text), "1 two one");
    assert_eq!(shown("${T//one/1}", &text), "1 two 1");
    assert_eq!(shown("${T//o*e/-}", &text), "-");
    assert_eq!(shown("${T//e/}", &text), "on two on");
}

#[test]
fn empty_pattern_matches_between_all_characters() {
    assert_eq!(shown("${T///-}", &[("T", "aé")]), "-a-é-");
    assert_eq!(shown("${T///-}", &[("T", "")]), "-");
}

#[test]
fn star_takes_the_longest_match_that_starts_leftmost() {
    assert_eq!(shown("${T/a*b/-}", &[("T", "xa1b2bc")]), "x-c");
    assert_eq!(shown("${T/a*b/-}", &[("T", "aab ab")]), "-");
    assert_eq!(shown("${T/?b/-}", &[("T", "abb")]), "-b");
}

#[test]
fn wildcards_stop_at_a_line_feed() {
    assert_eq!(shown("${T//*/-}", &[("T", "a\nb")]), "-\n-");
    assert_eq!(shown("${T##*b}", &[("T", "a\nb")]), "a\nb");
}

#[test]
fn pattern_comes_from_a_variable() {
    assert_eq!(shown("${A#$B}", &[("A", "xyz"), ("B", "x*")]), "yz");
    assert_eq!(shown("${A##$B}", &[("A", "xyz"), ("B", "x*")]), "");
}

#[test]
fn malformed_substitutions_are_named() {
    let set = [("A", "x")];
    assert_eq!(shown("${A", &set), "error: syntax error: missing '}'");
    assert_eq!(shown("${A/x}", &set), "error: syntax error: missing '/' in ${}");
    assert_eq!(shown("${}", &set), "error: syntax error: bad substitution");
    assert_eq!(shown("${A:=1}", &set), "error: unsupported modifier (:=) in substitution");
    assert_eq!(shown("${A:#x}", &set), "error: unsupported modifier (:#) in substitution");
    assert_eq!(shown("${A#\\x} ", &set), "error: invalid pattern (\\x) in substitution");
    assert_eq!(shown("${B:?no $A} ", &set), "error: B: no x");
    assert_eq!(shown("${B?} ", &set), "error: B: is not allowed to be unset");
}

#[test]
fn names_used_and_unset_are_told() {
    let expanded = expand_word("$A${B:-$C}", '\\', &variables(&[("A", "1"), ("C", "3")])).unwrap();
    assert_eq!(expanded.text, "13");
    assert_eq!(expanded.used.into_iter().collect::<Vec<_>>(), ["A", "C"]);
    assert_eq!(expanded.unset.into_iter().collect::<Vec<_>>(), ["B"]);
}

#[test]
fn values_split_into_words_unless_quoted() {
    let expanded = expand_word("a$V \"b$V\" ''", '\\', &variables(&[("V", "1 2")])).unwrap();
    assert_eq!(expanded.words, ["a1", "2", "b1 2"]);
}

#[test]
fn default_value_keeps_the_text_before_it() {
    assert_eq!(expand_word("80${X:-80} 1", '\\', &NoVariables).unwrap().words, ["8080", "1"]);
}

#[test]
fn backtick_is_the_escape_character() {
    let expanded = expand_word("c:\\a`$b", '`', &NoVariables).unwrap();
    assert_eq!(expanded.text, "c:\\a$b");
}

#[test]
fn heredoc_keeps_quotes_but_expands() {
    let expanded = expand("'$A' \"\\$A\"\n", Dialect::heredoc(), &variables(&[("A", "1")])).unwrap();
    assert_eq!(expanded.text, "'1' \"$A\"\n");
}

#[test]
fn display_fills_in_only_what_is_set() {
    let text = "echo '$A' \"$A\" $A $B ${B:-x} ${B/x/y}";
    let expanded = expand(text, Dialect::display('\\'), &variables(&[("A", "1")])).unwrap();
    assert_eq!(expanded.text, "echo '$A' \"1\" 1 $B ${B:-x} ${B/x/y}");
}

#[test]
fn deep_nesting_is_refused() {
    let word = format!("{}x{}", "${a:-".repeat(10_000), "}".repeat(10_000));
    assert_eq!(expand_word(&word, '\\', &NoVariables), Err(ExpandError::Nesting));
}

#[test]
fn growing_text_is_refused() {
    let big = variables(&[("A", &"x".repeat(1 << 20))]);
    assert_eq!(expand_word(&"$A".repeat(100), '\\', &big), Err(ExpandError::Size));
    assert_eq!(expand_word("${A//x/$A}", '\\', &big), Err(ExpandError::Size));
}

proptest! {
    #[test]
    fn any_text_expands_or_is_refused(text in any::<String>()) {
        let _ = expand_word(&text, '\\', &variables(&[("a", "1")]));
        let _ = expand(&text, Dialect::heredoc(), &NoVariables);
    }

    #[test]
    fn syntax_like_text_never_panics(text in "[$a{}:?+#%/*\\\\'\" <-]{0,40}") {
        let _ = expand_word(&text, '\\', &variables(&[("a", "aéa b")]));
    }

    #[test]
    fn plain_text_is_itself(text in "[a-z0-9 ./é-]*") {
        prop_assert_eq!(expand_word(&text, '\\', &NoVariables).unwrap().text, text);
    }

    #[test]
    fn single_quotes_protect_everything(text in "[^']*") {
        let quoted = format!("'{text}'");
        let expanded = expand_word(&quoted, '\\', &NoVariables).unwrap();
        prop_assert_eq!(expanded.text, text);
    }

    #[test]
    fn trimmed_value_is_a_part_of_the_value(value in "[abx]{0,12}", pattern in "[abx*?]{0,6}") {
        let set = variables(&[("V", &value)]);
        let text = |modifier: &str| expand_word(&format!("${{V{modifier}{pattern}}}"), '\\', &set).unwrap().text;
        prop_assert!(value.ends_with(&text("#")));
        prop_assert!(text("#").ends_with(&text("##")));
        prop_assert!(value.starts_with(&text("%")));
        prop_assert!(text("%").starts_with(&text("%%")));
    }
}
