//! The faults of registries: the table of bytes moved past each, and a cut push against registries by other hands.

use super::Tally;
use crate::command::{command, output};
use crate::console::say;
use crate::failure::{Failure, Outcome};
use crate::{peers, workspace};

/// Runs the table and shows its rows, then pushes past a cut to both generations of distribution.
pub(super) fn check(tally: &mut Tally) {
    tally.check("bytes moved past each fault", || tests("table::", None).and_then(|text| shown(&rows(&text))));
    tally.check("a cut push, docker-registry 2.8", || {
        tests("distribution::a_cut_push_begins_once_more", None).map(|text| say(figures(&text)))
    });
    let name = "a cut push, distribution 3.1";
    match peers::require("registry3") {
        Err(failure) => tally.missing(name, &failure),
        Ok(program) => {
            let program = program.to_string_lossy().into_owned();
            let test = || tests("distribution::a_cut_push_resumes", Some(&program)).map(|text| say(figures(&text)));
            tally.check(name, test);
        }
    }
}

/// Runs the registry room's tests of a name and returns what they print.
fn tests(filter: &str, registry3: Option<&str>) -> Outcome<String> {
    let words = ["test", "--quiet", "--locked", "-p", "containr-registry", "--test", "scripted", "--", "--nocapture"];
    let mut tests = command("cargo", words);
    tests.args(["--test-threads=1", filter]).current_dir(workspace::root()).env("CI", "true");
    if let Some(program) = registry3 {
        tests.env("CONTAINR_TEST_REGISTRY3", program);
    }
    output(&mut tests)
}

/// Returns the rows of a table among other lines.
fn rows(text: &str) -> Vec<&str> {
    // The runner puts its dots before what a test prints.
    text.lines().filter_map(|line| Some(&line[line.find("| ")?..])).filter(|line| line.ends_with(" |")).collect()
}

fn shown(rows: &[&str]) -> Outcome {
    if rows.is_empty() {
        return Err(Failure::new("the tests printed no row"));
    }
    rows.iter().for_each(say);
    Ok(())
}

fn figures(text: &str) -> String {
    text.lines().filter_map(|line| Some(&line[line.find("moved x")?..])).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_among_dots() {
        assert_eq!(
            rows("running 2 tests\n.| a | x1.00 |\n| b | refused |\nok\n"),
            ["| a | x1.00 |", "| b | refused |"]
        );
        assert_eq!(figures(".moved x1.50\n"), "moved x1.50");
    }
}
