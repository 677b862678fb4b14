//! Broken and hostile texts: nothing panics, fixes come to an end, and the time grows with the text alone.

use containr_dockerfile::parse;
use containr_lint::{Config, Dialect, Safety, apply, lint};

/// A file in which most rules find something.
const TEXT: &str = "# escape=\\\n# hadolint global ignore=DL3008\nFROM --platform=$TARGETPLATFORM debian as B\nMAINTAINER \"x\"\n\
ENV a b c\nLABEL A..b=c\nARG TOKEN=${x:-$(y)}\nSHELL [\"bash\", \"-o\", \"pipefail\"]\nRUN cd /a && apt-get install \\\n\n  x | tee y\n\
RUN <<EOF\nif a; then b; fi\ncat <<X\nX\nEOF\nCOPY --from=b a 'b c' d\nADD ä.tar /\nEXPOSE 22/TCP 1:2:3\nUSER 0\nONBUILD RUN sudo a\n\
HEALTHCHECK CMD a\nCMD ['a']\nCMD a\nENTRYPOINT [\"a\"]\nSTOPSIGNAL 9\n";

/// Gives the same numbers every time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

#[test]
fn broken_texts_are_judged_and_repaired() {
    let mut random = Random(7);
    for _ in 0..500 {
        let mut text = TEXT.as_bytes().to_vec();
        for _ in 0..=random.below(4) {
            let (from, length) = (random.below(text.len()), random.below(30));
            let to = (from + length).min(text.len());
            let piece = text[from..to].to_vec();
            let at = random.below(text.len());
            match random.below(3) {
                0 => drop(text.drain(from..to)),
                1 => drop(text.splice(at..at, piece)),
                _ => text[at] = b"\"'\\$`{}()#\n\0\xff"[random.below(13)],
            }
        }
        for dialect in [Dialect::Containr, Dialect::Hadolint, Dialect::BuildKit] {
            let parsed = parse(&text);
            let found = lint(&parsed, &Config { dialect, ..Config::default() });
            assert!(found.iter().all(|one| one.span.range().end <= text.len()), "places lie inside of the text");
        }
        let config = Config::default();
        let fixed = apply(&text, &config, Safety::Unsafe);
        assert!(!parse(&fixed.text).has_errors() || parse(&text).has_errors(), "fixes break nothing");
    }
}

#[test]
fn deep_and_long_texts_are_judged() {
    let deep = ["$(", "(", "((", "`", "${a:-", "if ", "{ ", "\"$(", "<(", "a() "];
    let long = ["a | ", "a && ", "a=b ", "a; ", "-x ", "a\\\n", "# x\n"];
    for piece in deep.iter().chain(&long) {
        let text = format!("FROM debian:12\nRUN {}\n", piece.repeat(20_000 / piece.len()));
        lint(&parse(text.as_bytes()), &Config::default());
    }
    for line in
        ["RUN apt-get install x | y\n", "ENV a=$b\n", "FROM a AS b\n", "# hadolint ignore=DL3000\n", "LABEL a=b\n"]
    {
        let text = format!("FROM debian:12\n{}", line.repeat(2_000));
        lint(&parse(text.as_bytes()), &Config::default());
    }
}

#[test]
fn fixes_come_to_an_end() {
    let config = Config::default();
    let once = apply(TEXT.as_bytes(), &config, Safety::Unsafe);
    assert!(once.count > 5, "{}", once.count);
    assert_eq!(apply(&once.text, &config, Safety::Unsafe).count, 0, "nothing is left to repair");
}

/// Constructs of the shell that nest, each with what opens and what closes it.
const NESTED: [(&str, &str); 14] = [
    ("$(", ")"),
    ("\"$(", ")\""),
    ("${x:-", "}"),
    ("`", "`"),
    ("( ", " )"),
    ("$((", "))"),
    ("{ ", "; }"),
    ("if ", "; then :; fi"),
    ("case x in a) ", ";; esac"),
    ("for i in a; do ", "; done"),
    ("[[ ( ", " ) ]]"),
    ("<(", ")"),
    ("@(", ")"),
    ("cat <<E ", "\nE\n"),
];

#[test]
fn deeply_nested_scripts_are_judged() {
    for (open, close) in NESTED {
        for depth in [10, 100, 2000] {
            for closes in [depth, 0] {
                let body = format!("echo {}a{}", open.repeat(depth), close.repeat(closes));
                for shell in ["/bin/sh", "/bin/bash"] {
                    let text = format!("FROM a\nSHELL [\"{shell}\", \"-c\"]\nRUN <<XEOFX\n{body}\nXEOFX\n");
                    let parsed = parse(text.as_bytes());
                    for one in lint(&parsed, &Config::default()) {
                        assert!(parsed.text().get(one.span.range()).is_some(), "{text}: {one:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn places_in_broken_scripts_are_places_of_the_file() {
    const BITS: &[&str] = &[
        "$(", ")", "`", "${", "}", "\"", "'", "\\", "<<E\n", "E\n", " | ", "&&", ";;", "é", "#", "!", "[[ ", " ]]",
        "\t", "$x ",
    ];
    let mut random = Random(11);
    for _ in 0..400 {
        let body: String = (0..random.below(40)).map(|_| BITS[random.below(BITS.len())]).collect();
        for text in [
            format!("FROM a\nRUN echo {}\n", body.replace('\n', " \\\n")),
            format!("FROM a\nRUN <<-XEOFX\n{body}\nXEOFX\n"),
        ] {
            let parsed = parse(text.as_bytes());
            for one in lint(&parsed, &Config::default()) {
                let edits = one.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
                for span in edits.chain([one.span]) {
                    assert!(parsed.text().get(span.range()).is_some(), "{text:?}: {one:?}");
                }
            }
        }
    }
}
