//! One module a command: turns arguments into a request, hands it to the engine, prints what came back.

mod build;
mod check;
mod debug;
mod format;
mod hadolint;
mod image;
mod keep;
mod lint;
mod lsp;
mod run;
mod transfer;

use clap::CommandFactory as _;
use containr_engine::{Engine, Records};

use crate::args::{Args, Command, CommonArgs, Shell};
use crate::failure::Failure;
use crate::surroundings::{print, settings};

/// Runs the command and returns the exit code.
///
/// # Errors
/// The failure to show.
pub(crate) fn run(args: Args) -> Result<u8, Failure> {
    let Args { common, command } = args;
    match command {
        Command::Build(build) => build::run(&common, &build),
        Command::Run(run) => run::run(&common, *run),
        Command::Pull(pull) => transfer::pull(&common, &pull),
        Command::Push(push) => transfer::push(&common, &push),
        Command::Save(save) => transfer::save(&common, &save),
        Command::Load(load) => transfer::load(&common, &load),
        Command::Export(export) => transfer::export(&common, &export),
        Command::Import(import) => transfer::import(&common, &import),
        Command::Images(images) => image::images(&common, &images),
        Command::Rmi(rmi) => image::rmi(&common, &rmi),
        Command::Inspect(inspect) => image::inspect(&common, &inspect),
        Command::Tag(tag) => image::tag(&common, &tag),
        Command::Du => keep::du(&common),
        Command::Prune(prune) => keep::prune(&common, &prune),
        Command::Doctor => keep::doctor(&common),
        Command::Version => print(format!("containr {}\n", env!("CARGO_PKG_VERSION")).as_bytes()).map(|()| 0),
        Command::Completions { shell } => completions(shell),
        Command::Lint(args) => lint::run(&common, &args),
        Command::Fmt(args) => format::run(&args),
        Command::Lsp(args) => lsp::run(&args, &common),
        Command::Hadolint { args } => hadolint::run(&args),
        Command::Debug(debug) => debug::run(&debug),
    }
}

/// Opens the local state.
fn engine(common: &CommonArgs) -> Result<Engine, Failure> {
    Ok(Engine::open(settings(common)?)?)
}

/// Opens what is recorded of images, without any namespace.
fn records(common: &CommonArgs) -> Result<Records, Failure> {
    Ok(Records::open(settings(common)?)?)
}

fn completions(shell: Shell) -> Result<u8, Failure> {
    use clap_complete::Shell as Generator;
    let generator = match shell {
        Shell::Bash => Generator::Bash,
        Shell::Elvish => Generator::Elvish,
        Shell::Fish => Generator::Fish,
        Shell::Powershell => Generator::PowerShell,
        Shell::Zsh => Generator::Zsh,
    };
    let mut script = Vec::new();
    clap_complete::generate(generator, &mut Args::command(), "containr", &mut script);
    print(&script).map(|()| 0)
}
