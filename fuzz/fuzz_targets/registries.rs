//! Any text is a registries.conf or is refused, and any name has candidates or none.

#![no_main]

use std::fs;

use containr_registry::{Registries, Settings};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (name, text) = text.split_once('\n').unwrap_or((text, ""));
    let folder = tempfile::tempdir_in("/dev/shm").expect("there is memory");
    let file = folder.path().join("registries.conf");
    fs::write(&file, text).expect("a scratch folder can be written");
    let mut settings = Settings::new("fuzz");
    settings.registries_conf = vec![file];
    let Ok(registries) = Registries::new(settings) else { return };
    if let Ok(candidates) = registries.candidates(name) {
        assert!(!candidates.is_empty());
    }
});
