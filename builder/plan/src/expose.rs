//! The ports of EXPOSE: `[[IP:]HOST:]PORT[-PORT][/tcp|udp|sctp]`, of which only the container's side is kept.

use std::net::IpAddr;
use std::ops::RangeInclusive;

/// Returns the ports of one word as `80/tcp`, ranges unrolled.
///
/// Errors with a message where a part cannot be read.
pub(crate) fn ports(word: &str) -> Result<Vec<String>, String> {
    let (before, container) = word.rsplit_once(':').unwrap_or(("", word));
    let (ip, host) = before.rsplit_once(':').unwrap_or(("", before));
    let (range, protocol) = container.split_once('/').unwrap_or((container, ""));
    if range.is_empty() {
        return Err(format!("invalid port `{word}`: no port specified"));
    }
    let protocol = match protocol.to_ascii_lowercase().as_str() {
        "" => "tcp".to_owned(),
        known @ ("tcp" | "udp" | "sctp") => known.to_owned(),
        _ => return Err(format!("invalid port `{word}`: invalid protocol `{protocol}`")),
    };
    let address = ip.strip_prefix('[').and_then(|ip| ip.strip_suffix(']')).unwrap_or(ip);
    if !address.is_empty() && address.parse::<IpAddr>().is_err() {
        return Err(format!("invalid port `{word}`: invalid IP address `{address}`"));
    }
    let container =
        read_range(range).ok_or_else(|| format!("invalid port `{word}`: invalid container port `{range}`"))?;
    if !host.is_empty() {
        let host_range =
            read_range(host).ok_or_else(|| format!("invalid port `{word}`: invalid host port `{host}`"))?;
        if container.len() != host_range.len() && container.len() != 1 {
            return Err(format!("invalid port `{word}`: the ranges {range} and {host} differ in length"));
        }
    }
    Ok(container.map(|port| format!("{port}/{protocol}")).collect())
}

fn read_range(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some(first..=last)
}

#[cfg(test)]
mod tests {
    use super::ports;

    #[test]
    fn ranges_are_unrolled_and_protocols_lowered() {
        assert_eq!(ports("80").unwrap(), ["80/tcp"]);
        assert_eq!(ports("80-82/UDP").unwrap(), ["80/udp", "81/udp", "82/udp"]);
    }

    #[test]
    fn host_side_is_dropped() {
        assert_eq!(ports("127.0.0.1:8080:80").unwrap(), ["80/tcp"]);
        assert_eq!(ports("[::1]:8000-8010:80/tcp").unwrap(), ["80/tcp"]);
        assert_eq!(ports("::80").unwrap(), ["80/tcp"]);
    }

    #[test]
    fn unreadable_ports_are_refused() {
        for word in ["", "/tcp", "x", "80/http", "70000", "90-80", "1.2.3:1:80", "1-3:80-81", "80-"] {
            assert!(ports(word).is_err(), "{word}");
        }
    }
}
