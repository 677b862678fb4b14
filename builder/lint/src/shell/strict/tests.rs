//! Texts, and what ShellCheck's parser makes of them.

use super::{Reading, read};

/// Says how a script is read: whether it stops or fails, where, and the codes with their places.
fn told(text: &str) -> String {
    let list = |problems: &[super::Problem]| {
        let each = problems.iter().map(|one| format!(" {}@{}", one.code, one.start));
        each.collect::<String>()
    };
    match read(text) {
        Reading::Whole(problems) if problems.is_empty() => "whole".to_owned(),
        Reading::Whole(problems) => format!("whole:{}", list(&problems)),
        Reading::Stopped(at, problems) => format!("stopped {at}:{}", list(&problems)),
        Reading::Failed(at, problems) => format!("failed {at}:{}", list(&problems)),
        Reading::Unknown => "unknown".to_owned(),
    }
}

#[test]
fn reads_scripts() {
    for text in [
        "",
        "a && b || c; d &",
        "set -eux; for x in a b; do echo \"$x\"; done",
        "if [ -n \"$A\" -a ! -e b ]; then c; elif d; then e; else f; fi",
        "case $x in (a|b) c;; *) d; esac",
        "a() { b; }; function c { d; }; e() (f)",
        "while read -r x; do y; done < <(z)",
        "a=(1 [2]=3 $(x)); b+=${c//x/y}; export d=$((1 + 2 * (3 - e)))",
        "cat <<-X | y\n\tz\n\tX\nw",
        "[[ $a =~ ^(x|y)$ && ( b == *.c || -d e ) ]]",
        "echo {a,b}{1..3} \"$(echo `x`)\" $'y\\'z' >&2 2>/dev/null",
        "( (a); b ) | { c; } 2>&1",
        "! a | b\\\n c",
    ] {
        assert_eq!(told(text), "whole", "{text}");
    }
}

#[test]
fn a_word_and_a_bracket_are_a_function() {
    assert_eq!(told("say ('x')"), "failed 9: 1064@9 1065@5");
    assert_eq!(told("f(a, b) { c; }"), "whole: 1065@2");
    assert_eq!(told("echo say ('x')"), "stopped 9: 1036@9 1088@9");
}

#[test]
fn a_bracket_begins_a_test() {
    assert_eq!(told("[Net.Tls]::Mode = [Net.Kind]::New ; x"), "failed 34: 1035@0");
    assert_eq!(told("[ -n ]"), "failed 6: 1019@5");
    assert_eq!(told("[ a = b] && c"), "failed 8: 1020@8");
    assert_eq!(told("if [ a ] [ b ]; then c; fi"), "failed 9: 1050@9 1140@9");
    assert_eq!(told("[ a -a (b) ]"), "whole: 1028@7 1028@9 1035@8");
}

#[test]
fn two_brackets_are_arithmetic_or_a_subshell() {
    assert_eq!(told("((a + 1))"), "whole");
    assert_eq!(told("((a); b)"), "whole: 1105@0");
    assert_eq!(told("if ((Get-Hash x.msi).Hash -ne $y) { z }"), "failed 14:");
    assert_eq!(told("echo $((a); b)"), "whole: 1102@5");
}

#[test]
fn what_is_left_over_is_told() {
    assert_eq!(told("(a).B('c') ; d"), "stopped 3: 1036@5 1070@3 1141@3");
    assert_eq!(told("a; done"), "stopped 3: 1089@3");
    assert_eq!(told("a\n&& b"), "stopped 2: 1070@2 1133@2");
}

#[test]
fn what_is_open_fails_at_the_end() {
    assert_eq!(told("echo 'a"), "failed 7:");
    assert_eq!(told("echo \"$(a"), "failed 9:");
    assert_eq!(told("if a; then b"), "failed 12: 1046@0 1047@12");
    assert_eq!(told("while a; do b; "), "failed 15: 1061@9 1062@15");
    assert_eq!(told("a \\"), "failed 3:");
    assert_eq!(told("cat <<X\na\n"), "unknown");
}

#[test]
fn escapes_that_change_nothing_are_told_where_the_script_is_one() {
    assert_eq!(told("setx PATH c:\\go\\bin\\run"), "whole: 1001@12 1001@15 1012@19");
    assert_eq!(told("x \\a \\. '\\b' \"\\c\"; ("), "failed 20:");
    assert_eq!(told("echo `y \\n`"), "whole: 1012@8");
}

#[test]
fn deep_and_ambiguous_texts_take_no_time() {
    for text in ["$((", "((", "$(", "{", "[ ( ", "${a:-", "\"$(", "+(", "case x in ", "{a,"] {
        let long = text.repeat(20_000);
        assert!(!matches!(read(&long), Reading::Whole(_)), "{text}");
    }
}
