//! `WWW-Authenticate` headers (RFC 9110, 11.6.1) as registries write them.

use containr_http::HeaderMap;
use containr_http::header::WWW_AUTHENTICATE;

/// What a registry wants to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// User and password in each request.
    Basic,
    /// A token from a token server.
    Bearer {
        /// Address of the token server.
        realm: String,
        /// Name of the registry at the token server.
        service: Option<String>,
        /// Scopes, space separated, as the registry wrote them.
        scope: Option<String>,
    },
}

/// Returns the best challenge among the headers: Bearer before Basic.
pub(crate) fn parse(headers: &HeaderMap) -> Option<Challenge> {
    let all = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok()).flat_map(parse_one);
    let mut found = None;
    for challenge in all {
        if matches!(challenge, Challenge::Bearer { .. }) {
            return Some(challenge);
        }
        found = Some(challenge);
    }
    found
}

/// Splits one header, which may hold several challenges, at each word that is followed by a parameter or by the end.
fn parse_one(text: &str) -> Vec<Challenge> {
    let mut found: Vec<(String, Vec<(String, String)>)> = Vec::new();
    let mut rest = text.trim_start_matches([' ', ',', '\t']);
    while !rest.is_empty() {
        let end = rest.find([' ', ',', '=', '\t']).unwrap_or(rest.len());
        let word = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start_matches([' ', '\t']);
        match rest.strip_prefix('=') {
            Some(after) => {
                let (value, after) = parameter(after.trim_start());
                if let Some((_, parameters)) = found.last_mut() {
                    parameters.push((word, value));
                }
                rest = after;
            }
            None => found.push((word, Vec::new())),
        }
        rest = rest.trim_start_matches([' ', ',', '\t']);
    }
    found.into_iter().filter_map(|(scheme, parameters)| challenge(&scheme, &parameters)).collect()
}

fn challenge(scheme: &str, parameters: &[(String, String)]) -> Option<Challenge> {
    let get = |name| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    match scheme {
        "basic" => Some(Challenge::Basic),
        "bearer" => Some(Challenge::Bearer { realm: get("realm")?, service: get("service"), scope: get("scope") }),
        _ => None,
    }
}

/// Reads a token or a quoted string with its escapes and returns what follows.
fn parameter(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use containr_testkit::damage::damaged;

    use super::*;

    fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Challenge {
        Challenge::Bearer {
            realm: realm.to_owned(),
            service: service.map(str::to_owned),
            scope: scope.map(str::to_owned),
        }
    }

    #[test]
    fn shapes_found_in_the_wild() {
        let realm = "https://auth.example/token";
        for (text, expected) in [
            (
                r#"Bearer realm="https://auth.example/token",service="reg",scope="repository:a/b:pull,push""#,
                vec![bearer(realm, Some("reg"), Some("repository:a/b:pull,push"))],
            ),
            (r#"bearer  realm = "https://auth.example/token" , service=reg"#, vec![bearer(realm, Some("reg"), None)]),
            (r#"Basic realm="a \"quoted\" name""#, vec![Challenge::Basic]),
            ("Basic", vec![Challenge::Basic]),
            (
                r#"Negotiate, Basic realm="x", Bearer realm="https://auth.example/token""#,
                vec![Challenge::Basic, bearer(realm, None, None)],
            ),
            (r#"Bearer service="no realm""#, vec![]),
            (r#"Bearer realm="unfinished"#, vec![bearer("unfinished", None, None)]),
            (",,=,\"", vec![]),
        ] {
            assert_eq!(parse_one(text), expected, "{text}");
        }
    }

    #[test]
    fn damaged_headers_come_to_an_end() {
        let text = r#"Basic realm="a \"b\"", Bearer realm="https://a/",service = reg,scope="r:a:pull""#;
        let pieces = ["=", ",", "\t", "\\", "\"", "Bearer", "basic", "\u{e4}"];
        let found = damaged(text, &pieces).take(20_000).map(|one| parse_one(&String::from_utf8_lossy(&one)).len());
        assert!(found.sum::<usize>() > 10_000);
    }

    #[test]
    fn bearer_is_preferred() {
        let mut headers = HeaderMap::new();
        headers.append(WWW_AUTHENTICATE, "Basic realm=x".parse().unwrap());
        headers.append(WWW_AUTHENTICATE, "Bearer realm=https://a/".parse().unwrap());
        assert_eq!(parse(&headers), Some(bearer("https://a/", None, None)));
    }
}
