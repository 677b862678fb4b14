//! What a command sees as /etc/hosts and /etc/resolv.conf.

use std::fmt::Write as _;

/// Returns the text of /etc/hosts: loopback, the sandbox's own name, and the user's lines.
pub(crate) fn hosts(hostname: &str, added: &[(String, String)]) -> String {
    let mut text = format!("127.0.0.1\tlocalhost {hostname}\n::1\tlocalhost ip6-localhost ip6-loopback\n");
    for (name, address) in added {
        let _ = writeln!(text, "{address}\t{name}");
    }
    text
}

/// Returns the text of /etc/resolv.conf for a command on the host's network: the host's own file.
///
/// A host without the file resolves by its defaults, and so does the command.
pub(crate) fn resolv_conf() -> Vec<u8> {
    std::fs::read("/etc/resolv.conf").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_hosts_come_last() {
        let text = hosts("box", &[("db".to_owned(), "10.0.0.2".to_owned())]);
        assert!(text.starts_with("127.0.0.1\tlocalhost box\n"));
        assert!(text.ends_with("10.0.0.2\tdb\n"));
    }
}
