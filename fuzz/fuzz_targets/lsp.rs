//! One document, a few edits, then one request of every kind, in each of the three encodings.

#![no_main]

use std::cell::RefCell;

use containr_fuzz::answer::Text;
use containr_fuzz::choice::Choice;
use containr_fuzz::editor::{Editor, URI};
use containr_fuzz::request::{DECISIONS, METHODS, next, params};
use containr_lsp::ls_types::Range;
use containr_lsp::{Change, Document, Encoding};
use libfuzzer_sys::fuzz_target;
use serde_json::{from_value, to_value};

const ENCODINGS: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32];

/// What edits put in: texts that change what stands around them.
const PIECES: [&str; 16] = [
    "",
    "a",
    "\n",
    "\r",
    "\\\n",
    "\u{1f433}",
    "FROM a AS b\n",
    "RUN <<E\n",
    "E\n",
    "${A:-$B}",
    "\"",
    "# escape=`\n",
    "ONBUILD ",
    "--mount=type=cache,",
    "[\"a\"]",
    "$(",
];

const EDITS: usize = 3;

thread_local! {
    static EDITORS: RefCell<[Editor; 3]> = RefCell::new(ENCODINGS.map(Editor::new));
}

fuzz_target!(|input: &[u8]| {
    let (bytes, choice) = Choice::split(input, 1 + EDITS * (1 + DECISIONS) + METHODS.len() * DECISIONS);
    let encoding = choice.below(0, ENCODINGS.len());
    let uri = URI.parse().expect("the name is a URI");
    let mut document = Document::new(uri, 1, String::from_utf8_lossy(bytes).into_owned(), ENCODINGS[encoding]);
    EDITORS.with_borrow_mut(|editors| {
        let editor = &mut editors[encoding];
        editor.open(document.text());
        let mut choice = choice.from(1);
        for version in 2..2 + EDITS as i32 {
            let range = Text::new(document.text(), ENCODINGS[encoding]).range(&choice.from(1));
            let range: Option<Range> = from_value(range).expect("a range is one");
            let text = PIECES[choice.below(0, PIECES.len())].to_owned();
            let change = Change { range, range_length: None, text };
            editor.change(version.into(), &to_value([&change]).expect("a change is JSON"));
            document = document.changed(version, vec![change]);
            choice = choice.from(1 + DECISIONS);
        }
        ask_everything(editor, &Text::new(document.text(), ENCODINGS[encoding]), choice);
        editor.close();
    });
});

fn ask_everything(editor: &mut Editor, text: &Text<'_>, mut choice: Choice<'_>) {
    for method in METHODS {
        let answer = editor.ask(method, &params(method, text, &choice));
        text.check(method, &answer);
        for (method, params) in next(method, &answer["result"], &choice) {
            text.check(method, &editor.ask(method, &params));
        }
        choice = choice.from(DECISIONS);
    }
}
