//! Signals for STOPSIGNAL.

/// Is a signal.
#[derive(Debug)]
pub struct Signal {
    /// The name with `SIG`.
    pub name: &'static str,
    /// The number on x86 and ARM.
    pub number: u8,
    /// What programs usually do with it.
    pub text: &'static str,
}

/// Returns the signals that make sense in STOPSIGNAL or are often seen there, the usual ones first.
pub fn signals() -> &'static [Signal] {
    SIGNALS
}

/// Returns the signal with a name (with or without `SIG`, in any case) or number.
pub fn signal(text: &str) -> Option<&'static Signal> {
    if let Ok(number) = text.parse::<u8>() {
        return SIGNALS.iter().find(|one| one.number == number);
    }
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    SIGNALS.iter().find(|one| &one.name[3..] == name)
}

const SIGNALS: &[Signal] = &[
    Signal { name: "SIGTERM", number: 15, text: "Asks to end; what a container gets by default." },
    Signal { name: "SIGINT", number: 2, text: "Interrupts, as Ctrl-C does. PostgreSQL: a fast shutdown." },
    Signal { name: "SIGQUIT", number: 3, text: "Quits. nginx and php-fpm: ends after the requests under way." },
    Signal { name: "SIGHUP", number: 1, text: "Hangs up. Daemons mostly read their configuration again." },
    Signal { name: "SIGKILL", number: 9, text: "Ends at once; the program cannot catch it, hence cannot clean up." },
    Signal { name: "SIGUSR1", number: 10, text: "Has the meaning that the program gives it." },
    Signal { name: "SIGUSR2", number: 12, text: "Has the meaning that the program gives it." },
    Signal {
        name: "SIGWINCH",
        number: 28,
        text: "The window changed. Apache httpd: ends after the requests under way.",
    },
    Signal { name: "SIGABRT", number: 6, text: "Aborts with a core dump." },
    Signal { name: "SIGALRM", number: 14, text: "A timer has run out." },
    Signal { name: "SIGCHLD", number: 17, text: "A child process has changed." },
    Signal { name: "SIGCONT", number: 18, text: "Continues a stopped process." },
    Signal { name: "SIGPIPE", number: 13, text: "A pipe has no reader." },
    Signal { name: "SIGPWR", number: 30, text: "The power fails. LXC and some init systems: a shutdown." },
    Signal { name: "SIGSTOP", number: 19, text: "Stops a process; it cannot be caught." },
    Signal { name: "SIGTSTP", number: 20, text: "Stops a process from the terminal." },
    Signal {
        name: "SIGRTMIN+3",
        number: 37,
        text: "systemd: halts the container; what an image with systemd as init needs.",
    },
];
