//! JUnit's XML.

use super::{Options, Remark, Report, xml};
use crate::config::Dialect;

/// Writes one document with a suite for each file.
pub(super) fn render(reports: &[Report], options: &Options<'_>) -> Vec<u8> {
    let suites: String = reports.iter().map(|report| suite(report, options)).collect();
    let [date, time] = moment(options.now);
    let id = format!("{date}_{time}").replace(['-', ':'], "");
    let run = if options.dialect == Dialect::Hadolint { "Hadolint" } else { "containr" };
    let name = format!("{run} run at {date} {time}");
    xml::document(&xml::element("testsuites", &[("id", &id), ("name", &name), ("time", "0.001")], &suites))
}

fn suite(report: &Report, options: &Options<'_>) -> String {
    let file = options.path_in_report.unwrap_or(&report.name);
    let own = options.dialect != Dialect::Hadolint;
    let (id, name) = if own { ("containr", "containr") } else { ("hadolint", "Hadolint 2.15.1") };
    let cases: String = report.remarks.iter().map(|one| case(id, file, report, one)).collect();
    let errors = report.remarks.iter().filter(|one| one.unread.is_some()).count().to_string();
    let failures = report.remarks.len().to_string();
    let attributes =
        [("errors", errors.as_str()), ("failures", &failures), ("id", id), ("name", name), ("time", "0.001")];
    xml::element("testsuite", &attributes, &cases)
}

fn case(provider: &str, file: &str, report: &Report, one: &Remark) -> String {
    let (line, column) = one.start;
    if one.unread.is_some() {
        let message = format!("parse error at line {line}, column {column}");
        let text = format!(
            "Parse Error in {file}\nLine: {line}\nColumn: {column}\nParse Error: {}\n",
            one.long_message(&report.name)
        );
        let failure = xml::element("failure", &[("message", &message), ("type", "error")], &xml::content(&text));
        let id = format!("{provider}.error");
        return xml::element("testcase", &[("id", &id), ("name", one.code), ("time", "0.001")], &failure);
    }
    let category = if provider == "hadolint" { "Hadolint" } else { provider };
    let text = format!(
        "File: {file}\nLine: {line}\nCategory: {category} - Dockerfile Static Analysis\n{}: {}\n",
        one.severity, one.message
    );
    let attributes = [("id", one.code), ("message", &one.message), ("type", one.severity.name())];
    let failure = xml::element("failure", &attributes, &xml::content(&text));
    let id = format!("{provider}.rule.{}", one.code);
    xml::element("testcase", &[("id", &id), ("time", "0.001")], &failure)
}

/// Returns date and time of day of a moment in seconds since 1970.
fn moment(seconds: u64) -> [String; 2] {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Years begin in March here, so that the leap day is the last day of a year.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    [
        format!("{year:04}-{month:02}-{of_month:02}"),
        format!("{:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60),
    ]
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn tells_dates_around_leap_days() {
        assert_eq!(moment(0), ["1970-01-01", "00:00:00"]);
        assert_eq!(moment(951_782_399), ["2000-02-28", "23:59:59"]);
        assert_eq!(moment(951_782_400), ["2000-02-29", "00:00:00"]);
        assert_eq!(moment(1_795_468_617), ["2026-11-23", "21:16:57"]);
        assert_eq!(moment(4_107_542_400), ["2100-03-01", "00:00:00"]);
    }
}
