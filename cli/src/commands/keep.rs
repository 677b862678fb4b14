//! `containr du`, `prune`, `doctor`: the state and what the machine lets us do with it.

use std::fmt::Write as _;

use containr_engine::{Finding, PruneRequest, Records};

use super::image::columns;
use crate::args::{CommonArgs, PruneArgs};
use crate::failure::Failure;
use crate::read::duration;
use crate::show::bytes;
use crate::surroundings::{print, settings};

/// Shows what takes up space.
///
/// # Errors
/// The failure to show.
pub(crate) fn du(common: &CommonArgs) -> Result<u8, Failure> {
    let usage = Records::open_with_ids(settings(common)?)?.usage()?;
    let rows = usage.iter().map(|row| [row.kind.to_owned(), row.count.to_string(), bytes(row.bytes)]);
    print(columns(["KIND", "COUNT", "SIZE"], rows).as_bytes()).map(|()| 0)
}

/// Removes what nothing needs.
///
/// # Errors
/// The failure to show.
pub(crate) fn prune(common: &CommonArgs, args: &PruneArgs) -> Result<u8, Failure> {
    let keep = args.keep_duration.as_deref().map(|text| duration("keep-duration", text)).transpose()?;
    let request = match (args.all, keep) {
        (true, _) => PruneRequest::Everything,
        (false, Some(age)) => PruneRequest::OlderThan(age),
        (false, None) => PruneRequest::Leftovers,
    };
    let freed = Records::open_with_ids(settings(common)?)?.prune(request)?;
    print(format!("Total reclaimed space: {}\n", bytes(freed)).as_bytes()).map(|()| 0)
}

/// Shows what the machine allows: a line a finding, what to do about it below.
///
/// # Errors
/// The failure to show.
pub(crate) fn doctor(common: &CommonArgs) -> Result<u8, Failure> {
    print(findings(&containr_engine::doctor(settings(common)?)).as_bytes()).map(|()| 0)
}

fn findings(findings: &[Finding]) -> String {
    let width = findings.iter().map(|finding| finding.subject.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for Finding { subject, state, advice } in findings {
        let _ = writeln!(text, "{subject:width$}   {state}");
        if let Some(advice) = advice {
            let _ = writeln!(text, "{:width$}   hint: {advice}", "");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_stands_below_its_finding() {
        let finding = |subject: &str, advice: Option<&str>| Finding {
            subject: subject.to_owned(),
            state: "x".to_owned(),
            advice: advice.map(str::to_owned),
        };
        let text = findings(&[finding("a", None), finding("ids", Some("get more"))]);
        assert_eq!(text, "a     x\nids   x\n      hint: get more\n");
    }
}
