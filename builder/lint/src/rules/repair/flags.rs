//! Repairs flags and their values.

use containr_dockerfile::syntax::Kind;
use containr_dockerfile::{Span, nearest};

use crate::context::{Context, Step};
use crate::diagnostic::{Edit, Fix};
use crate::rules::edits::drop_argument;

/// Returns the fix that removes a flag.
pub(super) fn remove(context: &Context<'_>, place: Span) -> Option<Fix> {
    Some(Fix::risky("remove the flag", vec![without(context, place)?]))
}

/// Returns the fix that removes a flag that nobody reads.
pub(super) fn ignored(context: &Context<'_>, place: Span) -> Option<Fix> {
    Some(Fix::safe("remove the flag", vec![without(context, place)?]))
}

/// Returns the edit that removes the flag at a place, with its value.
fn without(context: &Context<'_>, place: Span) -> Option<Edit> {
    let step = context.around(place.start)?;
    drop_argument(context, step, flag(step, place)?.0, 2)
}

/// Returns the place and the name of the flag that a place is part of; a trigger's stands inside of its ONBUILD.
fn flag<'a>(step: &Step<'a>, place: Span) -> Option<(Span, &'a str)> {
    let inner = match step.kind() {
        Kind::Onbuild(onbuild) => onbuild.trigger.flags.as_slice(),
        _ => &[],
    };
    let mut flags = step.instruction.flags.iter().chain(inner);
    let found = flags.find(|flag| flag.span.start <= place.start && place.end <= flag.span.end)?;
    Some((found.span, &found.name.value))
}

/// Returns the fix for a value that cannot be read: what was likely meant, else the flag goes.
pub(super) fn value(context: &Context<'_>, place: Span) -> Option<Fix> {
    let step = context.around(place.start)?;
    let (whole, name) = flag(step, place)?;
    let written = context.text(place).to_lowercase();
    let wanted = match name {
        "interval" | "timeout" | "start-period" | "start-interval" => duration(&written),
        "retries" => count(&written),
        _ => truth(&written).map(str::to_owned),
    };
    match wanted.filter(|wanted| wanted != context.text(place)) {
        Some(text) => Some(Fix::risky(format!("write `{text}`"), vec![Edit::replace(place, text)])),
        None => Some(Fix::risky("remove the flag", vec![drop_argument(context, step, whole, 2)?])),
    }
}

fn truth(text: &str) -> Option<&'static str> {
    match text {
        "1" | "t" | "y" | "yes" | "on" => Some("true"),
        "0" | "f" | "n" | "no" | "off" => Some("false"),
        _ => nearest(text, ["true", "false"]),
    }
}

/// Returns a number of tries that counts.
fn count(text: &str) -> Option<String> {
    let digits = text.trim_start_matches('-');
    let number: u32 = digits.parse().ok()?;
    Some(number.max(1).to_string())
}

/// Returns a duration with units that exist; a bare number is one of seconds.
fn duration(text: &str) -> Option<String> {
    let mut result = String::new();
    let mut rest = text.trim_start_matches(['-', '+']);
    while !rest.is_empty() {
        let end = rest.find(|char: char| !char.is_ascii_digit() && char != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at(end);
        let unit_end = tail.find(|char: char| char.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        if number.is_empty() {
            return None;
        }
        result.push_str(&scaled(number, unit.trim())?);
        rest = tail;
    }
    // What is finer than the least duration becomes that.
    let fine = ["ns", "us", "µs"].iter().any(|unit| result.ends_with(unit)) || result.starts_with("0.");
    (!result.is_empty()).then(|| if fine { "1ms".to_owned() } else { result })
}

fn scaled(number: &str, unit: &str) -> Option<String> {
    let unit = match unit {
        "" | "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => "ms",
        "ns" | "us" | "µs" => unit,
        "d" | "day" | "days" => return Some(format!("{}h", number.parse::<u64>().ok()?.checked_mul(24)?)),
        _ => return None,
    };
    Some(format!("{number}{unit}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_get_units_that_exist() {
        for (text, wanted) in
            [("5", "5s"), ("30sec", "30s"), ("1min30", "1m30s"), ("2d", "48h"), ("10us", "1ms"), ("-5s", "5s")]
        {
            assert_eq!(duration(text).as_deref(), Some(wanted), "{text}");
        }
        assert_eq!(duration("soon"), None);
        assert_eq!(duration("5 parsecs"), None);
    }
}
