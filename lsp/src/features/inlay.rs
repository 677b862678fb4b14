//! Inlay hints: what variables in FROM stand for, which digest a tag has here, what a step added and how long it took.

use containr_dockerfile::Span;
use tower_lsp_server::ls_types::{InlayHint, InlayHintKind, InlayHintLabel, InlayHintTooltip, TextEdit};

use crate::documents::Document;
use crate::features::actions::bases::Parts;
use crate::features::hover::{duration, size};
use crate::ports::{CacheState, StepFact};

/// The number of digits of a digest that are shown.
const DIGITS: usize = 12;

/// Is a base of which a port may know the digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    /// The reference with variables filled in.
    pub(crate) reference: String,
    /// The platform, where one is written.
    pub(crate) platform: Option<String>,
    /// The place behind the reference.
    pub(crate) at: u32,
    /// Whether the reference is written without variables, so that a digest can be added to it.
    pub(crate) is_plain: bool,
}

/// Returns the images without a digest in the FROM lines of a range.
pub(crate) fn bases(document: &Document, span: Span) -> Vec<Base> {
    let stages = document.model().stages.iter().zip(&document.parsed().syntax().stages);
    let visible = stages.filter(|(stage, _)| overlaps(stage.from, span) && stage.parent.is_none());
    let bases = visible.filter_map(|(stage, syntax)| {
        let reference = stage.base_value.clone()?;
        let known = !reference.is_empty() && reference != "scratch" && Parts::read(&reference).digest.is_none();
        let platform = syntax.platform.as_ref().map(|one| one.value.clone()).filter(|value| !value.contains('$'));
        let is_plain = document.slice(stage.base.span) == reference;
        known.then_some(Base { reference, platform, at: stage.base.span.end, is_plain })
    });
    bases.collect()
}

/// Returns the hints of a range: `digests` are those of [`bases`], `steps` what earlier builds left behind.
pub(crate) fn hints(document: &Document, span: Span, digests: &[(Base, String)], steps: &[StepFact]) -> Vec<InlayHint> {
    let mut found: Vec<(u32, InlayHint)> = Vec::new();
    for stage in document.model().stages.iter().filter(|stage| overlaps(stage.from, span)) {
        let value = stage.base_value.as_ref().filter(|_| stage.base.value.contains('$'));
        let at = stage.base.span.end;
        found.extend(value.map(|value| (at, hint(document, at, format!("= {value}"), "with the defaults of ARG"))));
    }
    for (base, digest) in digests {
        found.push((base.at, digest_hint(document, base, digest)));
    }
    for fact in steps {
        let line = document.lines().content(document.text(), document.lines().line(fact.start));
        let label = label(fact);
        if overlaps(line, span) && !label.is_empty() {
            found.push((line.end, hint(document, line.end, label, "of the last build here")));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, hint)| hint).collect()
}

fn overlaps(one: Span, other: Span) -> bool {
    one.start <= other.end && other.start <= one.end
}

fn hint(document: &Document, at: u32, label: String, tooltip: &str) -> InlayHint {
    InlayHint {
        position: document.position(at),
        label: InlayHintLabel::String(label),
        kind: Some(InlayHintKind::TYPE),
        text_edits: None,
        tooltip: Some(InlayHintTooltip::String(tooltip.to_owned())),
        padding_left: Some(true),
        padding_right: None,
        data: None,
    }
}

fn digest_hint(document: &Document, base: &Base, digest: &str) -> InlayHint {
    let (algorithm, hex) = digest.split_once(':').unwrap_or(("", digest));
    let short = hex.get(..DIGITS).unwrap_or(hex);
    let position = document.position(base.at);
    let range = tower_lsp_server::ls_types::Range::new(position, position);
    let pin = base.is_plain.then(|| vec![TextEdit::new(range, format!("@{digest}"))]);
    InlayHint {
        text_edits: pin,
        ..hint(
            document,
            base.at,
            format!("@{algorithm}:{short}\u{2026}"),
            &format!("{} is {digest} here", base.reference),
        )
    }
}

/// Returns what is known of a step in a few words.
fn label(fact: &StepFact) -> String {
    let cached = match fact.cached {
        CacheState::Hit => Some("cached".to_owned()),
        CacheState::Miss => Some("not cached".to_owned()),
        CacheState::Unknown => None,
    };
    let parts = [cached, fact.bytes.map(size), fact.duration_ms.map(duration)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" \u{b7} ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::positions::Encoding;

    fn document(text: &str) -> Document {
        Document::new("file:///tmp/Dockerfile".parse().unwrap(), 1, text.to_owned(), Encoding::Utf16)
    }

    fn shown(document: &Document, digests: &[(Base, String)], steps: &[StepFact]) -> Vec<(u32, u32, String)> {
        let whole = Span::new(0, document.text().len() as u32);
        let hints = hints(document, whole, digests, steps).into_iter();
        let text = |label| match label {
            InlayHintLabel::String(text) => text,
            InlayHintLabel::LabelParts(_) => panic!("a label is a text"),
        };
        hints.map(|one| (one.position.line, one.position.character, text(one.label))).collect()
    }

    #[test]
    fn variables_in_from_are_filled_in() {
        let document = document("ARG V=12\nFROM debian:$V AS a\nFROM a\n");
        assert_eq!(shown(&document, &[], &[]), [(1, 14, "= debian:12".to_owned())]);
    }

    #[test]
    fn tags_have_digests() {
        let document = document("ARG V=12\nFROM debian:$V\nFROM busybox\nFROM scratch\nFROM a@sha256:cd\n");
        let found = bases(&document, Span::new(0, 80));
        let names: Vec<&str> = found.iter().map(|base| base.reference.as_str()).collect();
        assert_eq!(names, ["debian:12", "busybox"]);
        assert_eq!([found[0].is_plain, found[1].is_plain], [false, true]);
        let digests = [(found[1].clone(), format!("sha256:{}", "ab".repeat(32)))];
        assert_eq!(shown(&document, &digests, &[])[1], (2, 12, "@sha256:abababababab\u{2026}".to_owned()));
        let hints = hints(&document, Span::new(24, 36), &digests, &[]);
        assert_eq!(hints[0].text_edits.as_ref().map(Vec::len), Some(1));
    }

    #[test]
    fn steps_have_what_the_last_build_left() {
        let document = document("FROM a\nRUN b \\\n  c\nCOPY d e\n");
        let fact = |start, cached, bytes| StepFact { start, cached, bytes, duration_ms: Some(1500) };
        let steps = [
            fact(7, CacheState::Hit, Some(2_000_000)),
            StepFact { duration_ms: None, ..fact(19, CacheState::Unknown, None) },
        ];
        assert_eq!(shown(&document, &[], &steps), [(1, 7, "cached \u{b7} 2.0 MB \u{b7} 1.5 s".to_owned())]);
    }
}
