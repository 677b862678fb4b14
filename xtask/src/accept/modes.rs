//! Installs packages under every way of running steps: three kinds of ids, by chroot, and inside somebody else's container.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::container::CAPABILITIES;
use super::leaks::Traces;
use super::reproducible::User;
use super::tally::Tally;
use crate::bases;
use crate::command::{command, output};
use crate::failure::{Context as _, Failure, Outcome};
use crate::workspace::{self, Scratch};

/// A user without a range of ids: one that no file of the system knows.
const LONELY: u32 = 64_999;

/// Everything that the builds share.
struct Stand {
    scratch: Scratch,
    program: PathBuf,
}

/// Builds in every mode; each is a check of its own.
///
/// # Errors
/// The base or the surroundings cannot be made.
pub(super) fn check(tally: &mut Tally) -> Outcome {
    if !workspace::is_root() {
        tally.missing("modes", &Failure::new("needs root, to become other users and to make containers"));
        return Ok(());
    }
    let stand = Stand::prepare()?;
    tally.check("packages install with root's ids", || stand.plain(&["--isolation", "auto"]));
    tally.check("packages install by chroot", || stand.plain(&["--isolation", "chroot"]));
    tally.check("packages install with ranges of ids", || stand.as_user(&User::add()?));
    tally.check("packages install with a single id", || stand.lonely());
    match container(&stand) {
        Ok(bundle) => in_containers(&stand, &bundle, tally),
        Err(failure) => tally.missing("inside containers", &failure),
    }
    Ok(())
}

fn in_containers(stand: &Stand, bundle: &Bundle, tally: &mut Tally) {
    tally.check("packages install inside a container without a profile", || stand.inside(bundle, None, &[]).map(drop));
    match output(&mut command(workspace::root().join("testdata/modes/profile.sh"), [""; 0])) {
        Err(failure) => tally.missing("inside a container with moby's profile", &failure),
        Ok(profile) => {
            tally.check("moby's profile is refused by name", || stand.is_refused(bundle, &profile));
            tally.check("packages install by chroot inside a container with moby's profile", || {
                stand.inside(bundle, Some(&profile), &["--isolation", "chroot"]).map(drop)
            });
        }
    }
}

impl Stand {
    fn prepare() -> Outcome<Self> {
        let program = workspace::release_binary()?;
        let scratch = Scratch::for_anybody("modes")?;
        let context = scratch.join("context");
        output(command("cp", ["-r"]).arg(workspace::root().join("testdata/modes")).arg(&context))?;
        output(command("cp", [bases::debian_tar()?]).arg(&context))?;
        output(command("cp", [&program]).arg(scratch.join("containr")))?;
        output(command("chmod", ["-R", "a+rX"]).arg(scratch.path()))?;
        Ok(Self { program: scratch.join("containr"), scratch })
    }

    /// Returns the words of a build with a state of its own.
    fn build(program: &Path, root: &Path, context: &Path, flags: &[&str]) -> Vec<String> {
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let mut words = vec![path(program), "--root".to_owned(), path(root)];
        words.extend(["build", "--progress", "plain"].map(str::to_owned));
        words.extend(flags.iter().map(|flag| (*flag).to_owned()));
        words.push(path(context));
        words
    }

    fn plain(&self, flags: &[&str]) -> Outcome {
        let state = Scratch::for_anybody("modes-state")?;
        self.leaves_nothing(&state, &mut whole(&Self::build(&self.program, state.path(), &self.context(), flags)))
    }

    fn as_user(&self, user: &User) -> Outcome {
        let home = Scratch::for_anybody("modes-home")?;
        output(command("chown", [user.name()]).arg(home.path()))?;
        let build = Self::build(&self.program, &home.join("state"), &self.context(), &[]);
        let words = ["--reuid", user.name(), "--regid", user.name(), "--clear-groups", "--"];
        self.leaves_nothing(&home, command("setpriv", words).args(build).env("HOME", home.path()))
    }

    fn lonely(&self) -> Outcome {
        let home = Scratch::for_anybody("modes-home")?;
        let id = LONELY.to_string();
        output(command("chown", [&id]).arg(home.path()))?;
        let build = Self::build(&self.program, &home.join("state"), &self.context(), &[]);
        let words = ["--reuid", &id, "--regid", &id, "--clear-groups", "--"];
        self.leaves_nothing(&home, command("setpriv", words).args(build).env("HOME", home.path()))
    }

    fn context(&self) -> PathBuf {
        self.scratch.join("context")
    }

