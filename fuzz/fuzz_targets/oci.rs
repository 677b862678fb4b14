//! Names, digests, platforms, times, manifests and configs that other people write.

#![no_main]

use containr_oci::{Digest, ImageConfig, Platform, Reference, Target, canonical, parse_rfc3339};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for text in data.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok()) {
        if let Ok(reference) = text.parse::<Reference>() {
            let written = reference.to_string();
            assert_eq!(written.parse::<Reference>().as_ref(), Ok(&reference), "{text}");
            assert!(!reference.repository().is_empty() && !reference.registry().is_empty());
        }
        if let Ok(digest) = text.parse::<Digest>() {
            assert_eq!(digest.to_string(), text);
        }
        if let Ok(platform) = text.parse::<Platform>() {
            assert_eq!(platform.to_string().parse::<Platform>().as_ref(), Ok(&platform), "{text}");
        }
        let _ = parse_rfc3339(text);
    }
    match Target::parse(data, None) {
        Ok(Target::Index(index)) => {
            let _ = index.select(&Platform::native());
            let bytes = canonical(&index);
            assert!(matches!(Target::parse(&bytes, None), Ok(Target::Index(_))));
        }
        Ok(Target::Manifest(manifest)) => {
            assert!(serde_json::from_slice::<serde_json::Value>(&canonical(&manifest)).is_ok())
        }
        Err(_) => {}
    }
    if let Ok(config) = serde_json::from_slice::<ImageConfig>(data) {
        let bytes = canonical(&config);
        let again: ImageConfig = serde_json::from_slice(&bytes).expect("what is written is read");
        assert_eq!(canonical(&again), bytes);
        let _ = config.platform();
    }
});
