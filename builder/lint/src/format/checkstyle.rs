//! Checkstyle's XML.

use super::{Options, Remark, Report, xml};

/// Writes one document with an element for each file.
pub(super) fn render(reports: &[Report], options: &Options<'_>) -> Vec<u8> {
    let files = reports.iter().map(|report| {
        let name = options.path_in_report.unwrap_or(&report.name);
        let errors: String = report.remarks.iter().map(|one| error(report, one)).collect();
        xml::element("file", &[("name", name)], &errors)
    });
    xml::document(&xml::element("checkstyle", &[("version", "4.3")], &files.collect::<String>()))
}

fn error(report: &Report, one: &Remark) -> String {
    let (line, column) = (one.start.0.to_string(), one.start.1.to_string());
    let message = one.long_message(&report.name);
    let mut attributes = vec![
        ("column", column.as_str()),
        ("line", line.as_str()),
        ("message", message.as_str()),
        ("severity", one.severity.name()),
    ];
    if one.unread.is_none() {
        attributes.push(("source", one.code));
    }
    xml::element("error", &attributes, "")
}
