//! A state, a context and a base image of one test.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Where Debian's busybox-static is.
const BUSYBOX: [&str; 3] = ["/bin/busybox", "/usr/bin/busybox", "/bin/busybox-static"];
/// The applets that steps of the tests use.
const APPLETS: [&str; 30] = [
    "[", "cat", "chmod", "chown", "cmp", "cp", "cut", "df", "echo", "env", "grep", "head", "hostname", "id", "ip",
    "kill", "ln", "ls", "mkdir", "mount", "mv", "printf", "rm", "seq", "sh", "sleep", "stat", "touch", "true", "wc",
];

/// A temporary directory with a state (`state`) and a context (`ctx`).
pub(crate) struct Place {
    dir: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Told {
    /// Insists on success.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Insists on an exit code and returns stderr.
    #[track_caller]
    pub(crate) fn fails(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self.stderr
    }
}

/// Insists on all of the parts of a text.
#[track_caller]
pub(crate) fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
}

impl Place {
    /// Returns an empty state and context; nothing, said aloud, where steps cannot run.
    pub(crate) fn bare() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return skip("root");
        }
        let dir = TempDir::new().unwrap();
        fs::create_dir(dir.path().join("ctx")).unwrap();
        Some(Self { dir })
    }

    /// Returns a place whose state has the image `base`.
    pub(crate) fn new() -> Option<Self> {
        let place = Self::bare()?;
        let Some(busybox) = BUSYBOX.iter().map(Path::new).find(|path| is_static(path)) else {
            return skip("a static busybox");
        };
        let root = place.path("base/root");
        for directory in ["bin", "etc", "tmp"] {
            fs::create_dir_all(root.join(directory)).unwrap();
        }
        fs::copy(busybox, root.join("bin/busybox")).unwrap();
        for applet in APPLETS {
            symlink("busybox", root.join("bin").join(applet)).unwrap();
        }
        fs::write(root.join("etc/passwd"), "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n").unwrap();
        fs::write(root.join("etc/group"), "root:x:0:\napp:x:1001:\nextra:x:1002:app\n").unwrap();
        fs::write(place.path("base/Dockerfile"), "FROM scratch\nCOPY root /\nCMD [\"sh\"]\n").unwrap();
        let context = place.path("base");
        place.containr(&["build", "-q", "-t", "base", context.to_str().unwrap()]).ok();
        Some(place)
    }

    /// Returns a path below the temporary directory.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    /// Returns a path as an argument.
    pub(crate) fn arg(&self, path: &str) -> String {
        self.path(path).to_str().unwrap().to_owned()
    }

    /// Writes a file into the context.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path("ctx").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Returns the command with the state and the home of this place; its working directory is the place itself.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_containr"));
        command.args(arguments).env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.env("HOME", self.path("home")).env("CONTAINR_ROOT", self.path("state"));
        command.current_dir(self.dir.path()).stdin(Stdio::null());
        command
    }

    /// Runs the binary to its end.
    pub(crate) fn containr(&self, arguments: &[&str]) -> Told {
        finished(self.command(arguments), b"")
    }

    /// Runs the binary with bytes on its stdin.
    pub(crate) fn containr_with(&self, arguments: &[&str], stdin: &[u8]) -> Told {
        finished(self.command(arguments), stdin)
    }

    /// Builds the context with this Dockerfile as the image `t`.
    pub(crate) fn build(&self, dockerfile: &str, flags: &[&str]) -> Told {
        self.file("Dockerfile", dockerfile);
        self.containr(&[&["build", "--progress=plain", "-t", "t", "ctx"], flags].concat())
    }

    /// Runs a shell command in an image.
    pub(crate) fn sh(&self, image: &str, command: &str) -> String {
        self.containr(&["run", image, "sh", "-c", command]).ok().stdout
    }
}

/// Runs a command to its end with bytes on its stdin.
pub(crate) fn finished(mut command: Command, stdin: &[u8]) -> Told {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let stdin = stdin.to_vec();
    let writer = std::thread::spawn(move || {
        // The command need not read it.
        let _ = pipe.write_all(&stdin);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Told { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Says why a test does not run; where everything must run, that is a failure.
pub(crate) fn skip<T>(needs: &str) -> Option<T> {
    assert!(std::env::var_os("CI").is_none_or(|value| value != "true"), "this test needs {needs}");
    eprintln!("skipped: needs {needs}");
    None
}

fn is_static(path: &Path) -> bool {
    fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"\x7fELF\x02") && !has_interpreter(&bytes))
}

/// Returns whether an ELF file of 64 bits has a PT_INTERP header.
fn has_interpreter(elf: &[u8]) -> bool {
    const PT_INTERP: u32 = 3;
    let number = |at: usize, length: usize| {
        elf[at..at + length].iter().rev().fold(0_usize, |number, byte| number << 8 | usize::from(*byte))
    };
    let (offset, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    (0..count).any(|header| number(offset + header * size, 4) == PT_INTERP as usize)
}
