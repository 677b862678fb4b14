//! Builds one Dockerfile with `--reproducible` under everything that must not matter, and compares the image digests.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::bases;
use crate::command::{command, find, output};
use crate::console::say;
use crate::failure::{Context as _, Failure, Outcome};
use crate::workspace::{self, Scratch};

/// The ordinary user that the check adds, and removes again.
const USER: &str = "containr-accept";

/// Builds in every surrounding; the surroundings are told as they pass.
///
/// # Errors
/// Two digests differ, or a build failed.
pub(super) fn check() -> Outcome {
    let program = workspace::release_binary()?;
    let scratch = Scratch::for_anybody("reproducible")?;
    let context = prepare(&program, &scratch)?;
    let expected = build(&program, &[], &scratch.join("first"), &context, &scratch)?;
    let mut failures = Vec::new();
    for surrounding in surroundings(&scratch, &program)? {
        let found = surrounding.run(&context, &scratch);
        match found {
            Ok(digest) if digest == expected => say(format!("reproducible: {}: {digest}", surrounding.name)),
            Ok(digest) => failures.push(format!("{}: {digest} instead of {expected}", surrounding.name)),
            Err(failure) => failures.push(format!("{}: {failure}", surrounding.name)),
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::new(failures.join("\n"))) }
}

/// Lays out the context of `testdata/reproducible` with its base as a tar file, where any user can read it.
pub(super) fn prepare(program: &Path, scratch: &Scratch) -> Outcome<PathBuf> {
    let context = scratch.join("context");
    let from = workspace::root().join("testdata/reproducible");
    output(command("cp", ["-r"]).arg(from).arg(&context))?;
    bases::busybox_tar(&context.join("busybox.tar"))?;
    let base = workspace::root().join("testdata/demo/base.Dockerfile");
    let own =
        std::fs::read_to_string(context.join("Dockerfile")).context(|| "cannot read the Dockerfile".to_owned())?;
    let base = std::fs::read_to_string(base).context(|| "cannot read the base's Dockerfile".to_owned())?;
    let whole = format!("{}\n{own}", base.replace("FROM scratch", "FROM scratch AS busybox"));
    std::fs::write(context.join("Dockerfile"), whole).context(|| "cannot write the Dockerfile".to_owned())?;
    if !program.exists() {
        return Err(Failure::new(format!("{} is missing", program.display())));
    }
    Ok(context)
}

/// Runs a build command, given its context, and returns the digest of the image's manifest.
///
/// A build into the local store alone compresses nothing and so has no manifest: the image goes to an archive too.
pub(super) fn digest(build: &mut Command, context: &Path, scratch: &Scratch) -> Outcome<String> {
    let facts = scratch.join("metadata.json");
    // An earlier build's file must not answer for a build that writes none.
    if facts.exists() {
        std::fs::remove_file(&facts).context(|| format!("cannot remove {}", facts.display()))?;
    }
    build.arg("-o").arg(format!("type=oci,dest={}", scratch.join("image.oci.tar").display()));
    output(build.arg("--metadata-file").arg(&facts).arg(context))?;
    let text = std::fs::read_to_string(&facts).context(|| "the build wrote no metadata".to_owned())?;
    let facts: Value = serde_json::from_str(&text).context(|| "the metadata file is not JSON".to_owned())?;
    let digest = facts["containerimage.digest"].as_str().map(str::to_owned);
    digest.context(|| "the metadata file has no containerimage.digest".to_owned())
}

/// Something around a build that must not matter.
struct Surrounding {
    name: &'static str,
    program: PathBuf,
    /// What starts the build.
    through: Vec<String>,
    root: PathBuf,
    _guard: Option<Guard>,
}

impl Surrounding {
    fn run(&self, context: &Path, scratch: &Scratch) -> Outcome<String> {
        build(&self.program, &self.through, &self.root, context, scratch)
    }
}

fn build(program: &Path, through: &[String], root: &Path, context: &Path, scratch: &Scratch) -> Outcome<String> {
    let own = [program.to_string_lossy().into_owned()];
    let words: Vec<&String> = through.iter().chain(&own).collect();
    let mut build = command(words[0], &words[1..]);
    build.arg("--root").arg(root).args(["build", "--reproducible", "--progress", "plain", "-t", "same:1", "-f"]);
    build.arg(context.join("Dockerfile"));
    digest(&mut build, context, scratch)
}

