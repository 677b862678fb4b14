//! Any ignore file is read or refused, and walking, judging alone and pruning agree.

#![no_main]

use containr_dockerfile::ignore::{IgnoreRules, Matches, Verdict};
use containr_glob::Glob;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], &[u8])| {
    let (text, path) = input;
    for glob in [Glob::new(text), Glob::deep(text)].into_iter().flatten() {
        let _ = glob.matches(path);
    }
    let Ok(rules) = IgnoreRules::parse(text) else { return };
    let parts = path.split(|byte| *byte == b'/').filter(|part| !matches!(*part, b"" | b"."));
    let path = parts.collect::<Vec<_>>().join(&b'/');
    if path.is_empty() {
        return;
    }
    let (mut matches, mut pruned, mut verdict) = (Matches::default(), false, Verdict::Kept);
    let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(end, _)| end).chain([path.len()]);
    for end in ends {
        (verdict, matches) = rules.verdict_below(&path[..end], &matches);
        assert!(!pruned || verdict == Verdict::Ignored, "nothing below a pruned directory is kept");
        pruned |= verdict == Verdict::Ignored && !rules.may_contain_included(&path[..end]);
    }
    assert_eq!(verdict, rules.verdict(&path));
});
