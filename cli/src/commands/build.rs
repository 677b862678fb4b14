//! `containr build`.

use std::io::Write as _;
use std::path::PathBuf;

use containr_engine::{
    BuildReport, BuildRequest, CheckRemark, ContextSource, Destination, Explain, Limit, Network, NoCache, PullPolicy,
    Reproducible, Settings, TextSource,
};
use containr_progress::Progress as _;
use serde_json::{Map, json};

use super::check::Checked;
use crate::args::{BuildArgs, Call, CheckCall, CommonArgs, ProgressMode};
use crate::failure::{Exit, Failure};
use crate::read::{self, BadFlag, OutputRequest};
use crate::show::{self, Show as _};
use crate::surroundings::{colour, interruptible, print, settings, stderr, stdin_stream, terminal_columns};

/// Builds and prints the image id where it was asked for.
///
/// # Errors
/// The failure to show.
pub(crate) fn run(common: &CommonArgs, args: &BuildArgs) -> Result<u8, Failure> {
    refuse_missing_features(args)?;
    check_secrets(&args.secret)?;
    let mut settings = settings(common)?;
    if let Some(jobs) = args.jobs {
        settings.threads = jobs.max(1);
    }
    if let Some(call) = checks(args) {
        return check(args, &settings, call);
    }
    let request = request(args, &settings, common.debug)?;
    let to_stdout = request.outputs.iter().any(|output| output.destination == Destination::Stdout);
    let cancel = interruptible()?;
    let mode = if args.quiet { ProgressMode::Quiet } else { args.progress };
    // Opened first: it may have to enter a user namespace, which a process with several threads cannot.
    let engine = containr_engine::Engine::open(settings)?;
    let show = show::choose_with_tails(mode, terminal_columns(), stderr());
    if args.load {
        let text = "--load has no effect: images are in the local store at once".to_owned();
        show.event(containr_progress::Event::Warning { task: None, text });
    }
    let result = engine.build(&request, &show, &cancel);
    show.finish();
    let report = result.map_err(|error| Failure::of_build(&error, &show.tail(), colour()))?;
    if !matches!(mode, ProgressMode::Quiet | ProgressMode::Rawjson) {
        tell_checks(&report.checks, common.debug);
    }
    write_files(args, &report)?;
    if args.quiet && !to_stdout {
        print(format!("{}\n", report.config).as_bytes())?;
    }
    engine.settle();
    Ok(0)
}

/// Returns how the Dockerfile is to be checked, if that is all that is asked for.
fn checks(args: &BuildArgs) -> Option<CheckCall> {
    match args.call {
        Call::Check(call) => Some(call),
        Call::Build => args.check.then(CheckCall::default),
    }
}

fn check(args: &BuildArgs, settings: &Settings, call: CheckCall) -> Result<u8, Failure> {
    let checked = Checked {
        context: context(&args.context)?,
        dockerfile: dockerfile(args)?,
        target: args.target.as_deref(),
        build_args: &build_args(&args.build_arg, settings),
    };
    super::check::run(settings, &checked, call)
}

/// Tells what the build checks said, as buildx does after a build.
fn tell_checks(remarks: &[CheckRemark], debug: bool) {
    if remarks.is_empty() {
        return;
    }
    let plural = if remarks.len() == 1 { "" } else { "s" };
    let hint = if debug { "" } else { " (use --debug to expand)" };
    let head = format!("{} warning{plural} found{hint}:", remarks.len());
    let mut text = if colour() { format!("\n \x1b[33m{head}\n\x1b[0m") } else { format!("\n {head}\n") };
    for remark in remarks {
        text.push_str(&format!(" - {}\n", remark.short));
        if debug {
            text.push_str(&format!("{}\n", remark.long));
        }
    }
    // When stderr is gone the image is there all the same.
    let _ = stderr().write_all(text.as_bytes());
}

/// Refuses a secret that no mount could name; mounts themselves are refused by the planner or solver as long as they are missing.
fn check_secrets(specs: &[String]) -> Result<(), Failure> {
    let named = |spec: &String| read::csv(spec).iter().any(|field| field.starts_with("id=") && field.len() > 3);
    match specs.iter().find(|spec| !named(spec)) {
        Some(spec) => Err(BadFlag(format!("--secret {spec}: expected id=ID[,src=FILE|,env=NAME]")).into()),
        None => Ok(()),
    }
}

/// Flags that are read but whose work does not exist yet are refused, never ignored.
fn refuse_missing_features(args: &BuildArgs) -> Result<(), Failure> {
    let missing = [
        (!args.cache_from.is_empty(), "--cache-from"),
        (!args.cache_to.is_empty(), "--cache-to"),
        (args.sbom.as_deref().is_some_and(|value| value != "false"), "--sbom"),
        (args.provenance.as_deref().is_some_and(|value| value != "false"), "--provenance"),
    ];
    match missing.iter().find(|(asked, _)| *asked) {
        Some((_, flag)) => Err(Failure::not_supported(flag)),
        None => Ok(()),
    }
}

