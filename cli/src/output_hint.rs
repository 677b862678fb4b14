//! Guesses the way out of a failed command from its exit code and what it printed last.

/// Ways in which shells name a command that they did not find, around its name.
const NOT_FOUND: [&str; 3] = [": command not found", ": not found", ": No such file or directory"];

/// What tools print when a host name cannot be resolved.
const NO_NAMES: [&str; 6] = [
    "Could not resolve host",
    "Temporary failure resolving",
    "Temporary failure in name resolution",
    "Name or service not known",
    "bad address '",
    "getaddrinfo EAI_AGAIN",
];

/// Returns the way out, where the code or the output tells one.
pub(crate) fn output_hint(code: Option<i32>, lines: &[String]) -> Option<String> {
    let code = code?;
    let printed = |text: &str| lines.iter().any(|line| line.contains(text));
    if printed("Exec format error") || printed("exec format error") {
        return Some("a program is for another kind of processor, or a script without a `#!` line".to_owned());
    }
    if printed("No space left on device") {
        let text = "the disk is full; `containr du` shows what takes space, `containr prune` frees what nothing needs";
        return Some(text.to_owned());
    }
    if NO_NAMES.iter().any(|text| printed(text)) {
        let text =
            "host names cannot be resolved; check the network and /etc/resolv.conf of this machine, and --network";
        return Some(text.to_owned());
    }
    match code {
        126 => Some("the command is in the image but is not an executable file; `chmod +x` makes it one".to_owned()),
        127 => Some(match lines.iter().rev().find_map(|line| missing_command(line)) {
            Some(command) => format!("`{command}` is not in the image; install it in an earlier step"),
            None => "a command is not in the image; install it in an earlier step".to_owned(),
        }),
        137 => Some("something killed the command, as the kernel does when memory runs out".to_owned()),
        _ => None,
    }
}

/// Returns the name in a shell's complaint: the word before the complaint.
fn missing_command(line: &str) -> Option<&str> {
    let before = NOT_FOUND.iter().find_map(|text| line.trim_end().strip_suffix(text))?;
    let word = before.rsplit(": ").next()?.trim();
    (!word.is_empty() && !word.contains(char::is_whitespace)).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(code: i32, line: &str) -> Option<String> {
        output_hint(Some(code), &[line.to_owned()])
    }

    #[test]
    fn shells_say_which_command_is_missing() {
        for line in ["/bin/sh: 1: curl: not found", "/bin/sh: curl: not found", "bash: line 1: curl: command not found"]
        {
            assert_eq!(hint(127, line).as_deref(), Some("`curl` is not in the image; install it in an earlier step"));
        }
        assert!(hint(127, "odd").unwrap().starts_with("a command is not in the image"));
    }

    #[test]
    fn known_output_counts_whatever_the_code() {
        assert!(hint(100, "E: Temporary failure resolving 'deb.example.org'").unwrap().contains("resolv.conf"));
        assert!(hint(1, "cp: write error: No space left on device").unwrap().starts_with("the disk is full"));
        assert!(hint(2, "sh: ./x: Exec format error").unwrap().contains("processor"));
    }

    #[test]
    fn an_ordinary_failure_has_no_hint() {
        assert_eq!(hint(1, "make: *** [all] Error 2"), None);
        assert_eq!(output_hint(None, &["x: not found".to_owned()]), None);
    }
}
