//! Chores of the project: build, tidy, demo, test, accept, bench, peers, setup.

mod accept;
mod bases;
mod bench;
mod builder;
mod command;
mod console;
mod demo;
mod failure;
mod node;
mod peers;
mod registry;
mod setup;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use crate::failure::{Failure, Outcome};

const USAGE: &str = "usage: cargo xtask CHORE

  demo                  builds containr and shows its main job
  build                 builds containr as one static file and tells where it is
  test                  runs everything that must hold before a change lands
  tidy                  checks the house rules that a machine can check
  accept [--everyday] [--builder containr|buildkit|buildah] [NAME...]
                        shows what docs/acceptance.md promises; names are the cases of testdata/e2e,
                        language, lint, lsp, editors, reproducible and kills
  peers [NAME...]       builds other people's builders at pinned versions, to judge by and to measure against
  bench [--runs N] [--only WORKLOADS] [--page FILE...]
                        measures containr beside its peers and writes docs/benchmarks.md
  bench lint            measures the linter beside hadolint and tally, likewise
  bench lsp             measures the language server beside the one on node, likewise
  setup                 installs what all of this needs
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console::say(format!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[&str]) -> Outcome {
    match words {
        [] | ["help" | "--help" | "-h"] => {
            console::say(USAGE.trim_end());
            Ok(())
        }
        ["demo"] => demo::show(),
        ["build"] => workspace::release_binary().map(|binary| console::say(binary.display())),
        ["test"] => test::everything(),
        ["tidy"] => tidy::run(),
        ["accept", rest @ ..] => accepted(&accept::run(&accept::Selection::parse(rest)?)?),
        ["peers", names @ ..] => peers::install(names),
        ["bench", rest @ ..] => bench::measure(rest),
        ["setup"] => setup::everything(),
        // How `accept` asks a program in the network that it shares with it; no chore of its own.
        ["inside", order] => accept::inside(order),
        _ => Err(Failure::new(format!("no such chore\n{USAGE}"))),
    }
}

fn accepted(tally: &accept::Tally) -> Outcome {
    match tally.failed {
        0 => Ok(()),
        count => Err(Failure::new(format!("{count} checks failed"))),
    }
}
