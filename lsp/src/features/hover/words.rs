//! Words with a meaning of their own: signals, ports, heredocs.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::{Heredoc, Instruction, Kind, Source};

use super::Hovered;
use crate::cursor::instruction_at;
use crate::documents::Document;
use crate::reference;

/// Returns what the word of an instruction at an offset means.
pub(super) fn word(instruction: &Instruction, offset: u32) -> Option<Hovered> {
    let holds = |span: Span| span.start <= offset && offset <= span.end;
    match &instruction.kind {
        Kind::StopSignal(signal) if holds(signal.span) => {
            let known = reference::signal(&signal.value)?;
            Some(Hovered::new(signal.span, format!("**{}** ({})\n\n{}", known.name, known.number, known.text)))
        }
        Kind::Expose(ports) => {
            let port = ports.iter().find(|port| holds(port.span))?;
            Some(Hovered::new(port.span, port_text(&port.value)?))
        }
        _ => None,
    }
}

fn port_text(port: &str) -> Option<String> {
    const SERVICES: [(&str, &str); 26] = [
        ("21", "FTP"),
        ("22", "SSH"),
        ("25", "SMTP"),
        ("53", "DNS"),
        ("80", "HTTP"),
        ("110", "POP3"),
        ("143", "IMAP"),
        ("389", "LDAP"),
        ("443", "HTTPS"),
        ("587", "SMTP submission"),
        ("1433", "SQL Server"),
        ("1883", "MQTT"),
        ("2181", "ZooKeeper"),
        ("2379", "etcd"),
        ("3000", "usual for web applications in development"),
        ("3306", "MySQL"),
        ("5432", "PostgreSQL"),
        ("5672", "AMQP"),
        ("6379", "Redis"),
        ("8080", "usual for HTTP without privileges"),
        ("8443", "usual for HTTPS without privileges"),
        ("9090", "Prometheus"),
        ("9092", "Kafka"),
        ("9200", "Elasticsearch"),
        ("11211", "memcached"),
        ("27017", "MongoDB"),
    ];
    let (number, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
    let range = number.split('-').all(|part| part.parse::<u16>().is_ok());
    if !range {
        return None;
    }
    let service = SERVICES.iter().find(|(known, _)| *known == number).map(|(_, name)| format!(": {name}"));
    let what = if number.contains('-') { "ports" } else { "port" };
    Some(format!(
        "**{what} {number}/{}**{}\n\nSaid, not published: whoever runs the container decides.",
        protocol.to_ascii_lowercase(),
        service.unwrap_or_default()
    ))
}

/// Returns what a heredoc is for, at its word and at its end.
pub(super) fn heredoc(document: &Document, offset: u32) -> Option<Hovered> {
    let instruction = instruction_at(document.parsed(), offset as usize)?;
    let (list, what) = heredocs(instruction);
    let holds = |span: Span| span.start <= offset && offset <= span.end;
    let found = list.into_iter().find(|one| holds(one.name.span) || holds(one.end))?;
    let span = if holds(found.name.span) { found.name.span } else { found.end };
    let count = found.content.value.lines().count();
    let plural = if count == 1 { "" } else { "s" };
    let expands = match (what, found.expand) {
        ("script", true) => "The shell that runs it expands variables.",
        ("script", false) => "The word is quoted; for a script alone that changes nothing.",
        (_, true) => "Variables in it are expanded; a quoted word (`<<\"EOF\"`) would keep them.",
        (_, false) => "Variables in it are kept as they are, since the word is quoted.",
    };
    let tabs = if found.strip_tabs { " Tabs at the beginning of its lines are removed." } else { "" };
    let text =
        format!("**{}**: a {what} of {count} line{plural} written in place\n\n{expands}{tabs}", found.name.value);
    Some(Hovered::new(span, text))
}

fn heredocs(instruction: &Instruction) -> (Vec<&Heredoc>, &'static str) {
    match &instruction.kind {
        Kind::Run(run) => (run.heredocs.iter().collect(), "script"),
        Kind::Copy(copy) => (files(&copy.sources), "file"),
        Kind::Add(add) => (files(&add.sources), "file"),
        Kind::Onbuild(onbuild) => heredocs(&onbuild.trigger),
        _ => (Vec::new(), ""),
    }
}

fn files(sources: &[Source]) -> Vec<&Heredoc> {
    let files = sources.iter().filter_map(|source| match source {
        Source::Heredoc(heredoc) => Some(heredoc),
        Source::Path(_) => None,
    });
    files.collect()
}
