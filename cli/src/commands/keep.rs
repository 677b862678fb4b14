//! `containr du`, `prune`, `doctor`: the state and what the machine lets us do with it.

use containr_engine::PruneRequest;

use super::engine;
use super::image::columns;
use crate::args::{CommonArgs, PruneArgs};
use crate::failure::Failure;
use crate::read::duration;
use crate::show::bytes;
use crate::surroundings::print;

/// Shows what takes up space.
///
/// # Errors
/// The failure to show.
pub(crate) fn du(common: &CommonArgs) -> Result<u8, Failure> {
    let usage = engine(common)?.usage()?;
    let rows = usage
        .iter()
        .map(|row| [row.kind.to_owned(), row.count.to_string(), bytes(row.bytes), bytes(row.reclaimable_bytes)]);
    print(columns(["KIND", "COUNT", "SIZE", "RECLAIMABLE"], rows).as_bytes()).map(|()| 0)
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
    let freed = engine(common)?.prune(request)?;
    print(format!("Total reclaimed space: {}\n", bytes(freed)).as_bytes()).map(|()| 0)
}

/// Shows what the machine allows.
///
/// # Errors
/// The failure to show.
pub(crate) fn doctor(common: &CommonArgs) -> Result<u8, Failure> {
    let findings = engine(common)?.doctor();
    let rows = findings.into_iter().map(|finding| [finding.subject, finding.state, finding.advice.unwrap_or_default()]);
    print(columns(["WHAT", "STATE", "ADVICE"], rows).as_bytes()).map(|()| 0)
}
