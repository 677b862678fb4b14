//! `doctor`: what this machine lets containr do, and what to change where it does not.

use std::error::Error;
use std::fs;

use containr_sandbox::{Ids, Isolation, Launcher, LauncherOptions, PidView, Probe, ProcSource};
use containr_snapshot::Snapshots;

use crate::{EngineError, Records, Settings, footing};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub subject: String,
    /// How it is.
    pub state: String,
    /// What to do about it, when something can be done.
    pub advice: Option<String>,
}

impl Finding {
    fn new(subject: &str, state: impl Into<String>, advice: Option<String>) -> Self {
        Self { subject: subject.to_owned(), state: state.into(), advice }
    }

    fn failed(subject: &str, error: &EngineError) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        Self::new(subject, text, error.hint())
    }
}

/// Looks at everything that decides how steps run, by doing what they do.
///
/// Who is not root enters a user namespace here, which only a process with one thread can do. What fails is a finding.
pub fn doctor(settings: Settings) -> Vec<Finding> {
    let mut findings = vec![
        Finding::new("state", settings.root.display().to_string(), None),
        Finding::new("kernel", read("/proc/sys/kernel/osrelease").unwrap_or_else(|| "unknown".to_owned()), None),
    ];
    let ids = match footing::enter() {
        Ok(ids) => ids,
        Err(error) => {
            findings.push(Finding::failed("ids", &error));
            return findings;
        }
    };
    findings.push(ids_finding(ids));
    findings.extend(trees_findings(settings, ids));
    match Launcher::start(LauncherOptions { ids, isolation: Isolation::Namespaces }) {
        Ok(launcher) => findings.extend(step_findings(&containr_sandbox::view(&launcher))),
        Err(error) => {
            findings.push(Finding::failed("steps", &footing::no_sandbox(error, Isolation::Namespaces)));
            findings.push(chroot_finding(ids));
        }
    }
    findings
}

fn ids_finding(ids: Ids) -> Finding {
    let map = containr_sandbox::id_map().unwrap_or_else(|error| error.to_string());
    match ids {
        Ids::Initial => Finding::new("ids", "all, as root", None),
        Ids::Ranges => Finding::new("ids", format!("those of a user namespace ({map})"), None),
        Ids::Single => {
            let advice = "owners of files are lost; add the user to /etc/subuid and /etc/subgid and install newuidmap";
            Finding::new("ids", format!("a single one ({map})"), Some(advice.to_owned()))
        }
    }
}

fn trees_findings(settings: Settings, ids: Ids) -> Vec<Finding> {
    let records = match Records::open(settings) {
        Ok(records) => records,
        Err(error) => return vec![Finding::failed("file trees", &error)],
    };
    let mut findings = Vec::new();
    if let Err(error) = footing::check_ids(&records.store) {
        findings.push(Finding::failed("owner of the state", &error));
    }
    findings.push(match footing::open_trees(&records.store, &records.settings, ids) {
        Ok(trees) => driver_finding(&trees),
        Err(error) => Finding::failed("file trees", &error),
    });
    findings
}

fn driver_finding(trees: &Snapshots) -> Finding {
    let advice = (trees.driver() == containr_snapshot::Driver::Copies).then(|| {
        "overlay mounts are refused here, so trees are copied; where mounting is allowed, move the state to ext4, xfs, btrfs or \
         tmpfs with --root"
            .to_owned()
    });
    Finding::new("file trees", trees.driver().name(), advice)
}

/// Says whether steps run at all where namespaces are refused.
fn chroot_finding(ids: Ids) -> Finding {
    match Launcher::start(LauncherOptions { ids, isolation: Isolation::Chroot }) {
        Ok(_) => Finding::new("steps by chroot", "possible", None),
        Err(error) => Finding::failed("steps by chroot", &footing::no_sandbox(error, Isolation::Chroot)),
    }
}

fn step_findings(probe: &Probe) -> Vec<Finding> {
    let proc = match probe.proc {
        ProcSource::Fresh => Finding::new("/proc of steps", "a new one", None),
        ProcSource::Borrowed => {
            Finding::new("/proc of steps", "the builder's own: the container around it masks a new one", None)
        }
        ProcSource::None => Finding::new("/proc of steps", "none", None),
    };
    let processes = match probe.pid {
        PidView::Namespace => "their own alone",
        PidView::Shared => "those of the machine",
    };
    vec![Finding::new("steps", "apart by namespaces", None), proc, Finding::new("processes of steps", processes, None)]
}

/// Returns the setting that keeps an ordinary process from making namespaces, as far as that can be told.
pub(crate) fn namespaces_way_out() -> String {
    let is = |path: &str, value: &str| read(path).is_some_and(|text| text == value);
    if is("/proc/sys/kernel/unprivileged_userns_clone", "0") {
        return "user namespaces are forbidden; set the sysctl kernel.unprivileged_userns_clone to 1".to_owned();
    }
    if is("/proc/sys/user/max_user_namespaces", "0") {
        return "user namespaces are forbidden; raise the sysctl user.max_user_namespaces".to_owned();
    }
    if is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1") {
        return "AppArmor forbids user namespaces; set the sysctl kernel.apparmor_restrict_unprivileged_userns to 0, or give \
                containr a profile that allows `userns`"
            .to_owned();
    }
    if read("/proc/self/status").is_some_and(|status| status.lines().any(|line| line == "Seccomp:\t2")) {
        return "a seccomp profile forbids namespaces; start this container without one (docker: --security-opt \
                seccomp=unconfined, Kubernetes: seccompProfile type Unconfined), or, as its root, build with --isolation=chroot"
            .to_owned();
    }
    "let this user make user namespaces, or, where the caller is root, build with --isolation=chroot".to_owned()
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}
