//! What the shell reader finds in texts.

use super::read;

fn names(text: &str) -> String {
    let found = read(text);
    let names: Vec<&str> = found.list.iter().map(|command| command.name().unwrap_or("?")).collect();
    format!("{} | {} pipes", names.join(" "), found.pipes.len())
}

#[test]
fn finds_commands_of_lists_and_pipelines() {
    assert_eq!(names("apt-get update && apt-get install -y a | tee log; ! true"), "apt-get apt-get tee true | 1 pipes");
}

#[test]
fn finds_commands_inside_of_compounds() {
    let text =
        "if [ -f a ]; then b; elif c; then d; else e; fi; for x in 1 2; do f $x; done; case $y in a|b) g;; *) h; esac";
    assert_eq!(names(text), "b c d e f g h | 0 pipes");
    assert_eq!(names("( cd a && b ); { c; }; f() { d; }; while e; do f; done >log 2>&1"), "cd b c d e f | 0 pipes");
}

#[test]
fn finds_commands_inside_of_substitutions() {
    assert_eq!(names("A=$(b $(c)) d \"`e | f`\" <(g) ${x:-$(h)}"), "d b c e f g h | 1 pipes");
}

#[test]
fn keeps_names_of_variables_in_words() {
    let found = read("pip install \"a==$VERSION\" ${B} 'c d' e\\ f");
    let words: Vec<&str> = found.list[0].words.iter().map(|word| word.text.as_str()).collect();
    assert_eq!(words, ["pip", "install", "a==${VERSION}", "${B}", "c d", "e f"]);
}

#[test]
fn leaves_out_assignments_and_redirections() {
    let found = read("A=b C=(d e) cmd -x >out 2>&1 <<<word y");
    let words: Vec<&str> = found.list[0].words.iter().map(|word| word.text.as_str()).collect();
    assert_eq!(words, ["cmd", "-x", "y"]);
}

#[test]
fn has_no_commands_in_a_text_with_a_syntax_error() {
    for text in ["a && ", "if a; then", "echo 'open", "a )", "$x = @(1, 2) | foo { $_ }", "case a in b"] {
        assert_eq!(names(text), " | 0 pipes", "{text}");
    }
}

#[test]
fn skips_the_bodies_of_heredocs() {
    assert_eq!(names("cat <<EOF >a\nrm -rf / | b\nEOF\nc"), "cat c | 0 pipes");
}

#[test]
fn takes_deep_nesting_for_an_error() {
    assert_eq!(names(&"$(".repeat(5000)), " | 0 pipes");
    assert_eq!(names(&"(".repeat(5000)), " | 0 pipes");
}
