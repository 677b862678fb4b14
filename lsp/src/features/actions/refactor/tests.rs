//! Tests of refactor, with the place of the cursor marked in the text.

use containr_dockerfile::parse;

use super::*;
use crate::tokens::tokens;

/// Applies the rewrite whose title begins with `title` at the `|` of a text; `None` where it is not offered.
fn rewrite(title: &str, marked: &str) -> Option<String> {
    let start = marked.find('|').unwrap();
    let text = marked.replacen('|', "", 1);
    let end = text.find('~').unwrap_or(start);
    let text = text.replacen('~', "", 1);
    let parsed = parse(text.as_bytes());
    let model = Model::new(&parsed, &tokens(&parsed));
    let spot = Spot { parsed: &parsed, model: &model, selection: Span::new(start as u32, end as u32) };
    let found = refactorings(&spot).into_iter().find(|one| one.title.starts_with(title))?;
    let mut edits = found.edits;
    edits.sort_by_key(|edit| edit.span);
    let mut result = text.clone();
    for edit in edits.iter().rev() {
        result.replace_range(edit.span.range(), &edit.text);
    }
    assert!(!parse(result.as_bytes()).has_errors() || parsed.has_errors(), "{result}");
    Some(result)
}

macro_rules! table {
    ($($name:ident: $title:literal, $before:literal => $after:expr;)+) => {$(
        #[test]
        fn $name() {
            let after: Option<&str> = $after;
            assert_eq!(rewrite($title, $before).as_deref(), after);
        }
    )+};
}

