//! The texts of history lines, which show lists, strings and durations as Go prints them.

use std::fmt::Write;

use containr_oci::Healthcheck;

/// The comment of every line.
pub(crate) const COMMENT: &str = "buildkit.dockerfile.v0";

/// Prints a list as Go's `%q` does: `["a" "b"]`.
pub(crate) fn quoted_list(words: &[String]) -> String {
    let words = words.iter().map(|word| quoted(word)).collect::<Vec<_>>();
    format!("[{}]", words.join(" "))
}

/// Prints a list as Go's `%v` does: `[a b]`.
pub(crate) fn plain_list(words: &[String]) -> String {
    format!("[{}]", words.join(" "))
}

/// Prints a health check as Go's `%+v` does.
pub(crate) fn healthcheck(check: &Healthcheck) -> String {
    let [interval, timeout, start_period, start_interval] =
        [check.interval, check.timeout, check.start_period, check.start_interval].map(duration);
    format!(
        "{{Test:{} Interval:{interval} Timeout:{timeout} StartPeriod:{start_period} StartInterval:{start_interval} Retries:{}}}",
        plain_list(&check.test),
        check.retries
    )
}

/// Prints a text as Go's `strconv.Quote` does.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            ' '..='~' => out.push(character),
            '\0'..='\u{7f}' => write!(out, "\\x{:02x}", character as u32).expect("a string takes all text"),
            _ if character.is_control() || character.is_whitespace() => {
                write!(out, "\\u{:04x}", character as u32).expect("a string takes all text");
            }
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

/// Prints nanoseconds as Go's `time.Duration` does: `1h0m30s`, `1.5s`, `10ms`, `0s`.
fn duration(nanoseconds: i64) -> String {
    const SECOND: u64 = 1_000_000_000;
    let total = nanoseconds.unsigned_abs();
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let text = match total {
        0 => "0s".to_owned(),
        1..1_000 => format!("{total}ns"),
        1_000..1_000_000 => fraction(total, 1_000, "µs"),
        1_000_000..SECOND => fraction(total, 1_000_000, "ms"),
        _ => {
            let (minutes, rest) = (total / (60 * SECOND), total % (60 * SECOND));
            let seconds = fraction(rest, SECOND, "s");
            match (minutes / 60, minutes % 60) {
                (0, 0) => seconds,
                (0, minutes) => format!("{minutes}m{seconds}"),
                (hours, minutes) => format!("{hours}h{minutes}m{seconds}"),
            }
        }
    };
    format!("{sign}{text}")
}

/// Prints a number of units with as many decimals as it has.
fn fraction(value: u64, unit: u64, name: &str) -> String {
    let (whole, rest) = (value / unit, value % unit);
    if rest == 0 {
        return format!("{whole}{name}");
    }
    let width = unit.ilog10() as usize;
    let decimals = format!("{rest:0width$}");
    format!("{whole}.{}{name}", decimals.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted_as_in_go() {
        let words = ["/bin/sh", "-c", "a \"b\" \\ \n\x01é\u{a0}"].map(str::to_owned);
        assert_eq!(quoted_list(&words), r#"["/bin/sh" "-c" "a \"b\" \\ \n\x01é\u00a0"]"#);
    }

    #[test]
    fn durations_are_printed_as_in_go() {
        for (nanoseconds, expected) in [
            (0, "0s"),
            (1_500_000, "1.5ms"),
            (30_000_000_000, "30s"),
            (90_000_000_000, "1m30s"),
            (3_600_000_000_000, "1h0m0s"),
            (1_050_000_000, "1.05s"),
            (2_500, "2.5µs"),
        ] {
            assert_eq!(duration(nanoseconds), expected);
        }
    }
}
