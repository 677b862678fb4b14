//! Shows what the project promises on real input: every line of `docs/acceptance.md` that is more than a unit test.

mod answer;
mod cases;
mod container;
mod differential;
mod docker;
mod editors;
mod ends;
mod faults;
mod image;
mod kills;
mod language;
mod leaks;
mod lint;
mod modes;
mod reproducible;
mod server;
mod tally;
mod trees;

pub(crate) use container::inside;
pub(crate) use lint::{files as dockerfiles, hadolint};
pub(crate) use tally::Tally;

use cases::{Case, When};
use docker::Docker;
use ends::Stage;

use crate::bases;
use crate::builder::Builder;
use crate::console::{heading, say};
use crate::failure::{Failure, Outcome};
use crate::workspace::{self, Scratch};
use crate::{peers, setup};

/// How many builds a full run kills.
const KILLS: usize = 200;
/// How many the everyday run kills.
const KILLS_EVERYDAY: usize = 20;

/// How much is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// What continuous integration holds: some cases, no peers, few kills.
    Everyday,
    Full,
}

/// What a person selected: the extent, names of checks, and whose work is judged.
pub(crate) struct Selection {
    pub(crate) extent: Extent,
    /// Case names, `lsp`, `editors`, `faults`, `kills`, `lint`, `modes`, `reproducible`, `language`; none means all.
    pub(crate) names: Vec<String>,
    /// `containr`, or a peer's name to prove the cases themselves.
    pub(crate) builder: String,
}

impl Selection {
    /// Reads the words after `accept`.
    ///
    /// # Errors
    /// A word is no name of a check.
    pub(crate) fn parse(words: &[&str]) -> Outcome<Self> {
        let mut selection = Self { extent: Extent::Full, names: Vec::new(), builder: "containr".to_owned() };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--everyday" => selection.extent = Extent::Everyday,
                "--builder" => selection.builder = words.next().map_or_else(String::new, |name| (*name).to_owned()),
                name => selection.names.push(name.to_owned()),
            }
        }
        let known: Vec<String> =
            cases::read()?.into_iter().map(|case| case.name).chain(OTHERS.map(str::to_owned)).collect();
        match selection.names.iter().find(|name| !known.contains(name)) {
            Some(unknown) => Err(Failure::new(format!("unknown check `{unknown}`; there are: {}", known.join(" ")))),
            None => Ok(selection),
        }
    }

    fn wants(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|wanted| wanted == name)
    }

    /// Returns whether checks run, too, that the everyday run leaves out.
    fn is_whole(&self) -> bool {
        self.extent == Extent::Full || !self.names.is_empty()
    }

    fn wants_case(&self, case: &Case) -> bool {
        let in_extent = self.is_whole() || case.when == When::Always;
        in_extent && self.wants(&case.name)
    }
}

/// The checks that are no cases.
const OTHERS: [&str; 8] = ["language", "faults", "lint", "lsp", "editors", "modes", "reproducible", "kills"];

