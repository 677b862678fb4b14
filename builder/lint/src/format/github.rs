//! Annotations of GitHub's actions.

use std::fmt::Write as _;

use super::Report;
use crate::rule::Severity;

/// Writes a workflow command for each remark.
pub(super) fn render(reports: &[Report]) -> Vec<u8> {
    let mut out = String::new();
    for report in reports {
        for one in &report.remarks {
            let level = match one.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                _ => "notice",
            };
            let ((line, column), (end_line, end_column)) = (one.start, one.end);
            let _ = writeln!(
                out,
                "::{level} file={},line={line},col={column},endLine={end_line},endColumn={end_column},title={}::{}",
                property(&report.name),
                property(one.code),
                data(&one.message)
            );
        }
    }
    out.into_bytes()
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
