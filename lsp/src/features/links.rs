//! Links: images to their pages, URLs to themselves, sources of a copy to their files.

use std::path::Path;

use containr_dockerfile::syntax::{Add, Instruction, Kind, Source};
use containr_dockerfile::{Span, SyntaxKind};
use serde_json::{Value, json};
use tower_lsp_server::ls_types::{DocumentLink, Uri};

use super::definition::{context_sources, file_of};
use crate::documents::Document;
use crate::model::{Model, ReferenceKind};

/// Returns the links of a document; those of images get their target from [`resolve`].
pub(crate) fn links(document: &Document, exists: &dyn Fn(&Path) -> bool) -> Vec<DocumentLink> {
    let mut found: Vec<(Span, Target)> = Vec::new();
    let syntax = document.parsed().syntax();
    found.extend(syntax.directives.syntax.iter().map(|one| (one.span, Target::Image(one.value.clone()))));
    found.extend(images(document.model()));
    for instruction in syntax.stages.iter().flat_map(|stage| &stage.instructions) {
        let sources = context_sources(instruction);
        found.extend(
            sources
                .into_iter()
                .filter_map(|(text, span)| Some((span, Target::Found(file_of(document, text, exists)?)))),
        );
        found.extend(remote(instruction));
    }
    found.extend(urls(document));
    found.sort_by_key(|(span, _)| *span);
    found.dedup_by_key(|(span, _)| *span);
    found.into_iter().map(|(span, target)| link(document, span, target)).collect()
}

/// Gives a link its target.
pub(crate) fn resolve(mut link: DocumentLink) -> DocumentLink {
    let image = link.data.as_ref().and_then(|data| data.get("image")).and_then(Value::as_str);
    if let Some(page) = image.and_then(page) {
        link.target = page.parse().ok();
    }
    link
}

enum Target {
    Image(String),
    Found(Uri),
}

fn link(document: &Document, span: Span, target: Target) -> DocumentLink {
    let range = document.range(span);
    match target {
        Target::Image(image) => DocumentLink {
            range,
            target: None,
            tooltip: Some(format!("Page of {image}")),
            data: Some(json!({ "image": image })),
        },
        Target::Found(uri) => DocumentLink { range, target: Some(uri), tooltip: None, data: None },
    }
}

/// Returns the images that a file names where it could name stages.
fn images(model: &Model) -> impl Iterator<Item = (Span, Target)> {
    let foreign = model.references.iter().filter(|one| one.target.is_none() && !one.name.value.is_empty());
    foreign.filter_map(|one| {
        let name = match one.kind {
            ReferenceKind::Base => model.stages[one.stage].base_value.clone()?,
            _ => one.name.value.clone(),
        };
        page(&name)?;
        Some((one.name.span, Target::Image(name)))
    })
}

/// Returns the page of an image that people read, where its registry has such pages.
fn page(image: &str) -> Option<String> {
    let path = repository(image)?;
    let (host, rest) = match path.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (host, rest),
        _ => ("docker.io", path),
    };
    match host {
        "docker.io" | "index.docker.io" => Some(match rest.split_once('/') {
            Some(("library", name)) => format!("https://hub.docker.com/_/{name}"),
            Some(_) => format!("https://hub.docker.com/r/{rest}"),
            None => format!("https://hub.docker.com/_/{rest}"),
        }),
        "quay.io" => Some(format!("https://quay.io/repository/{rest}")),
        "mcr.microsoft.com" => Some(format!("https://mcr.microsoft.com/artifact/mar/{rest}")),
        "gcr.io" | "registry.k8s.io" | "public.ecr.aws" => Some(format!("https://{host}/{rest}")),
        "ghcr.io" => {
            let (owner, name) = rest.split_once('/')?;
            Some(format!("https://github.com/{owner}/{name}"))
        }
        _ => None,
    }
}

/// Returns an image's repository: the reference without tag and digest; nothing where it is no plain reference.
fn repository(image: &str) -> Option<&str> {
    let allowed = |char: char| char.is_ascii_alphanumeric() || "._-/:@".contains(char);
    if image.is_empty() || image == "scratch" || image.parse::<usize>().is_ok() || !image.chars().all(allowed) {
        return None;
    }
    let name = image.split('@').next()?;
    let tag = name.rfind(':').filter(|at| !name[*at..].contains('/'));
    Some(&name[..tag.unwrap_or(name.len())])
}

/// Returns the sources of ADD that are URLs.
fn remote(instruction: &Instruction) -> Vec<(Span, Target)> {
    let Kind::Add(Add { sources, .. }) = &instruction.kind else { return Vec::new() };
    let urls = sources.iter().filter_map(|source| match source {
        Source::Path(path) if is_url(&path.value) => Some((path.span, Target::Found(path.value.parse().ok()?))),
        _ => None,
    });
    urls.collect()
}

fn is_url(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme)) && !text.contains(['$', '\\'])
}

/// Returns the URLs in comments and in the values of labels.
fn urls(document: &Document) -> Vec<(Span, Target)> {
    let places = document.tokens().iter().filter(|token| matches!(token.kind, SyntaxKind::Comment | SyntaxKind::Value));
    places
        .flat_map(|token| {
            let text = document.slice(token.span);
            let starts = text.match_indices("http").map(|(index, _)| index);
            starts.filter_map(|start| {
                let rest = &text[start..];
                let end = rest.find(|char: char| char.is_whitespace() || "\"'<>`|\\^{}()[]".contains(char));
                let url = rest[..end.unwrap_or(rest.len())].trim_end_matches(['.', ',', ';', ':', '!', '?']);
                let span = Span::new(token.span.start + start as u32, token.span.start + (start + url.len()) as u32);
                is_url(url).then(|| Some((span, Target::Found(url.parse().ok()?)))).flatten()
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_have_the_pages_of_their_registries() {
        let pages = [
            ("debian", Some("https://hub.docker.com/_/debian")),
            ("debian:12@sha256:00", Some("https://hub.docker.com/_/debian")),
            ("library/debian", Some("https://hub.docker.com/_/debian")),
            ("grafana/loki:3.0", Some("https://hub.docker.com/r/grafana/loki")),
            ("quay.io/podman/stable", Some("https://quay.io/repository/podman/stable")),
            ("ghcr.io/owner/name/part:1", Some("https://github.com/owner/name/part")),
            ("localhost:5000/a", None),
            ("scratch", None),
            ("0", None),
            ("a${b}", None),
        ];
        for (image, expected) in pages {
            assert_eq!(page(image).as_deref(), expected, "{image}");
        }
    }
}