/// Runs what was selected and returns the counts.
///
/// # Errors
/// The surroundings of the checks cannot be set up; a failed check is no error but a count.
pub(crate) fn run(selection: &Selection) -> Outcome<Tally> {
    setup::install(setup::TEST)?;
    let mut tally = Tally::default();
    if selection.wants("language") {
        heading("language");
        let name = "BuildKit's parser results and the row tables";
        match language::conformance() {
            Ok(folder) => drop(tally.check(name, || language::check(&folder))),
            Err(failure) => tally.missing(name, &failure),
        }
    }
    if selection.wants("faults") && selection.is_whole() {
        heading("faults");
        faults::check(&mut tally);
    }
    if selection.wants("lint") && selection.is_whole() {
        heading("lint");
        lint::check(&mut tally)?;
    }
    for_editors(selection, &mut tally)?;
    let cases: Vec<Case> = cases::read()?.into_iter().filter(|case| selection.wants_case(case)).collect();
    if !cases.is_empty() {
        end_to_end(&cases, selection, &mut tally)?;
    }
    if selection.wants("modes") && selection.is_whole() {
        heading("modes");
        modes::check(&mut tally)?;
    }
    if selection.wants("reproducible") {
        heading("reproducible");
        tally.check("one digest in every surrounding", reproducible::check);
    }
    if selection.wants("kills") {
        heading("kills");
        let rounds = if selection.extent == Extent::Full { KILLS } else { KILLS_EVERYDAY };
        tally.check(&format!("{rounds} builds killed"), || kills::check(rounds));
    }
    say(format!("\naccept: {} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.skipped));
    Ok(tally)
}

/// Checks the language server where it is used, and beside another.
fn for_editors(selection: &Selection, tally: &mut Tally) -> Outcome {
    if selection.wants("lsp") && selection.is_whole() {
        heading("lsp");
        server::check(tally)?;
    }
    if selection.wants("editors") {
        heading("editors");
        editors::check(tally, selection.extent)?;
    }
    Ok(())
}

fn end_to_end(cases: &[Case], selection: &Selection, tally: &mut Tally) -> Outcome {
    if !workspace::is_root() {
        tally.missing("end to end", &Failure::new("needs root, to unpack and run what was built"));
        return Ok(());
    }
    let folder = Scratch::new("accept")?;
    let registry = bases::registry()?;
    let builder = match selection.builder.as_str() {
        "containr" => Builder::containr(&folder.join("state"))?,
        "buildkit" => Builder::buildkit(&folder.join("buildkit"), &registry)?,
        "buildah" => Builder::buildah(&folder.join("buildah"))?,
        other => return Err(Failure::new(format!("there is no builder `{other}`"))),
    };
    let mut stage = Stage { registry, builder, peers: Vec::new(), dockers: Vec::new() };
    match Docker::start() {
        Ok(docker) => stage.dockers.push(docker),
        Err(failure) => tally.missing("loaded by docker", &failure),
    }
    if selection.extent == Extent::Full {
        match Docker::start_newer() {
            Ok(docker) => stage.dockers.push(docker),
            Err(failure) => tally.missing("loaded by docker 26.1", &failure),
        }
        stage.peers = others(&folder, &stage, tally)?;
    }
    let result = cases.iter().try_for_each(|case| ends::run(case, &stage, tally));
    drop(stage);
    result
}

/// Returns the peers that can be had and are not judged themselves, each with a store of its own.
fn others(folder: &Scratch, stage: &Stage, tally: &mut Tally) -> Outcome<Vec<Builder>> {
    let mut found = Vec::new();
    let judged = stage.builder.name();
    match peers::require("buildkitd") {
        _ if judged == "buildkit" => {}
        Ok(_) => found.push(Builder::buildkit(&folder.join("peer-buildkit"), &stage.registry)?),
        Err(failure) => tally.missing("equal to buildkit", &failure),
    }
    match Builder::buildah(&folder.join("peer-buildah")) {
        _ if judged == "buildah" => {}
        Ok(buildah) => found.push(buildah),
        Err(failure) => tally.missing("equal to buildah", &failure),
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_select_and_unknown_ones_are_refused() {
        let selection = Selection::parse(&["c", "kills"]).unwrap();
        assert!(selection.wants("kills") && selection.wants("c") && !selection.wants("nginx"));
        assert!(Selection::parse(&["bogus"]).is_err());
    }

    #[test]
    fn the_everyday_extent_leaves_the_long_cases_out() {
        let selection = Selection::parse(&["--everyday"]).unwrap();
        let names: Vec<String> = cases::read()
            .unwrap()
            .into_iter()
            .filter(|case| selection.wants_case(case))
            .map(|case| case.name)
            .collect();
        assert_eq!(names, ["nginx", "c", "flask", "rust", "onbuild", "nmap"]);
    }
}
