//! What ports know, in words.

use crate::ports::Image;

/// Returns what is known of an image, in Markdown; nothing is said of what is not known.
pub(crate) fn image(image: &Image) -> String {
    let mut rows: Vec<(&str, String)> = Vec::new();
    let mut row = |name: &'static str, value: Option<String>| rows.extend(value.map(|value| (name, value)));
    let code = |value: &String| format!("`{value}`");
    let list = |values: &[String]| (!values.is_empty()).then(|| values.iter().map(code).collect::<Vec<_>>().join(", "));
    let words = |values: &[String]| (!values.is_empty()).then(|| format!("`{}`", values.join(" ")));
    row("digest", image.digest.as_ref().map(code));
    let layers = image.layers.map(|count| format!(" in {count} layer{}", if count == 1 { "" } else { "s" }));
    row("size", image.size.map(|bytes| format!("{}{}", size(bytes), layers.unwrap_or_default())));
    row("platforms", list(&image.platforms));
    row("user", image.user.as_ref().filter(|user| !user.is_empty()).map(code));
    row("directory", image.directory.as_ref().filter(|path| !path.is_empty()).map(code));
    row("entry point", words(&image.entrypoint));
    row("command", words(&image.command));
    row("ports", list(&image.ports));
    row("created", image.created.clone());
    rows.iter().map(|(name, value)| format!("- {name}: {value}")).collect::<Vec<_>>().join("\n")
}

/// Returns a number of bytes as people read it, in powers of ten.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 4] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("B", 1)];
    let (unit, scale) = UNITS.into_iter().find(|(_, scale)| bytes >= *scale).unwrap_or(("B", 1));
    let (whole, tenths) = (bytes / scale, bytes % scale * 10 / scale);
    if scale == 1 || whole >= 100 { format!("{whole} {unit}") } else { format!("{whole}.{tenths} {unit}") }
}

/// Returns a time as people read it.
pub(crate) fn duration(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        _ => format!("{} min {} s", milliseconds / 60_000, milliseconds % 60_000 / 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_short() {
        assert_eq!([0, 999, 1_000, 12_345_678, 123_456_789].map(size), ["0 B", "999 B", "1.0 kB", "12.3 MB", "123 MB"]);
        assert_eq!([7, 1_234, 61_500].map(duration), ["7 ms", "1.2 s", "1 min 1 s"]);
    }

    #[test]
    fn an_image_of_which_nothing_is_known_has_no_words() {
        assert_eq!(image(&Image::default()), "");
        let known = Image { size: Some(5), layers: Some(1), user: Some(String::new()), ..Image::default() };
        assert_eq!(image(&known), "- size: 5 B in 1 layer");
    }
}
