//! Any bytes are a listing or damaged, and a listing is written as it was read.

#![no_main]

use containr_tree::{Listing, TreePath};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(path) = TreePath::clamped(data) {
        assert!(path.components().all(|part| !matches!(part, b"" | b"." | b"..") && !part.contains(&b'/')));
        assert_eq!(TreePath::new(path.bytes()).as_ref(), Ok(&path));
    }
    if let Ok(listing) = Listing::decode(data) {
        let mut bytes = Vec::new();
        listing.write(&mut bytes).expect("memory takes everything");
        assert_eq!(Listing::decode(&bytes).expect("what is written is read"), listing);
    }
});