fn surroundings(scratch: &Scratch, program: &Path) -> Outcome<Vec<Surrounding>> {
    let plain = |name, through: &[&str], root: PathBuf, guard| Surrounding {
        name,
        program: program.to_owned(),
        through: through.iter().map(|word| (*word).to_owned()).collect(),
        root,
        _guard: guard,
    };
    let mut all = vec![
        plain("another store", &[], scratch.join("second"), None),
        plain("one thread", &["taskset", "--cpu-list", "0"], scratch.join("thread"), None),
    ];
    match find("faketime") {
        Some(_) => all.push(plain("another date", &["faketime", "2031-05-04 03:02:01"], scratch.join("date"), None)),
        None => missing("faketime")?,
    }
    if workspace::is_root() {
        let memory = Mounted::tmpfs(&scratch.join("tmpfs"))?;
        all.push(plain("a file system in memory", &[], scratch.join("tmpfs/root"), Some(Guard::Mounted(memory))));
        let disk = Mounted::ext4(scratch)?;
        all.push(plain("ext4 on a loop device", &[], scratch.join("ext4/root"), Some(Guard::Mounted(disk))));
        all.push(ordinary_user(scratch, program)?);
    } else {
        missing("root")?;
    }
    Ok(all)
}

/// The user gets a copy of the binary and a folder of his own; everything on the way to it is open to him.
fn ordinary_user(scratch: &Scratch, program: &Path) -> Outcome<Surrounding> {
    let user = User::add()?;
    let home = scratch.join("home");
    std::fs::create_dir(&home).context(|| format!("cannot make {}", home.display()))?;
    let copy = home.join("containr");
    std::fs::copy(program, &copy).context(|| "cannot copy the binary".to_owned())?;
    output(command("chown", ["-R", USER]).arg(&home))?;
    output(command("chmod", ["-R", "a+rX"]).arg(scratch.join("context")))?;
    // The metadata file is written beside the context.
    output(command("chmod", ["0777"]).arg(scratch.path()))?;
    let mut through =
        ["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups", "env"].map(str::to_owned).to_vec();
    through.push(format!("HOME={}", home.display()));
    through.push(format!("XDG_RUNTIME_DIR={}", home.display()));
    let guard = Some(Guard::User(user));
    Ok(Surrounding { name: "an ordinary user", program: copy, through, root: home.join("root"), _guard: guard })
}

fn missing(what: &str) -> Outcome {
    say(format!("reproducible: skipped: needs {what}"));
    if workspace::in_ci() { Err(Failure::new(format!("{what} is missing"))) } else { Ok(()) }
}

/// What a surrounding holds as long as it lasts.
#[expect(dead_code, reason = "the guards are held for their drop alone")]
enum Guard {
    Mounted(Mounted),
    User(User),
}

/// A user with a range of ids, as the distribution gives one to every new user; removed with its guard.
pub(super) struct User;

impl User {
    /// Adds the user, or takes the one that a killed run left.
    pub(super) fn add() -> Outcome<Self> {
        if output(&mut command("id", [USER])).is_err() {
            let add = [
                "--no-create-home",
                "--home-dir",
                "/nonexistent",
                "--user-group",
                "--shell",
                "/usr/sbin/nologin",
                USER,
            ];
            output(&mut command("useradd", add))?;
        }
        Ok(Self)
    }

    /// Returns its name, which is its group's too.
    #[expect(clippy::unused_self, reason = "the name is good as long as the user is there")]
    pub(super) fn name(&self) -> &'static str {
        USER
    }
}

impl Drop for User {
    fn drop(&mut self) {
        // The next run takes a user that cannot be removed now.
        let _ = output(&mut command("userdel", [USER]));
    }
}

/// A mounted file system, unmounted with its guard.
struct Mounted(PathBuf);

impl Mounted {
    fn tmpfs(point: &Path) -> Outcome<Self> {
        std::fs::create_dir(point).context(|| format!("cannot make {}", point.display()))?;
        output(command("mount", ["-t", "tmpfs", "-o", "size=2g", "tmpfs"]).arg(point))?;
        Ok(Self(point.to_owned()))
    }

    fn ext4(scratch: &Scratch) -> Outcome<Self> {
        let (image, point) = (scratch.join("ext4.img"), scratch.join("ext4"));
        std::fs::create_dir(&point).context(|| format!("cannot make {}", point.display()))?;
        output(command("truncate", ["--size=2G"]).arg(&image))?;
        output(command(find("mkfs.ext4").context(|| "mkfs.ext4 is missing".to_owned())?, ["-q", "-F"]).arg(&image))?;
        output(command("mount", ["-o", "loop"]).arg(&image).arg(&point))?;
        Ok(Self(point))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // The scratch folder's own removal tells when this did not work.
        let _ = output(&mut command("umount", [&self.0]));
    }
}
