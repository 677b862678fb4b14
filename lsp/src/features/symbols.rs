//! The outline of a file, and the stages and arguments of a workspace.

use containr_dockerfile::syntax::{Directives, Instruction, Kind, Stage};
use containr_dockerfile::{Span, Spanned};
use tower_lsp_server::ls_types::{DocumentSymbol, Location, SymbolInformation, SymbolKind};

use crate::documents::Document;

/// Returns the outline: directives, global arguments, and stages with their instructions.
pub(crate) fn outline(document: &Document) -> Vec<DocumentSymbol> {
    let syntax = document.parsed().syntax();
    let directives = directives(&syntax.directives).into_iter().map(|(name, value)| {
        let texts = (name.to_owned(), document.slice(value).to_owned());
        symbol(document, texts, SymbolKind::PROPERTY, value, value)
    });
    let mut head: Vec<&Instruction> = syntax.global_args.iter().chain(&syntax.orphans).collect();
    head.sort_by_key(|one| one.span);
    let head = head.into_iter().map(|one| instruction(document, one));
    directives.chain(head).chain(syntax.stages.iter().map(|one| stage(document, one))).collect()
}

/// Returns the directives that hold, each with the place of its value, in the order of the text.
fn directives(directives: &Directives) -> Vec<(&'static str, Span)> {
    let all = [
        ("syntax", directives.syntax.as_ref().map(|one| one.span)),
        ("escape", directives.escape.as_ref().map(|one| one.span)),
        ("check", directives.check.as_ref().map(|one| one.span)),
    ];
    let mut found: Vec<_> = all.into_iter().filter_map(|(name, span)| Some((name, span?))).collect();
    found.sort_by_key(|(_, span)| *span);
    found
}

/// Returns the outline as a flat list, for clients that know no other; `container` names what a symbol is part of.
pub(crate) fn flat(document: &Document) -> Vec<SymbolInformation> {
    let mut found = Vec::new();
    for symbol in outline(document) {
        flatten(document, symbol, None, &mut found);
    }
    found
}

fn flatten(document: &Document, symbol: DocumentSymbol, container: Option<&str>, found: &mut Vec<SymbolInformation>) {
    found.push(information(document, &symbol, container));
    for child in symbol.children.unwrap_or_default() {
        flatten(document, child, Some(&symbol.name), found);
    }
}

#[expect(deprecated, reason = "the protocol's type has a field that nothing else fills")]
fn information(document: &Document, symbol: &DocumentSymbol, container: Option<&str>) -> SymbolInformation {
    SymbolInformation {
        name: symbol.name.clone(),
        kind: symbol.kind,
        tags: None,
        deprecated: None,
        location: Location::new(document.uri().clone(), symbol.range),
        container_name: container.map(str::to_owned),
    }
}

/// Returns the stages and global arguments of a file whose names hold the letters of a query in their order.
pub(crate) fn matching(document: &Document, query: &str) -> Vec<SymbolInformation> {
    let model = document.model();
    let stages = model.stages.iter().enumerate().map(|(index, stage)| {
        let name = stage.name.as_ref().map_or_else(|| format!("stage {index}"), |name| name.value.clone());
        (name, SymbolKind::CLASS, stage.from, stage.base.value.clone())
    });
    let globals = document.parsed().syntax().global_args.iter().flat_map(|one| match &one.kind {
        Kind::Arg(arguments) => arguments.as_slice(),
        _ => &[],
    });
    let globals = globals.map(|one| (one.name.value.clone(), SymbolKind::VARIABLE, one.name.span, "ARG".to_owned()));
    let wanted = globals.chain(stages).filter(|(name, ..)| has_letters(name, query));
    wanted
        .map(|(name, kind, span, container)| {
            let symbol = symbol(document, (name, String::new()), kind, span, span);
            information(document, &symbol, Some(&container))
        })
        .collect()
}

fn has_letters(name: &str, query: &str) -> bool {
    let mut rest = name.chars().flat_map(char::to_lowercase);
    query.chars().flat_map(char::to_lowercase).all(|wanted| rest.any(|one| one == wanted))
}

fn stage(document: &Document, stage: &Stage) -> DocumentSymbol {
    let name = stage.name.as_ref().map_or(&stage.base, |name| name);
    let detail = if stage.name.is_some() { stage.base.value.clone() } else { String::new() };
    let title = if name.value.is_empty() { "FROM".to_owned() } else { name.value.clone() };
    let mut symbol = symbol(document, (title, detail), SymbolKind::CLASS, stage.span, name.span);
    let children: Vec<_> = stage.instructions.iter().map(|one| instruction(document, one)).collect();
    symbol.children = (!children.is_empty()).then_some(children);
    symbol
}

fn instruction(document: &Document, instruction: &Instruction) -> DocumentSymbol {
    let keyword = instruction.keyword.value.to_ascii_uppercase();
    let rest = instruction.original.get(instruction.keyword.value.len()..).unwrap_or_default().trim();
    let kind = match instruction.kind {
        Kind::Arg(_) | Kind::Env(_) => SymbolKind::VARIABLE,
        Kind::Label(_) => SymbolKind::PROPERTY,
        Kind::Cmd(_) | Kind::Entrypoint(_) | Kind::Run(_) | Kind::Healthcheck(_) => SymbolKind::FUNCTION,
        Kind::Copy(_) | Kind::Add(_) => SymbolKind::FILE,
        Kind::Onbuild(_) => SymbolKind::EVENT,
        _ => SymbolKind::CONSTANT,
    };
    let name = if keyword.is_empty() { "?".to_owned() } else { keyword };
    let mut own = symbol(document, (name, shortened(rest)), kind, instruction.span, instruction.keyword.span);
    let children: Vec<_> = names(instruction)
        .into_iter()
        .map(|(name, detail, kind)| symbol(document, (name.value.clone(), detail), kind, name.span, name.span))
        .collect();
    own.children = (!children.is_empty()).then_some(children);
    own
}

/// Returns the names that an instruction defines, where it defines several.
fn names(instruction: &Instruction) -> Vec<(&Spanned<String>, String, SymbolKind)> {
    let pairs = |pairs: &'_ [containr_dockerfile::syntax::Pair]| pairs.len();
    match &instruction.kind {
        Kind::Env(all) if pairs(all) > 1 => {
            all.iter().map(|pair| (&pair.name, shortened(&pair.value.value), SymbolKind::VARIABLE)).collect()
        }
        Kind::Label(all) if pairs(all) > 1 => {
            all.iter().map(|pair| (&pair.name, shortened(&pair.value.value), SymbolKind::PROPERTY)).collect()
        }
        Kind::Arg(all) if all.len() > 1 => {
            let default = |one: &containr_dockerfile::syntax::ArgDeclaration| {
                one.default.as_ref().map(|default| shortened(&default.value)).unwrap_or_default()
            };
            all.iter().map(|one| (&one.name, default(one), SymbolKind::VARIABLE)).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns the beginning of a text, as long as an outline shows it.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

#[expect(deprecated, reason = "the protocol's type has a field that nothing else fills")]
fn symbol(
    document: &Document,
    (name, detail): (String, String),
    kind: SymbolKind,
    whole: Span,
    name_at: Span,
) -> DocumentSymbol {
    // The protocol wants the name inside of the whole.
    let whole = Span::new(whole.start.min(name_at.start), whole.end.max(name_at.end));
    DocumentSymbol {
        name,
        detail: (!detail.is_empty()).then_some(detail),
        kind,
        tags: None,
        deprecated: None,
        range: document.range(whole),
        selection_range: document.range(name_at),
        children: None,
    }
}
