//! `containr images`, `rmi`, `inspect`, `tag`.

use std::fmt::Write as _;

use containr_engine::{ImageSummary, Missing};
use serde_json::{Value, json};

use super::records;
use crate::args::{CommonArgs, ImagesArgs, InspectArgs, ListFormat, RmiArgs, TagArgs};
use crate::failure::Failure;
use crate::show::bytes;
use crate::surroundings::print;

/// Lists images.
///
/// # Errors
/// The failure to show.
pub(crate) fn images(common: &CommonArgs, args: &ImagesArgs) -> Result<u8, Failure> {
    let images = records(common)?.images()?;
    let text = match (args.quiet, args.format) {
        (true, _) => images.iter().map(|image| format!("{}\n", id(image, args.no_trunc))).collect(),
        (false, ListFormat::Json) => as_json(&images),
        (false, ListFormat::Table) => table(&images, args.no_trunc),
    };
    print(text.as_bytes()).map(|()| 0)
}

fn id(image: &ImageSummary, whole: bool) -> String {
    if whole { image.id.clone() } else { image.id.trim_start_matches("sha256:").chars().take(12).collect() }
}

fn as_json(images: &[ImageSummary]) -> String {
    let rows: Vec<Value> = images
        .iter()
        .map(|image| json!({ "id": image.id, "name": image.name, "created": image.created, "size": image.size_bytes }))
        .collect();
    format!("{:#}\n", Value::Array(rows))
}

fn table(images: &[ImageSummary], whole: bool) -> String {
    let rows = images.iter().map(|image| {
        let name = image.name.clone().unwrap_or_else(|| "<none>".to_owned());
        [name, id(image, whole), image.created.clone().unwrap_or_else(|| "-".to_owned()), bytes(image.size_bytes)]
    });
    columns(["NAME", "IMAGE ID", "CREATED", "SIZE"], rows)
}

/// Lays rows out in columns that are as wide as their widest cell.
pub(super) fn columns<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let all: Vec<[String; N]> = std::iter::once(head.map(str::to_owned)).chain(rows).collect();
    let widths: Vec<usize> =
        (0..N).map(|column| all.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for row in &all {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:<width$}   ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Removes names.
///
/// # Errors
/// The failure to show.
pub(crate) fn rmi(common: &CommonArgs, args: &RmiArgs) -> Result<u8, Failure> {
    let records = records(common)?;
    let missing = if args.force { Missing::Ignore } else { Missing::Fail };
    let mut text = String::new();
    for image in &args.images {
        for name in records.remove_image(image, missing)? {
            let _ = writeln!(text, "Untagged: {name}");
        }
    }
    print(text.as_bytes()).map(|()| 0)
}

/// Prints config and manifest.
///
/// # Errors
/// The failure to show.
pub(crate) fn inspect(common: &CommonArgs, args: &InspectArgs) -> Result<u8, Failure> {
    let records = records(common)?;
    let shown = args.images.iter().map(|image| records.inspect(image)).collect::<Result<Vec<Value>, _>>()?;
    print(format!("{:#}\n", Value::Array(shown)).as_bytes()).map(|()| 0)
}

/// Adds a name.
///
/// # Errors
/// The failure to show.
pub(crate) fn tag(common: &CommonArgs, args: &TagArgs) -> Result<u8, Failure> {
    records(common)?.tag(&args.image, &args.name)?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_cells() {
        let rows = [["a".to_owned(), "b".to_owned()], ["long".to_owned(), "c".to_owned()]];
        assert_eq!(columns(["X", "Y"], rows.into_iter()), "X      Y\na      b\nlong   c\n");
    }
}
