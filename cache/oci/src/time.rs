//! RFC 3339 times, as configs and histories hold them.

const DAY_SECONDS: i64 = 86_400;

/// Returns seconds since 1970 as `2026-01-02T03:04:05Z`, with the nanoseconds as a fraction where there are some.
pub fn rfc3339(seconds: i64, nanoseconds: u32) -> String {
    let (days, rest) = (seconds.div_euclid(DAY_SECONDS), seconds.rem_euclid(DAY_SECONDS));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if nanoseconds != 0 {
        text.push_str(format!(".{nanoseconds:09}").trim_end_matches('0'));
    }
    text.push('Z');
    text
}

/// Returns the seconds since 1970 of an RFC 3339 time, rounded down, or nothing when the text is none.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        let part = text.get(range)?;
        part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?
    };
    let separators = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    let at = |index: usize| text.as_bytes().get(index).copied();
    if separators.iter().any(|(index, byte)| at(*index) != Some(*byte)) || !matches!(at(10), Some(b'T' | b't' | b' ')) {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let rest = text[19..].trim_start_matches('.').trim_start_matches(|c: char| c.is_ascii_digit());
    Some(days(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second - offset_seconds(rest)?)
}

/// Reads `Z`, `+02:00` or `-0330`.
fn offset_seconds(text: &str) -> Option<i64> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("Z" | "z", "") => return Some(0),
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    let value: i64 = (digits.len() == 4).then(|| digits.parse().ok())??;
    Some(sign * (value / 100 * 3600 + value % 100 * 60))
}

/// Returns year, month and day of a day counted from 1970 in the proleptic Gregorian calendar.
///
/// Years are taken to begin in March, so that the leap day is the last of its year and months follow one line.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// Is the inverse of [`civil`].
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let march_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * march_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_times() {
        assert_eq!(rfc3339(0, 0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_782_400, 120_000_000), "2000-02-29T00:00:00.12Z");
        assert_eq!(rfc3339(-1, 0), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn every_day_round_trips() {
        for day in -200_000..200_000 {
            let text = rfc3339(day * DAY_SECONDS + 61, 0);
            if !text.starts_with('-') {
                assert_eq!(parse_rfc3339(&text), Some(day * DAY_SECONDS + 61), "{text}");
            }
        }
    }

    #[test]
    fn offsets_and_fractions_are_read() {
        assert_eq!(parse_rfc3339("1970-01-01T02:00:00.999+02:00"), Some(0));
        assert_eq!(parse_rfc3339("1970-01-01"), None);
        assert_eq!(parse_rfc3339("1970-13-01T00:00:00Z"), None);
    }
}
