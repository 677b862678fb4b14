//! Takes one Dockerfile from end to end: build, build again, let others unpack, run and load the result, hold it against peers.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::cases::{Case, Images, Source};
use super::container::{self, Runtime};
use super::docker::Docker;
use super::image::Image;
use super::tally::Tally;
use super::{differential, language, reproducible};
use crate::bases;
use crate::builder::{Builder, Cache, Job, TAG, docker_flags};
use crate::command::{command, find, output};
use crate::console::{heading, say};
use crate::failure::{Context as _, Failure, Outcome};
use crate::registry::Registry;
use crate::workspace::{self, Scratch};

/// What all cases share.
pub(super) struct Stage {
    pub(super) registry: Registry,
    pub(super) builder: Builder,
    /// Builders whose results are compared.
    pub(super) peers: Vec<Builder>,
    /// Daemons that load what was built.
    pub(super) dockers: Vec<Docker>,
}

/// Runs one case; every check goes to the tally.
pub(super) fn run(case: &Case, stage: &Stage, tally: &mut Tally) -> Outcome {
    heading(&case.name);
    if let Err(failure) = case.needs.iter().try_for_each(|need| present(need)) {
        tally.missing(&case.name, &failure);
        return Ok(());
    }
    let scratch = Scratch::new(&case.name)?;
    let Some(job) = tally.check("context and bases", || job(case, stage, &stage.builder, &scratch)) else {
        return Ok(());
    };
    let folder = scratch.join("image");
    let built = tally.check("build", || timed(&stage.builder, &job, &folder));
    if built.is_none() {
        return Ok(());
    }
    let image = Image::new(&folder);
    tally.check("same config when cached", || again(stage, &job, &image, &scratch));
    answers(case, stage, &image, &scratch, tally);
    load(stage, &image, &scratch, tally);
    for peer in &stage.peers {
        against(case, stage, peer, &image, &scratch, tally);
    }
    if case.reproducible && matches!(stage.builder, Builder::Containr { .. }) {
        tally.check("reproducible from two stores", || same_from_two_stores(&job, &scratch));
    }
    Ok(())
}

fn present(need: &str) -> Outcome {
    match need {
        "conformance" => language::conformance().map(drop),
        program => find(program).map(drop).context(|| format!("{program} is missing")),
    }
}

/// Lays out the context, provides the bases and builds what has to be built before.
fn job(case: &Case, stage: &Stage, builder: &Builder, scratch: &Scratch) -> Outcome<Job> {
    let context = match &case.source {
        Source::Folder(folder) => folder.clone(),
        Source::Script(script) => fetch(script, scratch)?,
    };
    let mut images = references(&case.images, stage, builder)?;
    if let Some(first) = &case.first {
        let job = Job {
            dockerfile: context.join(&first.dockerfile),
            context: context.clone(),
            target: None,
            args: Vec::new(),
            images: references(&first.images, stage, builder)?,
            cache: Cache::Use,
        };
        builder.files(&job, &context)?;
    }
    if let Some(parent) = &case.parent {
        let (context, dockerfile) = (parent.context.clone(), parent.context.join("Dockerfile"));
        let images_of_parent = references(&parent.images, stage, builder)?;
        let job =
            Job { context, dockerfile, target: None, args: Vec::new(), images: images_of_parent, cache: Cache::Use };
        let folder = scratch.join(format!("parent-{}", builder.name()));
        builder.image(&job, &folder)?;
        let reference = stage.registry.reference(&format!("parent/{}:{}", case.name, builder.name()));
        bases::push(&format!("dir:{}", folder.display()), &reference)?;
        images.push((parent.name.clone(), reference));
    }
    let (target, args) = (case.target.clone(), case.args.clone());
    Ok(Job { dockerfile: context.join("Dockerfile"), context, target, args, images, cache: Cache::Use })
}

/// A context is fetched once and used by every builder.
fn fetch(script: &Path, scratch: &Scratch) -> Outcome<PathBuf> {
    let context = scratch.join("context");
    if !context.exists() {
        let mut fetch = command(script, [&context]);
        if let Ok(folder) = language::conformance() {
            fetch.env("CONTAINR_CONFORMANCE", folder);
        }
        output(&mut fetch)?;
    }
    Ok(context)
}

fn references(images: &Images, stage: &Stage, builder: &Builder) -> Outcome<Images> {
    images.iter().map(|(name, base)| Ok((name.clone(), bases::provide(base, &stage.registry, builder)?))).collect()
}

