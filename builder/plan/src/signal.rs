//! The signals that STOPSIGNAL may name.

const NAMES: [&str; 35] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL",
    "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1",
    "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN",
];

/// Returns whether a text is a signal: a number but 0, or a name with or without `SIG`.
pub(crate) fn is_signal(text: &str) -> bool {
    if let Ok(number) = text.parse::<i64>() {
        return number != 0;
    }
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    NAMES.contains(&name) || name == "RTMAX" || real_time(name)
}

/// Returns whether a name is `RTMIN+1` to `RTMIN+15` or `RTMAX-1` to `RTMAX-14`.
fn real_time(name: &str) -> bool {
    let within = |text: &str, last: u8| text.parse::<u8>().is_ok_and(|number| (1..=last).contains(&number));
    name.strip_prefix("RTMIN+").is_some_and(|number| within(number, 15))
        || name.strip_prefix("RTMAX-").is_some_and(|number| within(number, 14))
}

#[cfg(test)]
mod tests {
    use super::is_signal;

    #[test]
    fn names_and_numbers() {
        for text in ["9", "SIGTERM", "term", "RTMIN+3", "SIGRTMAX-14"] {
            assert!(is_signal(text), "{text}");
        }
        for text in ["0", "", "SIGNOPE", "RTMIN+16", "SIG"] {
            assert!(!is_signal(text), "{text}");
        }
    }
}
