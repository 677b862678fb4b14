//! The little XML that reports need, escaped as hadolint's library does.

/// Writes an element: its attributes in order, then what is inside; nothing inside closes it at once.
pub(super) fn element(name: &str, attributes: &[(&str, &str)], inside: &str) -> String {
    let mut out = format!("<{name}");
    for (key, value) in attributes {
        let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        out.push_str(&format!(" {key}=\"{value}\""));
    }
    match inside {
        "" => out.push_str("/>"),
        inside => out.push_str(&format!(">{inside}</{name}>")),
    }
    out
}

/// Escapes a text between tags.
pub(super) fn content(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Writes a document.
pub(super) fn document(root: &str) -> Vec<u8> {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{root}").into_bytes()
}
