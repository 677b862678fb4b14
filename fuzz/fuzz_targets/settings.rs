//! Any text is hadolint's settings or is refused, and settings can be shown and used.

#![no_main]

use containr_fuzz::judge::DIALECTS;
use containr_lint::Settings;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(settings) = Settings::read(text) else { return };
    assert!(!settings.shown().is_empty());
    for dialect in DIALECTS {
        let _ = settings.config(dialect);
    }
    assert_eq!(
        settings.clone().under(Settings::default()).config(DIALECTS[0]).ignored,
        settings.config(DIALECTS[0]).ignored
    );
});
