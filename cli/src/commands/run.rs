//! `containr run`.

use std::path::PathBuf;

use containr_engine::{Engine, EngineError, Footing, Network, PullPolicy, RunRequest, VolumeAccess, VolumeMount};

use crate::args::{CommonArgs, ProgressMode, RunArgs};
use crate::failure::{Exit, Failure};
use crate::read::{BadFlag, bad};
use crate::show;
use crate::surroundings::{interruptible, settings, stderr, terminal_columns};

/// Runs a container and returns its exit code.
///
/// # Errors
/// The failure to show.
pub(crate) fn run(common: &CommonArgs, args: RunArgs) -> Result<u8, Failure> {
    let footing = Footing::to_run(args.isolation.into())?;
    let engine = Engine::open_on(footing, settings(common)?)?;
    let request = request(args, engine.settings())?;
    let cancel = interruptible()?;
    let show = show::choose(ProgressMode::Auto, terminal_columns(), stderr());
    let result = engine.run(&request, show.as_ref(), &cancel);
    match result {
        Ok(code) => Ok(u8::try_from(code).unwrap_or(Exit::Failure as u8)),
        Err(error) => Err(not_started(error)),
    }
}

/// A container that could not be started exits as docker's: 127 and 126 for its command, else 125.
fn not_started(error: EngineError) -> Failure {
    let request = matches!(error, EngineError::Request(_));
    let command = error.command_exit_code();
    let mut failure = Failure::from(error);
    failure.exit = match (failure.exit, command) {
        (Exit::Failure, Some(127)) => Exit::NotFound,
        (Exit::Failure, Some(_)) => Exit::NotExecutable,
        (Exit::Failure, None) if !request => Exit::NotStarted,
        (exit, _) => exit,
    };
    failure
}

fn request(args: RunArgs, settings: &containr_engine::Settings) -> Result<RunRequest, Failure> {
    let network = match args.network.as_str() {
        "host" | "default" => Network::Host,
        "none" => Network::None,
        other => return Err(Failure::from(BadFlag(format!("--network {other}: expected host or none")))),
    };
    let pull = match args.pull.as_str() {
        "always" => PullPolicy::Always,
        "missing" => PullPolicy::Missing,
        "never" => PullPolicy::Never,
        other => return Err(Failure::from(BadFlag(format!("--pull {other}: expected always, missing or never")))),
    };
    let (image, command) = args.image_and_command();
    Ok(RunRequest {
        image: image.to_owned(),
        command: command.to_vec(),
        environment: args.env.iter().filter_map(|text| variable(text, settings)).collect(),
        volumes: args.volume.iter().map(|text| volume(text, settings)).collect::<Result<_, _>>()?,
        entrypoint: args.entrypoint,
        directory: args.workdir,
        user: args.user,
        network,
        hostname: args.hostname,
        pull,
        isolation: args.isolation.into(),
    })
}

fn variable(text: &str, settings: &containr_engine::Settings) -> Option<String> {
    if text.contains('=') {
        return Some(text.to_owned());
    }
    settings.environment.get(text).map(|value| format!("{text}={value}"))
}

fn volume(text: &str, settings: &containr_engine::Settings) -> Result<VolumeMount, BadFlag> {
    let expected = "HOST:CONTAINER[:ro|rw] with absolute container path";
    let parts: Vec<&str> = text.split(':').collect();
    let (host, target, options) = match parts.as_slice() {
        [host, target] => (*host, *target, "rw"),
        [host, target, options] => (*host, *target, *options),
        _ => return bad("volume", text, expected),
    };
    let mut access = VolumeAccess::ReadWrite;
    for option in options.split(',') {
        match option {
            "ro" | "readonly" => access = VolumeAccess::ReadOnly,
            "rw" | "z" | "Z" | "cached" | "delegated" => {}
            _ => return bad("volume", text, expected),
        }
    }
    if !target.starts_with('/') || host.is_empty() {
        return bad("volume", text, expected);
    }
    if !host.starts_with(['/', '.', '~']) {
        return Err(BadFlag(format!(
            "--volume {text}: named volumes are not supported yet; write a path such as ./{host}"
        )));
    }
    Ok(VolumeMount { host: settings.absolute(&PathBuf::from(host)), target: target.to_owned(), access })
}