table! {
    joins_two_runs: "Join", "FROM a\nRUN |b\nRUN c\n" => Some("FROM a\nRUN b \\\n    && c\n");
    joins_all_selected_runs: "Join 3", "FROM a\nRUN |b\nRUN c\nRUN d~\n" => Some("FROM a\nRUN b \\\n    && c \\\n    && d\n");
    joins_with_the_file_s_line_breaks: "Join", "FROM a\r\nRUN |b\r\nRUN c\r\n" => Some("FROM a\r\nRUN b \\\r\n    && c\r\n");
    joins_and_keeps_comments: "Join", "FROM a\nRUN |b\n# why c\nRUN c\n" => Some("FROM a\nRUN b \\\n    # why c\n    && c\n");
    does_not_join_other_flags: "Join", "FROM a\nRUN |b\nRUN --network=none c\n" => None;
    does_not_join_over_another_instruction: "Join", "FROM a\nRUN |b\nENV c=d\nRUN c\n" => None;
    does_not_join_what_changes_the_shell: "Join", "FROM a\nRUN |cd /x\nRUN c\n" => None;
    does_not_join_before_an_or: "Join", "FROM a\nRUN |b\nRUN c || d\n" => None;
    does_not_join_behind_a_shell_comment: "Join", "FROM a\nRUN |b # note\nRUN c\n" => None;
    does_not_join_powershell: "Split", "FROM a\nSHELL [\"pwsh\", \"-c\"]\nRUN b |&& c\n" => None;
    splits_everywhere: "Split RUN into", "FROM a\nRUN --network=none b && |c && d\n"
        => Some("FROM a\nRUN --network=none b\nRUN --network=none c\nRUN --network=none d\n");
    splits_here: "Split RUN at", "FROM a\nRUN b |&& c && d\n" => Some("FROM a\nRUN b\nRUN c && d\n");
    splits_and_keeps_comments: "Split RUN into", "FROM a\nrun |b \\\n  # why c\n  && c\n" => Some("FROM a\nrun b\n# why c\nrun c\n");
    does_not_split_behind_cd: "Split", "FROM a\nRUN cd /x |&& c\n" => None;
    does_not_split_a_group: "Split", "FROM a\nRUN (b |&& c)\n" => None;
    writes_a_heredoc: "Write RUN as a heredoc", "FROM a\nRUN |cd /x && b \\\n  # why c\n  && c d\n"
        => Some("FROM a\nRUN <<EOF\nset -e\ncd /x\nb\n# why c\nc d\nEOF\n");
    writes_a_heredoc_around_its_word: "Write RUN as a heredoc", "FROM a\nRUN |b && EOF\n"
        => Some("FROM a\nRUN <<EOF1\nset -e\nb\nEOF\nEOF1\n");
    keeps_a_continued_command: "Write RUN as a heredoc", "FROM a\nRUN |b \\\n    c && d\n"
        => Some("FROM a\nRUN <<EOF\nset -e\nb \\\n    c\nd\nEOF\n");
    writes_a_chain: "Write the heredoc", "FROM a\nRUN <<|EOF\nset -e\nb\nc d\nEOF\n" => Some("FROM a\nRUN b \\\n    && c d\n");
    writes_no_chain_of_loops: "Write the heredoc", "FROM a\nRUN <<|EOF\nset -e\nfor a in b; do\nc\ndone\nEOF\n" => None;
    writes_json: "Write CMD in the JSON form, without", "FROM a\nCMD |run --x 'a b'\n" => Some("FROM a\nCMD [\"run\", \"--x\", \"a b\"]\n");
    writes_json_around_a_shell: "Write CMD in the JSON form, with its", "FROM a\nCMD |run \"$X\"\n"
        => Some("FROM a\nCMD [\"/bin/sh\", \"-c\", \"run \\\"$X\\\"\"]\n");
    needs_the_shell_for_variables: "Write CMD in the JSON form, without", "FROM a\nCMD |run $X\n" => None;
    writes_the_shell_form: "Write ENTRYPOINT in the shell", "FROM a\nENTRYPOINT [\"a\"|, \"b c\", \"it's\"]\n"
        => Some("FROM a\nENTRYPOINT a 'b c' 'it'\\''s'\n");
    uses_copy: "Use COPY", "FROM a\nadd |b /c\n" => Some("FROM a\ncopy b /c\n");
    keeps_add_for_archives: "Use COPY", "FROM a\nADD |b.tar.gz /c\n" => None;
    names_a_stage: "Name the stage", "FROM |golang:1\nFROM scratch\nCOPY --from=0 /a /b\n"
        => Some("FROM golang:1 AS golang\nFROM scratch\nCOPY --from=golang /a /b\n");
    extracts_a_tag: "Extract the tag", "# syntax=docker/dockerfile:1\n# the base\nFROM |localhost:5000/debian:12\n"
        => Some("# syntax=docker/dockerfile:1\nARG DEBIAN_TAG=12\n# the base\nFROM localhost:5000/debian:${DEBIAN_TAG}\n");
    extracts_a_tag_behind_other_arguments: "Extract the tag", "ARG A=1\nFROM |debian:12\n"
        => Some("ARG A=1\nARG DEBIAN_TAG=12\nFROM debian:${DEBIAN_TAG}\n");
    adds_the_syntax_directive: "Add `# syntax", "# escape=`\nFROM |a\n" => Some("# syntax=docker/dockerfile:1\n# escape=`\nFROM a\n");
    adds_one_syntax_directive: "Add `# syntax", "# syntax=a\nFROM |a\n" => None;
    sorts_packages: "Sort", "FROM a\nRUN |apt-get install -y \\\n    zlib \\\n    curl=7 && b\n"
        => Some("FROM a\nRUN apt-get install -y \\\n    curl=7 \\\n    zlib && b\n");
    sorts_no_commented_packages: "Sort", "FROM a\nRUN |apk add b \\\n  # for b\n  a\n" => None;
    adds_cache_mounts: "Add a cache mount for apt-get", "FROM a\nRUN |apt-get update && apt-get install -y b\n"
        => Some("FROM a\nRUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n    --mount=type=cache,target=/var/lib/apt,sharing=locked apt-get update && apt-get install -y b\n");
    adds_a_cache_mount_that_is_used: "Add a cache mount for pip", "FROM a\nRUN |python3 -m pip install --no-cache-dir b\n"
        => Some("FROM a\nRUN --mount=type=cache,target=/root/.cache/pip python3 -m pip install b\n");
    adds_no_second_cache_mount: "Add a cache mount", "FROM a\nRUN --mount=type=cache,target=/root/.npm |npm ci\n" => None;
}

#[test]
fn every_place_of_an_odd_file_is_safe() {
    let text = "\u{feff}# syntax=a\r\nARG a=\u{1f433}\r\nFROM a:$b as c\r\nRUN a \\\r\n\r\n && b 'c\r\nONBUILD RUN a && b\r\nCMD [\"a\", \r\nADD a";
    let parsed = parse(text.as_bytes());
    let model = Model::new(&parsed, &tokens(&parsed));
    for start in 0..=text.len() as u32 {
        let spot = Spot { parsed: &parsed, model: &model, selection: Span::new(start, text.len() as u32) };
        let _ = refactorings(&spot);
    }
}
