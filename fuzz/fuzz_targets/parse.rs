//! Any bytes give a tree that holds them, and every printer copes with it.

#![no_main]

use containr_dockerfile::syntax::{Escape, Kind};
use containr_dockerfile::{buildkit_ast, detect_syntax, parse, parse_trigger};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let parsed = parse(text);
    assert_eq!(parsed.tree().to_string(), parsed.text());
    assert_eq!(parsed.bytes(parsed.span()), text);
    assert!(buildkit_ast(&parsed).is_ok() || parsed.has_errors());
    for instruction in parsed.syntax().instructions() {
        if let Kind::Run(run) = &instruction.kind {
            let _ = run.script();
            for mount in &run.mounts {
                let _ = mount.resolve(|value| Ok::<_, String>(value.to_owned()));
            }
        }
    }
    let _ = detect_syntax(text);
    if let Ok(text) = std::str::from_utf8(text) {
        let _ = parse_trigger(text, Escape::Backslash);
    }
});
