//! Gives the headers of an archive sound checksums, which a fuzzer would never guess.

const BLOCK: usize = 512;

/// Returns the archive with the checksum of every header set right.
pub fn mend(data: &[u8]) -> Vec<u8> {
    let mut archive = data.to_vec();
    let mut at = 0;
    while let Some(block) = archive.get_mut(at..at + BLOCK) {
        if block.iter().all(|byte| *byte == 0) {
            at += BLOCK;
            continue;
        }
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        at += BLOCK + size(&block[124..136]).next_multiple_of(BLOCK);
    }
    archive
}

/// Returns the octal number in a field; what is none, or longer than any input, is 0.
fn size(field: &[u8]) -> usize {
    let digits: Vec<u8> = field.iter().copied().take_while(u8::is_ascii_digit).collect();
    let text = String::from_utf8(digits).unwrap_or_default();
    usize::from_str_radix(&text, 8).ok().filter(|size| *size < 1 << 20).unwrap_or_default()
}
