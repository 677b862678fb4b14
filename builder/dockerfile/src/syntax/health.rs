//! HEALTHCHECK.

use std::time::Duration;

use super::Command;

/// Is a HEALTHCHECK instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Healthcheck {
    /// Removes an inherited check.
    None,
    /// Sets a check.
    Probe(Probe),
}

/// Is a check with its settings; zero stands for the runtime's default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The command that tells health by its exit code, never empty.
    pub command: Command,
    /// The time between two checks.
    pub interval: Duration,
    /// The time after which a check has failed.
    pub timeout: Duration,
    /// The time in which failures do not count.
    pub start_period: Duration,
    /// The time between two checks in the start period.
    pub start_interval: Duration,
    /// The number of failures that make a container unhealthy.
    pub retries: u32,
}
