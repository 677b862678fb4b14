//! `doctor`: what this machine lets containr do, and what to change where it does not.

use std::fs;

use containr_sandbox::Ids;

use crate::Engine;

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

impl Engine {
    /// Looks at everything that decides how steps run.
    pub fn doctor(&self) -> Vec<Finding> {
        let finding = |subject: &str, state: String, advice: Option<&str>| Finding {
            subject: subject.to_owned(),
            state,
            advice: advice.map(str::to_owned),
        };
        vec![
            finding("state", self.settings.root.display().to_string(), None),
            finding("kernel", kernel(), None),
            self.ids_finding(),
            finding("file trees", self.snapshots.driver().name().to_owned(), None),
            self.sandbox_finding(),
        ]
    }

    fn ids_finding(&self) -> Finding {
        let state = match self.ids() {
            Ids::Initial => "all ids (root)",
            Ids::Ranges => "ranges of ids in a user namespace",
            Ids::Single => "one id in a user namespace",
        };
        let advice = (self.ids() == Ids::Single)
            .then(|| "add the user to /etc/subuid and /etc/subgid and install newuidmap".to_owned());
        Finding { subject: "ids".to_owned(), state: state.to_owned(), advice }
    }

    /// Starts the launcher, which is what decides.
    fn sandbox_finding(&self) -> Finding {
        let (state, advice) = match self.launcher(containr_sandbox::Isolation::Namespaces) {
            Ok(_) => ("namespaces work".to_owned(), None),
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
                (
                    format!("namespaces are refused: {cause}"),
                    Some("allow unprivileged user namespaces, or build with --isolation=chroot".to_owned()),
                )
            }
        };
        Finding { subject: "sandbox".to_owned(), state, advice }
    }
}

fn kernel() -> String {
    fs::read_to_string("/proc/sys/kernel/osrelease")
        .map(|release| release.trim().to_owned())
        .unwrap_or_else(|_| "unknown".to_owned())
}
