//! HEALTHCHECK.

use std::time::Duration;

use super::Lowering;
use crate::diagnostic::Code;
use crate::flags::{self, Known, Takes};
use crate::statement::{Args, Statement};
use crate::syntax::{Flag, Healthcheck, Probe};

pub(super) const FLAGS: Known = &[
    ("interval", Takes::Value),
    ("timeout", Takes::Value),
    ("start-period", Takes::Value),
    ("start-interval", Takes::Value),
    ("retries", Takes::Value),
];

/// Tells whether the arguments are those of `HEALTHCHECK NONE`.
pub(super) fn is_none(args: &Args<'_>) -> bool {
    matches!(args, Args::Health(kind, _) if kind.text.eq_ignore_ascii_case("NONE"))
}

impl Lowering<'_> {
    pub(super) fn healthcheck(&mut self, statement: &Statement<'_>, flags: &[Flag]) -> Option<Healthcheck> {
        let Args::Health(kind, command) = &statement.args else {
            self.missing(statement, "HEALTHCHECK needs `CMD` with a command, or `NONE`".to_owned());
            return None;
        };
        let given = match &**command {
            Args::Text(word) => Some((word.start, word.end)),
            Args::Json(words, place) => (!words.is_empty()).then_some(*place),
            _ => None,
        };
        if is_none(&statement.args) {
            if let Some((start, end)) = given {
                let span = self.logical.span(start, end);
                self.diagnostics.error(span, Code::ExtraArgument, "HEALTHCHECK NONE takes no arguments");
            }
            return Some(Healthcheck::None);
        }
        if !kind.text.eq_ignore_ascii_case("CMD") {
            let span = self.span_of(kind);
            let message = format!("unknown type `{}` of HEALTHCHECK", kind.text);
            self.diagnostics.misspelt(span, Code::UnknownArgument, message, Some("CMD".to_owned()));
            return None;
        }
        if given.is_none() {
            let span = self.span_of(kind);
            self.diagnostics.error(span, Code::MissingArgument, "HEALTHCHECK CMD needs a command");
        }
        Some(Healthcheck::Probe(Probe {
            command: self.command(command, statement),
            interval: self.duration(flags, "interval"),
            timeout: self.duration(flags, "timeout"),
            start_period: self.duration(flags, "start-period"),
            start_interval: self.duration(flags, "start-interval"),
            retries: self.retries(flags),
        }))
    }

    fn duration(&mut self, flags: &[Flag], name: &str) -> Duration {
        let Some(value) = flags::value(flags, name) else { return Duration::ZERO };
        let message = match duration(&value.value) {
            Some(0) => return Duration::ZERO,
            Some(nanoseconds @ 1_000_000..) => return Duration::from_nanos(nanoseconds.unsigned_abs()),
            Some(_) => format!("flag `--{name}` is shorter than 1ms"),
            None => format!("`{}` of flag `--{name}` is no duration such as 1m30s", value.value),
        };
        self.diagnostics.error(value.span, Code::InvalidFlagValue, message);
        Duration::ZERO
    }

    fn retries(&mut self, flags: &[Flag]) -> u32 {
        let Some(value) = flags::value(flags, "retries") else { return 0 };
        match value.value.parse::<i32>().map(u32::try_from) {
            Ok(Ok(count)) => return count,
            Ok(Err(_)) => {
                self.diagnostics.error(value.span, Code::InvalidFlagValue, "flag `--retries` is negative");
            }
            Err(_) => {
                let message = format!("`{}` of flag `--retries` is no number", value.value);
                self.diagnostics.error(value.span, Code::InvalidFlagValue, message);
            }
        }
        0
    }
}

const UNITS: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads a duration in Go's form, such as `-1.5h` or `1m30s`, in nanoseconds.
fn duration(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total: i128 = 0;
    loop {
        let end = rest.find(|char: char| !char.is_ascii_digit() && char != '.')?;
        let (number, tail) = rest.split_at(end);
        let unit_len = tail.find(|char: char| char.is_ascii_digit() || char == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_len);
        let (_, unit) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
        total = total.checked_add(scaled(number, unit)?)?;
        i64::try_from(total).ok()?;
        if tail.is_empty() {
            return i64::try_from(sign * total).ok();
        }
        rest = tail;
    }
}

/// Multiplies a decimal number with a unit; what is finer than a nanosecond is cut off.
fn scaled(number: &str, unit: i128) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    // 18 digits are more than any unit can show.
    let digits = &fraction[..fraction.len().min(18)];
    let parts: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    whole.checked_mul(unit)?.checked_add(parts * unit / 10_i128.pow(digits.len() as u32))
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_in_the_form_of_go() {
        let cases = [
            ("0", 0),
            ("+5s", 5_000_000_000),
            ("-1.5h", -5_400_000_000_000),
            ("1m30s", 90_000_000_000),
            (".5ms", 500_000),
            ("1.s", 1_000_000_000),
            ("3µs2ns", 3_002),
            ("0s", 0),
        ];
        for (text, nanoseconds) in cases {
            assert_eq!(duration(text), Some(nanoseconds), "{text}");
        }
    }

    #[test]
    fn texts_that_are_no_durations() {
        for text in ["", "1", "s", "1x", "1.2.3s", ".s", "-", "1s ", "9999999999h", "1d"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
