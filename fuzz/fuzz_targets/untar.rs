//! Any bytes are an archive or an error: the parser ends, keeps to its limits and never gives a member without a name.
#![no_main]

use containr_layer::{Limits, TarReader};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let limits = Limits { members: 1000, path_bytes: 4096, extended_bytes: 1 << 16, total_bytes: 1 << 24 };
    let mut reader = TarReader::new(data, limits);
    while let Ok(Some(member)) = reader.next_member() {
        assert!(!member.path.is_empty() && !member.path.contains(&0));
        assert!(member.path.len() as u64 <= limits.path_bytes);
        while let Ok(piece) = reader.content() {
            let length = piece.len();
            if length == 0 {
                break;
            }
            reader.consume(length);
        }
    }
});
