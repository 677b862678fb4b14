//! Reads the small languages inside flags: key=value lists, sizes, durations, limits.

pub(crate) mod dockerfiles;
mod output;
pub(crate) mod settings;
pub(crate) mod world;

use std::time::Duration;

pub(crate) use output::{OutputRequest, outputs};

/// A flag whose value makes no sense; the text is for people and names the flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadFlag(pub(crate) String);

/// Returns the error of a flag.
pub(crate) fn bad<T>(flag: &str, value: &str, expected: &str) -> Result<T, BadFlag> {
    Err(BadFlag(format!("--{flag} {value}: expected {expected}")))
}

/// Splits `a=1,"b=x,y",c` as a CSV record: a field in double quotes may hold commas, a doubled quote is one.
pub(crate) fn csv(text: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    fields.push(field);
    fields
}

/// Splits `NAME=VALUE`.
pub(crate) fn pair(flag: &str, text: &str) -> Result<(String, String), BadFlag> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => bad(flag, text, "NAME=VALUE"),
    }
}

/// Reads `64m`, `1g`, `1024`, `2kb` as bytes, in binary units as docker does.
pub(crate) fn size(flag: &str, text: &str) -> Result<u64, BadFlag> {
    let lower = text.trim().to_ascii_lowercase();
    let digits = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor: f64 = match &lower[digits.len()..] {
        "" | "b" => 1.0,
        "k" | "kb" | "kib" => 1024.0,
        "m" | "mb" | "mib" => 1024.0 * 1024.0,
        "g" | "gb" | "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => return bad(flag, text, "a number of bytes with an optional unit k, m or g"),
    };
    match digits.trim().parse::<f64>() {
        Ok(number) if number >= 0.0 && number * factor < 9e18 => Ok((number * factor) as u64),
        _ => bad(flag, text, "a number of bytes with an optional unit k, m or g"),
    }
}

/// Reads a duration in Go's form: `48h`, `1h30m`, `90s`, and `7d`.
pub(crate) fn duration(flag: &str, text: &str) -> Result<Duration, BadFlag> {
    let expected = "a duration such as 48h, 1h30m or 7d";
    let (mut seconds, mut rest) = (0.0_f64, text);
    if rest.is_empty() {
        return bad(flag, text, expected);
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let Ok(number) = rest[..digits].parse::<f64>() else { return bad(flag, text, expected) };
        rest = &rest[digits..];
        let unit = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        seconds += number
            * match &rest[..unit] {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                "d" => 86_400.0,
                _ => return bad(flag, text, expected),
            };
        rest = &rest[unit..];
    }
    Duration::try_from_secs_f64(seconds).or_else(|_| bad(flag, text, expected))
}

/// Reads `nofile=1024:4096` as (name, soft, hard).
pub(crate) fn limit(text: &str) -> Result<(String, i64, i64), BadFlag> {
    const NAMES: [&str; 15] = [
        "core",
        "cpu",
        "data",
        "fsize",
        "locks",
        "memlock",
        "msgqueue",
        "nice",
        "nofile",
        "nproc",
        "rss",
        "rtprio",
        "rttime",
        "sigpending",
        "stack",
    ];
    let expected = "NAME=SOFT[:HARD] with a limit such as nofile or nproc";
    let (name, values) = pair("ulimit", text)?;
    let (soft, hard) = values.split_once(':').unwrap_or((&values, &values));
    match (NAMES.contains(&name.as_str()), soft.parse::<i64>(), hard.parse::<i64>()) {
        (true, Ok(soft), Ok(hard)) if hard == -1 || (soft <= hard && soft != -1) => Ok((name, soft, hard)),
        _ => bad("ulimit", text, expected),
    }
}

/// Reads `NAME:ADDRESS` or `NAME=ADDRESS`; `host-gateway` is this machine, hence loopback on the host's network.
pub(crate) fn host(text: &str) -> Result<(String, String), BadFlag> {
    let (name, address) = text.split_once('=').or_else(|| text.split_once(':')).unwrap_or((text, ""));
    let address = address.trim_start_matches('[').trim_end_matches(']');
    let address = if address == "host-gateway" { "127.0.0.1" } else { address };
    match address.parse::<std::net::IpAddr>() {
        Ok(address) if !name.is_empty() && !name.contains(char::is_whitespace) => {
            Ok((name.to_owned(), address.to_string()))
        }
        _ => bad("add-host", text, "HOST:IP"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_fields_hold_commas() {
        assert_eq!(csv(r#"type=oci,"dest=a,b",x="""q""""#), ["type=oci", "dest=a,b", "x=\"q\""]);
    }

    #[test]
    fn sizes_are_binary() {
        assert_eq!((size("shm-size", "64m"), size("shm-size", "1.5k")), (Ok(64 << 20), Ok(1536)));
        assert!(size("shm-size", "1x").is_err());
    }

    #[test]
    fn durations_add_up() {
        assert_eq!(duration("keep-duration", "1h30m"), Ok(Duration::from_secs(5400)));
        assert!(duration("keep-duration", "").is_err());
        assert!(duration("keep-duration", "5").is_err());
    }

    #[test]
    fn limits_are_ordered() {
        assert_eq!(limit("nofile=1:2"), Ok(("nofile".to_owned(), 1, 2)));
        assert!(limit("nofile=3:2").is_err());
        assert!(limit("nofiles=3").is_err());
    }

    #[test]
    fn hosts_take_both_separators_and_v6() {
        assert_eq!(host("a:1.2.3.4").unwrap().1, "1.2.3.4");
        assert_eq!(host("a=[::1]").unwrap().1, "::1");
        assert!(host("a:b").is_err());
    }
}
