//! Parse, lint, format and one request to the language server.

#![no_main]

use std::cell::RefCell;

use containr_fuzz::answer::Text;
use containr_fuzz::choice::Choice;
use containr_fuzz::editor::Editor;
use containr_fuzz::judge::{DIALECTS, check_findings, check_text};
use containr_fuzz::request::{DECISIONS, METHODS, params};
use containr_lint::{Config, lint};
use containr_lsp::Encoding;
use libfuzzer_sys::fuzz_target;

thread_local! {
    static EDITOR: RefCell<Editor> = RefCell::new(Editor::new(Encoding::Utf16));
}

fuzz_target!(|input: &[u8]| {
    let (bytes, choice) = Choice::split(input, 2 + DECISIONS);
    let parsed = check_text(bytes);
    let config = Config { dialect: DIALECTS[choice.below(0, DIALECTS.len())], ..Config::default() };
    check_findings(&parsed, &lint(&parsed, &config));
    let text = parsed.text();
    let measured = Text::new(text, Encoding::Utf16);
    let method = METHODS[choice.below(1, METHODS.len())];
    let answer = EDITOR.with_borrow_mut(|editor| {
        editor.open(text);
        let id = editor.begin(method, &params(method, &measured, &choice.from(2)));
        editor.close();
        editor.wait(id)
    });
    measured.check(method, &answer);
});