fn timed(builder: &Builder, job: &Job, into: &Path) -> Outcome {
    let started = Instant::now();
    builder.image(job, into)?;
    let (bytes, layers) = Image::new(into).size()?;
    let seconds = started.elapsed().as_secs_f64();
    say(format!(
        "        {} needs {seconds:.1} s, image {:.1} MB in {layers} layers",
        builder.name(),
        Megabytes(bytes).value()
    ));
    Ok(())
}

/// Sizes are told in millions of bytes, with one decimal.
struct Megabytes(u64);

impl Megabytes {
    fn value(&self) -> f64 {
        f64::from(u32::try_from(self.0 / 100_000).unwrap_or(u32::MAX)) / 10.0
    }
}

fn again(stage: &Stage, job: &Job, image: &Image, scratch: &Scratch) -> Outcome {
    let folder = scratch.join("again");
    timed(&stage.builder, job, &folder)?;
    let (first, second) = (image.config_digest()?, Image::new(&folder).config_digest()?);
    if first == second { Ok(()) } else { Err(Failure::new(format!("{first} became {second}"))) }
}

fn answers(case: &Case, stage: &Stage, image: &Image, scratch: &Scratch, tally: &mut Tally) {
    tally.check("unpacked by umoci, answers in runc", || {
        let bundle = image.unpack(&scratch.join("unpacked"))?;
        container::check(&Runtime::Runc { bundle, entry_point: image.entry_point()? }, &case.answer)
    });
    if let Builder::Containr { program, root } = &stage.builder {
        let (program, root, image) = (program.clone(), root.clone(), TAG.to_owned());
        let ours = Runtime::Containr { program, root, image };
        tally.check("answers in containr run", || container::check(&ours, &case.answer));
    }
}

fn load(stage: &Stage, image: &Image, scratch: &Scratch, tally: &mut Tally) {
    let archive = scratch.join("docker.tar");
    let saved = tally.check("docker archive", || {
        match &stage.builder {
            Builder::Containr { program, root } => {
                let mut save = command(program, ["--root"]);
                output(save.arg(root).args(["save", "--format", "docker-archive", "-o"]).arg(&archive).arg(TAG))?;
            }
            // Peers' own archives are their business: this proves the image and the daemon.
            Builder::BuildKit { .. } | Builder::Buildah { .. } => {
                let (from, to) = (
                    format!("dir:{}", image.folder().display()),
                    format!("docker-archive:{}:{TAG}", archive.display()),
                );
                output(&mut command("skopeo", ["copy", "--quiet", &from, &to]))?;
            }
        }
        image.config_digest()
    });
    let Some(digest) = saved else { return };
    for docker in &stage.dockers {
        tally.check(&format!("loaded by {}", docker.release()), || docker.load(&archive, &digest));
    }
}

fn against(case: &Case, stage: &Stage, peer: &Builder, image: &Image, scratch: &Scratch, tally: &mut Tally) {
    let name = format!("equal to {}", peer.name());
    if let (Builder::Buildah { .. }, Some(why)) = (peer, &case.not_for_buildah) {
        return tally.not_for(&name, why);
    }
    tally.check(&name, || {
        let mut job = job(case, stage, peer, scratch)?;
        let (theirs, twin) = (scratch.join(peer.name()), scratch.join(format!("{}-twin", peer.name())));
        timed(peer, &job, &theirs)?;
        job.cache = Cache::Ignore;
        timed(peer, &job, &twin)?;
        differential::check(&case.name, peer.name(), image, &Image::new(&theirs), Some(&Image::new(&twin)))
    });
}

/// Two stores that never met give the same image.
fn same_from_two_stores(job: &Job, scratch: &Scratch) -> Outcome {
    let program = workspace::release_binary()?;
    let mut digests = Vec::new();
    for name in ["left", "right"] {
        let root = scratch.join(format!("store-{name}"));
        let mut build = command(&program, ["--root"]);
        build.arg(&root).args(["build", "--progress", "plain", "--reproducible", "-t", TAG]);
        docker_flags(&mut build, job);
        digests.push(reproducible::digest(&mut build, &job.context, scratch)?);
        output(command(&program, ["--root"]).arg(&root).args(["prune", "--all"]))?;
    }
    match digests[0] == digests[1] {
        true => Ok(()),
        false => Err(Failure::new(format!("{} and {}", digests[0], digests[1]))),
    }
}
