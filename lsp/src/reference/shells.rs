//! Values of SHELL.

/// Is a shell that is usual in SHELL.
#[derive(Debug)]
pub struct Shell {
    /// The JSON array.
    pub value: &'static str,
    /// What it gives.
    pub text: &'static str,
}

/// Returns the usual shells.
pub fn shells() -> &'static [Shell] {
    SHELLS
}

const SHELLS: &[Shell] = &[
    Shell {
        value: "[\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]",
        text: "bash; a pipe fails when any part of it fails",
    },
    Shell {
        value: "[\"/bin/bash\", \"-euxo\", \"pipefail\", \"-c\"]",
        text: "bash; stops at the first failure and unset variable, and shows each command",
    },
    Shell {
        value: "[\"/bin/ash\", \"-eo\", \"pipefail\", \"-c\"]",
        text: "the shell of Alpine; a pipe fails as a whole",
    },
    Shell { value: "[\"/bin/sh\", \"-c\"]", text: "the default on Linux" },
    Shell { value: "[\"/bin/sh\", \"-eux\", \"-c\"]", text: "sh; stops at the first failure and shows each command" },
    Shell {
        value: "[\"powershell\", \"-Command\", \"$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';\"]",
        text: "Windows PowerShell; stops at the first failure",
    },
    Shell { value: "[\"pwsh\", \"-Command\"]", text: "PowerShell" },
    Shell { value: "[\"cmd\", \"/S\", \"/C\"]", text: "the default on Windows" },
];
