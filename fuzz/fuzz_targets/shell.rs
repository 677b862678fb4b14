//! Any script of any shell is judged, and repairs lie inside of it.

#![no_main]

use containr_dockerfile::parse;
use containr_fuzz::choice::Choice;
use containr_fuzz::judge::{DIALECTS, check_findings};
use containr_lint::{Config, lint};
use libfuzzer_sys::fuzz_target;

const SHELLS: [&str; 6] = ["/bin/sh", "/bin/bash", "/bin/dash", "/bin/ash", "/bin/ksh", "/bin/busybox sh"];

fuzz_target!(|input: &[u8]| {
    let (script, choice) = Choice::split(input, 2);
    let script = String::from_utf8_lossy(script);
    let shell = SHELLS[choice.below(0, SHELLS.len())];
    let text = match choice.below(1, 3) {
        0 => format!("FROM a\nENV A=1\nSHELL [\"{shell}\", \"-c\"]\nRUN <<-XEOFX\n{script}\nXEOFX\n"),
        1 => format!("FROM a\nRUN <<XEOFX\n#!{shell}\n{script}\nXEOFX\n"),
        _ => format!("FROM a\nSHELL [\"{shell}\", \"-c\"]\nRUN {}\n", script.replace('\n', " \\\n")),
    };
    let parsed = parse(text.as_bytes());
    for dialect in DIALECTS {
        check_findings(&parsed, &lint(&parsed, &Config { dialect, ..Config::default() }));
    }
});