fn request(args: &BuildArgs, settings: &Settings, debug: bool) -> Result<BuildRequest, Failure> {
    let OutputRequest { outputs, names, push, push_compression, annotations } = read::outputs(&args.output)?;
    let pairs = |flag, values: &[String]| {
        values.iter().map(|value| read::pair(flag, value)).collect::<Result<Vec<_>, BadFlag>>()
    };
    let mut all_annotations = annotations;
    all_annotations.extend(pairs("annotation", &args.annotation)?);
    Ok(BuildRequest {
        context: context(&args.context)?,
        dockerfile: dockerfile(args)?,
        tags: args.tag.iter().chain(&names).cloned().collect(),
        target: args.target.clone(),
        build_args: build_args(&args.build_arg, settings),
        contexts: pairs("build-context", &args.build_context)?,
        platforms: args.platform.clone(),
        no_cache: no_cache(args),
        pull: if args.pull { PullPolicy::Always } else { PullPolicy::Missing },
        outputs,
        push: (push || args.push).then_some(push_compression),
        labels: pairs("label", &args.label)?,
        annotations: all_annotations,
        network: network(&args.network)?,
        add_hosts: args.add_host.iter().map(|value| read::host(value)).collect::<Result<_, _>>()?,
        shm_size: args.shm_size.as_deref().map(|value| read::size("shm-size", value)).transpose()?,
        limits: limits(&args.ulimit)?,
        reproducible: reproducible(args.reproducible.as_deref())?,
        explain: if args.explain || debug { Explain::Steps } else { Explain::Quiet },
        isolation: args.isolation.into(),
    })
}

fn context(text: &str) -> Result<ContextSource, Failure> {
    if text == "-" {
        return Ok(ContextSource::Stream(stdin_stream()));
    }
    let remote = ["http://", "https://", "git://", "git@", "ssh://", "github.com/"];
    if remote.iter().any(|prefix| text.starts_with(prefix)) {
        return Err(Failure::not_supported(&format!("a remote context ({text})"))
            .hint("clone or download it and build the directory"));
    }
    Ok(ContextSource::Directory(PathBuf::from(text)))
}

fn dockerfile(args: &BuildArgs) -> Result<Option<TextSource>, Failure> {
    match args.file.as_deref() {
        Some("-") if args.context == "-" => {
            Err(Failure::new("--file -: stdin cannot be the Dockerfile and the context at once", Exit::Request))
        }
        Some("-") => {
            let mut text = Vec::new();
            std::io::Read::read_to_end(&mut std::io::stdin(), &mut text).map_err(|error| {
                Failure::new(format!("cannot read the Dockerfile from stdin: {error}"), Exit::Failure)
            })?;
            Ok(Some(TextSource::Bytes(text)))
        }
        Some(path) => Ok(Some(TextSource::File(PathBuf::from(path)))),
        None => Ok(None),
    }
}

/// A build argument without a value takes the environment's; when that is not set either, it counts as not given.
fn build_args(values: &[String], settings: &Settings) -> Vec<(String, Option<String>)> {
    let read = |text: &String| match text.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (text.clone(), settings.environment.get(text).cloned()),
    };
    values.iter().map(read).collect()
}

fn no_cache(args: &BuildArgs) -> NoCache {
    match (args.no_cache, args.no_cache_filter.as_slice()) {
        (true, _) => NoCache::Everything,
        (false, []) => NoCache::Nothing,
        (false, stages) => NoCache::Stages(stages.to_vec()),
    }
}

fn network(text: &str) -> Result<Network, Failure> {
    match text {
        "default" => Ok(Network::Default),
        "host" => Ok(Network::Host),
        "none" => Ok(Network::None),
        other => Err(BadFlag(format!("--network {other}: expected default, host or none")).into()),
    }
}

fn limits(values: &[String]) -> Result<Vec<Limit>, Failure> {
    let read = |text: &String| read::limit(text).map(|(name, soft, hard)| Limit { name, soft, hard });
    Ok(values.iter().map(read).collect::<Result<_, _>>()?)
}

fn reproducible(text: Option<&str>) -> Result<Reproducible, Failure> {
    match text {
        None => Ok(Reproducible::No),
        Some("base") => Ok(Reproducible::Base),
        Some("context") => Err(Failure::not_supported("--reproducible=context (git contexts)")),
        Some(epoch) => match epoch.parse() {
            Ok(epoch) => Ok(Reproducible::Epoch(epoch)),
            Err(_) => Err(BadFlag(format!("--reproducible={epoch}: expected seconds since 1970 or `context`")).into()),
        },
    }
}

fn write_files(args: &BuildArgs, report: &BuildReport) -> Result<(), Failure> {
    if let Some(path) = &args.iidfile {
        write(path, report.config.as_bytes())?;
    }
    if let Some(path) = &args.metadata_file {
        write(path, metadata(report).as_bytes())?;
    }
    Ok(())
}

/// Returns the keys of buildx's metadata file that containr knows.
fn metadata(report: &BuildReport) -> String {
    let mut keys = Map::new();
    keys.insert("containerimage.config.digest".to_owned(), json!(report.config));
    if let Some(manifest) = &report.manifest {
        keys.insert("containerimage.descriptor".to_owned(), json!(manifest));
        keys.insert("containerimage.digest".to_owned(), json!(manifest.digest));
    }
    if !report.names.is_empty() {
        keys.insert("image.name".to_owned(), json!(report.names.join(",")));
    }
    let text = serde_json::to_string_pretty(&keys).expect("strings and descriptors always serialize");
    format!("{text}\n")
}

fn write(path: &PathBuf, data: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, data)
        .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display()), Exit::Failure))
}
