//! When to try again and how long to wait before.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::options::Options;

/// Returns whether an answer asks for another try: 408, 429, 500, 502, 503 or 504, whatever the verb.
pub fn is_transient(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

/// Returns the wait that `Retry-After` names, in its form of seconds or as a date (RFC 9110, 10.2.3).
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// Returns the wait before try number `next` (the second try is 2): full jitter below a doubling bound.
pub fn backoff(options: &Options, next: u32) -> Duration {
    let doublings = next.saturating_sub(2).min(20);
    let bound = options.backoff_first.saturating_mul(1 << doublings).min(options.backoff_most);
    bound.mul_f64(options.pace.chance())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())])
    }

    #[test]
    fn retry_after_in_seconds_and_as_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (value, expected) in [
            ("2", Some(2)),
            ("Sun, 06 Nov 1994 08:49:40 GMT", Some(3)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
        ] {
            assert_eq!(retry_after(&header(value), now), expected.map(Duration::from_secs), "{value}");
        }
    }

    #[test]
    fn only_answers_that_may_change_are_tried_again() {
        for (status, expected) in [(408, true), (429, true), (503, true), (501, false), (404, false), (200, false)] {
            assert_eq!(is_transient(StatusCode::from_u16(status).unwrap()), expected, "{status}");
        }
    }
}
