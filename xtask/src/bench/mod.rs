//! Measures containr side by side with its peers in one run, and keeps medians and ratios in `docs/benchmarks.md`.

mod lint;
mod page;
mod runs;
mod server;
mod table;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{command, output, run};
use crate::console::{heading, say};
use crate::failure::{Context as _, Failure, Outcome};
use crate::registry::Registry;
use crate::{peers, setup, workspace};

/// The port that the generated contexts name their bases by.
const PORT: u16 = 5055;
/// Size of the file system that holds every store, in GiB; it is sparse.
const STORE_GIB: &str = "60";
/// Everything but the big file, which has other builders.
const WORKLOADS: &[&str] = &["noop20", "run1", "run40", "files", "dag8", "pull"];

/// Runs the workloads and writes the page; `lint` measures linters instead of builders, `lsp` language servers.
/// `--runs N` says how often; `--only WORKLOADS` measures some and leaves the page as it is;
/// `--page FILE...` only writes the page from earlier results.
///
/// # Errors
/// Something is missing, or a workload does not run.
pub(crate) fn measure(words: &[&str]) -> Outcome {
    let mut order = Order { runs: "5".to_owned(), only: None };
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        match word {
            "lint" => return lint::measure(),
            "lsp" => return server::measure(),
            "--page" => return page::write(&words.map(PathBuf::from).collect::<Vec<_>>()),
            "--runs" => order.runs = words.next().context(|| "--runs needs a number".to_owned())?.to_owned(),
            "--only" => order.only = Some(words.next().context(|| "--only needs workloads".to_owned())?.to_owned()),
            _ => {
                return Err(Failure::new(
                    "usage: cargo xtask bench [lint|lsp] [--runs N] [--only WORKLOADS] [--page FILE...]",
                ));
            }
        }
    }
    order.carry_out()
}

/// What a person asked for.
struct Order {
    runs: String,
    /// Workloads with commas between them, `big` and `container` among them.
    only: Option<String>,
}

impl Order {
    fn carry_out(&self) -> Outcome {
        setup::install(setup::TEST)?;
        peers::install(&["buildkit"])?;
        let folder = workspace::kept("bench")?;
        let harness = Harness { scripts: scripts()?, program: workspace::release_binary()?, folder: folder.clone() };
        let _registry = Registry::start(&folder.join("registry"), Some(PORT))?;
        harness.prepare()?;
        let results = folder.join(if self.only.is_some() { "some.jsonl" } else { "results.jsonl" });
        if results.exists() {
            std::fs::remove_file(&results).context(|| format!("cannot remove {}", results.display()))?;
        }
        heading("side by side");
        let small: Vec<&str> = WORKLOADS.iter().copied().filter(|workload| self.wants(workload)).collect();
        if !small.is_empty() {
            harness.run("buildah,docker,buildkit,containr", &small.join(","), &self.runs, &results)?;
        }
        if self.wants("big") {
            // Without an output of its own a build only fills the cache: COPY and export are then counted once each.
            harness.run("buildah,buildkit-cache,containr", "big", &self.runs, &results)?;
        }
        let last = if self.wants("container") { runs::measure(&harness.program, &folder, &results) } else { Ok(()) };
        // What was measured until then is worth an hour.
        match self.only {
            Some(_) => page::tell(&[results]),
            None => page::write(&[results]),
        }?;
        last
    }

    fn wants(&self, workload: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.split(',').any(|wanted| wanted == workload))
    }
}

/// The benchmark's scripts and what they are given.
struct Harness {
    scripts: PathBuf,
    program: PathBuf,
    folder: PathBuf,
}

impl Harness {
    /// Makes bases and contexts, unless they are there from an earlier run.
    fn prepare(&self) -> Outcome {
        heading("bases and contexts");
        let port = PORT.to_string().into();
        run(&mut command("bash", [self.scripts.join("make-bases.sh"), self.folder.clone(), port]))?;
        if self.folder.join("ctx/prime/Dockerfile").exists() { Ok(()) } else { run(&mut self.script("gen")) }
    }

    fn run(&self, builders: &str, workloads: &str, count: &str, results: &Path) -> Outcome {
        let mut call = self.script("run");
        call.args(["--builders", builders, "--workloads", workloads, "--runs", count, "--loopfs", STORE_GIB, "--out"]);
        run(call.arg(results))
    }

    fn script(&self, verb: &str) -> Command {
        let mut call = command("python3", [self.scripts.join("bench.py"), verb.into(), self.folder.clone()]);
        let own = format!("{} --root {{store}} build --progress plain -f {{dockerfile}}", self.program.display());
        call.env("CUSTOM_NAME", "containr")
            .env("CUSTOM_BUILD", format!("{own} -t {{tag}} {{nocache}} {{context}}"))
            .env("CUSTOM_NOCACHE", "--no-cache")
            .env("CUSTOM_EXPORT", format!("{own} -o type=oci,dest={{dest}},compression={{comp}} {{context}}"))
            .env("CUSTOM_PUSH", format!("{own} -t {{ref}} --push {{context}}"))
            .env("BASE_REG", format!("127.0.0.1:{PORT}"));
        if let Ok(client) = setup::docker_client() {
            call.env("DOCKER", client);
        }
        for (name, program) in [("BUILDKITD", "buildkitd"), ("BUILDCTL", "buildctl")] {
            if let Some(path) = peers::path(program) {
                call.env(name, path);
            }
        }
        call
    }
}

fn scripts() -> Outcome<PathBuf> {
    let default = workspace::root().join("../shared/bench");
    let folder = std::env::var_os("CONTAINR_BENCH").map_or(default, PathBuf::from);
    match folder.join("bench.py").exists() {
        true => folder.canonicalize().context(|| format!("cannot use {}", folder.display())),
        false => Err(Failure::new("bench.py is missing (CONTAINR_BENCH names its folder)")),
    }
}

/// Returns what a program says of its version, in one line.
fn version(program: &Path, flag: &str) -> String {
    let said = output(&mut command(program, [flag])).unwrap_or_else(|_| "not there".to_owned());
    said.lines().next().unwrap_or_default().trim().to_owned()
}

/// Tells a row that was just measured.
fn told(what: &str, seconds: f64) {
    say(format!("{what}: {:.1} ms", seconds * 1000.0));
}
