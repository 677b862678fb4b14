//! Every feature that helps with writing, at every place of real files and of odd ones: none of them panics.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use containr_dockerfile::Span;
use containr_lint::Config;
use tower_lsp_server::ls_types::Position;

use super::actions::{Wanted, actions};
use super::completion::{Style, complete, resolve};
use super::hover::hover;
use super::signature::signature_help;
use super::{inlay, lens};
use crate::documents::Document;
use crate::positions::Encoding;

/// The number of files of the corpus that are walked through.
const FILES: usize = 30;

/// The longest file that is walked through byte by byte.
const MOST_BYTES: usize = 1_500;

const ODD: [&str; 12] = [
    "",
    "\u{feff}",
    "\u{feff}# syntax=a\r\n#\r\nFROM",
    "FROM \u{1f433} AS \u{e4}\nRUN echo '\u{1f433}\nCOPY [\"\u{e4}\", ",
    "FROM a\rRUN b\rCOPY c d",
    "RUN --mount=type=cache,target=,,=,from=\"a,b\" \\\n\n # c\n b && \\\n",
    "FROM a\nRUN <<EOF <<'X' <<-\"Y\"\nb\nEOF\n",
    "ONBUILD ONBUILD RUN a && b\nONBUILD COPY --from= <<E /a\nx\nE",
    "ARG A=${B:-${C:-${D\nFROM ${A:+\"$\nENV X=$X Y='${ \\",
    "FROM a\nCMD [\"a\", 'b']\nENTRYPOINT [\nSHELL [\"pwsh\"]\nRUN a; b && c",
    "# escape=`\nFROM a\nRUN a `\n && b ``\n",
    "FROM a\nRUN if a; then case b in c) d;; esac; fi && { e || f; } && g $(h && i) `j` # k",
];

fn document(text: &str, encoding: Encoding) -> Document {
    Document::new("file:///project/Dockerfile".parse().unwrap(), 1, text.to_owned(), encoding)
}

fn walk(text: &str, encoding: Encoding) {
    let document = document(text, encoding);
    let config = Arc::new(Config::default());
    let findings = document.findings(&config);
    let end = text.len() as u32;
    for offset in 0..=end + 2 {
        let style = Style { snippets: offset % 2 == 0, insert_replace: true, suggests: true };
        for candidate in complete(&document, offset).candidates {
            let typed = candidate.typed.span;
            assert!(typed.start <= typed.end && typed.end <= end, "{text:?} at {offset}: {candidate:?}");
            let item = candidate.item(&document, style);
            assert!(!resolve(item).label.is_empty());
        }
        if let Some(found) = hover(&document, offset, &findings) {
            assert!(!found.text.is_empty() && found.span.end <= end, "{text:?} at {offset}");
        }
        _ = signature_help(&document, offset);
        if offset % 5 == 0 {
            let wanted = Wanted { span: Span::new(offset.min(end), end), only: None, resolves: true };
            for action in actions(&document, &findings, &config, &wanted) {
                assert!(action.edit.is_some() || action.data.is_some(), "{}", action.title);
            }
        }
    }
    let whole = Span::new(0, end);
    _ = inlay::hints(&document, whole, &[], &[]);
    _ = inlay::bases(&document, whole);
    _ = lens::lenses(&document, &[]);
}

#[test]
fn odd_files() {
    for text in ODD {
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            walk(text, encoding);
        }
    }
}

#[test]
fn files_of_the_corpus() {
    let Some(files) = corpus() else { return };
    let texts = files.iter().filter_map(|file| std::fs::read_to_string(file).ok());
    let short: Vec<String> = texts.filter(|text| text.len() <= MOST_BYTES).take(FILES).collect();
    assert_eq!(short.len(), FILES);
    for text in &short {
        walk(text, Encoding::Utf16);
        // The same file while its end is still to be written.
        let half = text.floor_char_boundary(text.len() / 2);
        walk(&text[..half], Encoding::Utf16);
    }
}

#[test]
fn positions_outside_of_the_text() {
    let document = document("FROM a\u{1f433}\nCOPY \n", Encoding::Utf16);
    let places = [(0, 7), (0, 900), (9, 0), (u32::MAX, u32::MAX), (1, u32::MAX)];
    for (line, character) in places {
        let offset = document.offset(Position::new(line, character));
        _ = complete(&document, offset);
        _ = hover(&document, offset, &[]);
        _ = signature_help(&document, offset);
    }
}

fn corpus() -> Option<Vec<PathBuf>> {
    let folder = std::env::var_os("CONTAINR_CONFORMANCE")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/conformance"), PathBuf::from);
    let Ok(entries) = std::fs::read_dir(folder.join("corpus/dockerfiles")) else {
        assert!(std::env::var_os("CONTAINR_CONFORMANCE").is_none(), "{} has no corpus", folder.display());
        eprintln!("skipped: no conformance data");
        return None;
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    Some(files)
}