    fn leaves_nothing(&self, state: &Scratch, build: &mut Command) -> Outcome {
        let before = Traces::of(&self.program, state.path());
        output(build)?;
        Traces::of(&self.program, state.path()).unchanged_since(&before)
    }

    /// Builds inside a container, whose volume is thrown away, and returns what the build said.
    fn inside(&self, bundle: &Bundle, profile: Option<&str>, flags: &[&str]) -> Outcome<String> {
        let volume = Scratch::for_anybody("modes-volume")?;
        let build =
            Self::build(Path::new("/usr/bin/containr"), Path::new("/volume/state"), Path::new("/context"), flags);
        bundle.run(&[(volume.path(), "/volume"), (&self.context(), "/context")], profile, &build)
    }

    fn is_refused(&self, bundle: &Bundle, profile: &str) -> Outcome {
        match self.inside(bundle, Some(profile), &[]) {
            Ok(_) => Err(Failure::new("the build ran, though it had to be asked for by --isolation=chroot")),
            Err(failure) if failure.to_string().contains("seccomp=unconfined") => Ok(()),
            Err(failure) => Err(Failure::new(format!("the setting to change is not named:\n{failure}"))),
        }
    }
}

fn whole(words: &[String]) -> Command {
    command(&words[0], &words[1..])
}

/// A container's root tree with our binary in it.
struct Bundle {
    folder: Scratch,
    /// runc's own example, which every run adapts anew.
    example: Value,
}

fn container(stand: &Stand) -> Outcome<Bundle> {
    let bundle = Scratch::for_anybody("modes-bundle")?;
    let tree = bundle.join("rootfs");
    std::fs::create_dir(&tree).context(|| format!("cannot make {}", tree.display()))?;
    output(command("tar", ["--extract", "--file"]).arg(bases::debian_tar()?).arg("--directory").arg(&tree))?;
    output(command("cp", [&stand.program]).arg(tree.join("usr/bin/containr")))?;
    output(command("runc", ["spec", "--bundle"]).arg(bundle.path()))?;
    let text =
        std::fs::read_to_string(bundle.join("config.json")).context(|| "runc wrote no config.json".to_owned())?;
    let example = serde_json::from_str(&text).context(|| "config.json is not JSON".to_owned())?;
    Ok(Bundle { folder: bundle, example })
}

impl Bundle {
    fn run(&self, volumes: &[(&Path, &str)], profile: Option<&str>, words: &[String]) -> Outcome<String> {
        let path = self.folder.join("config.json");
        let settings = adapt(self.example.clone(), volumes, profile, words)?;
        std::fs::write(&path, settings.to_string()).context(|| format!("cannot write {}", path.display()))?;
        let name = format!("modes-{}", std::process::id());
        let run = ["--root", &self.folder.join("state").to_string_lossy(), "run", "--bundle"].map(str::to_owned);
        output(command("runc", run).arg(self.folder.path()).arg(name))
    }
}

/// Makes of runc's example a container as engines start it, on the machine's network.
fn adapt(mut settings: Value, volumes: &[(&Path, &str)], profile: Option<&str>, words: &[String]) -> Outcome<Value> {
    settings["root"]["readonly"] = json!(false);
    let process = &mut settings["process"];
    process["terminal"] = json!(false);
    process["noNewPrivileges"] = json!(false);
    process["args"] = json!(words);
    for set in ["bounding", "effective", "permitted"] {
        process["capabilities"][set] = json!(CAPABILITIES);
    }
    let own = [(Path::new("/etc/resolv.conf"), "/etc/resolv.conf"), (Path::new("/etc/hosts"), "/etc/hosts")];
    let mount =
        |(from, to): &(&Path, &str)| json!({"destination": to, "type": "bind", "source": from, "options": ["rbind"]});
    let mounts = settings["mounts"].as_array_mut().context(|| "config.json has no mounts".to_owned())?;
    mounts.retain(|mount| {
        mount["destination"].as_str().is_some_and(|to| to.matches('/').count() == 1 || to.starts_with("/dev/"))
    });
    mounts.extend(volumes.iter().chain(&own).map(mount));
    let linux = &mut settings["linux"];
    if let Some(namespaces) = linux["namespaces"].as_array_mut() {
        namespaces.retain(|namespace| namespace["type"] != "network" && namespace["type"] != "cgroup");
    }
    linux["resources"] = json!({});
    linux["seccomp"] = match profile {
        Some(profile) => serde_json::from_str(profile).context(|| "the profile is not JSON".to_owned())?,
        None => Value::Null,
    };
    Ok(settings)
}
