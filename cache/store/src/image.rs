//! Images: names and what they stand for.

use std::collections::BTreeMap;

use containr_oci::{Descriptor, Digest, Reference};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::{Store, StoreError};

/// An image by the blobs that describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRow {
    /// The image config; its digest is the image's id.
    pub config: Digest,
    /// The manifest with its exact bytes in the blobs, when the image was pulled or exported.
    pub manifest: Option<Descriptor>,
    /// The digest that the registry was asked for, often an index.
    pub source: Option<Digest>,
    /// Annotations for the manifest.
    pub annotations: BTreeMap<String, String>,
    /// Seconds since 1970 at which the row was made.
    pub created: i64,
}

const COLUMNS: &str = "name, config, manifest, source, annotations, created";

impl Store {
    /// Gives an image a name; the image that had it keeps its row without one.
    ///
    /// # Errors
    /// Only when the index cannot be written.
    pub fn tag(&self, name: &Reference, image: &ImageRow) -> Result<(), StoreError> {
        let known = self.image(name)?;
        if known.is_some_and(|known| ImageRow { created: image.created, ..known } == *image) {
            return Ok(());
        }
        let name = name.to_string();
        self.index.write(|tx| {
            release(tx, &name)?;
            tx.execute("DELETE FROM images WHERE name IS NULL AND config = ?1", [image.config.to_string()])?;
            self.insert_image(tx, Some(&name), image)
        })
    }

    /// Keeps an image that has no name; one that has the same config already stays as it is.
    ///
    /// # Errors
    /// Only when the index cannot be written.
    pub fn add_image(&self, image: &ImageRow) -> Result<(), StoreError> {
        let known = |connection: &Connection| -> Result<bool, StoreError> {
            Ok(connection
                .prepare_cached("SELECT 1 FROM images WHERE config = ?1")?
                .exists([image.config.to_string()])?)
        };
        if known(&self.index.lock())? {
            return Ok(());
        }
        self.index.write(|tx| if known(tx)? { Ok(()) } else { self.insert_image(tx, None, image) })
    }

    /// Returns the image of this name.
    ///
    /// # Errors
    /// Only when the index cannot be read.
    pub fn image(&self, name: &Reference) -> Result<Option<ImageRow>, StoreError> {
        let connection = self.index.lock();
        let text = format!("SELECT {COLUMNS} FROM images WHERE name = ?1");
        let mut statement = connection.prepare_cached(&text)?;
        let row = statement.query_row([name.to_string()], |row| Ok(decode(row))).optional()?;
        Ok(row.transpose()?.map(|(_, image)| image))
    }

    /// Returns the images whose id (the hexadecimal config digest, with or without `sha256:`) begins with `prefix`.
    ///
    /// # Errors
    /// Only when the index cannot be read.
    pub fn image_by_id(&self, prefix: &str) -> Result<Vec<(Option<Reference>, ImageRow)>, StoreError> {
        let hex = prefix.strip_prefix("sha256:").unwrap_or(prefix);
        let fits = |image: &ImageRow| !hex.is_empty() && image.config.hex().starts_with(hex);
        Ok(self.images()?.into_iter().filter(|(_, image)| fits(image)).collect())
    }

    /// Returns all images: those with names first, sorted by name, then the others, oldest first.
    ///
    /// # Errors
    /// Only when the index cannot be read.
    pub fn images(&self) -> Result<Vec<(Option<Reference>, ImageRow)>, StoreError> {
        let connection = self.index.lock();
        let text = format!("SELECT {COLUMNS} FROM images ORDER BY name IS NULL, name, seq");
        let mut statement = connection.prepare_cached(&text)?;
        let mut rows = statement.query([])?;
        let mut images = Vec::new();
        while let Some(row) = rows.next()? {
            images.push(decode(row)?);
        }
        Ok(images)
    }

    /// Takes a name away and returns the image that had it; the row goes, and what only it needed is left to the collector.
    ///
    /// # Errors
    /// Only when the index cannot be written.
    pub fn untag(&self, name: &Reference) -> Result<Option<ImageRow>, StoreError> {
        let Some(image) = self.image(name)? else { return Ok(None) };
        self.index.write(|tx| Ok(tx.execute("DELETE FROM images WHERE name = ?1", [name.to_string()])?))?;
        Ok(Some(image))
    }

    /// Removes the nameless row of an image and returns whether there was one.
    ///
    /// # Errors
    /// Only when the index cannot be written.
    pub fn remove_unnamed(&self, config: &Digest) -> Result<bool, StoreError> {
        let text = "DELETE FROM images WHERE name IS NULL AND config = ?1";
        self.index.write(|tx| Ok(tx.execute(text, [config.to_string()])? > 0))
    }

    fn insert_image(&self, tx: &Connection, name: Option<&str>, image: &ImageRow) -> Result<(), StoreError> {
        let json = |bytes| String::from_utf8(bytes).expect("JSON is UTF-8");
        tx.execute(
            "INSERT INTO images (name, config, manifest, source, annotations, created, used)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                name,
                image.config.to_string(),
                image.manifest.as_ref().map(|manifest| json(containr_oci::canonical(manifest))),
                image.source.map(|digest| digest.to_string()),
                json(containr_oci::canonical(&image.annotations)),
                image.created,
                self.now(),
            ],
        )?;
        Ok(())
    }
}

/// Takes a name from the image that has it; the row stays unless another row has the same config.
fn release(tx: &Connection, name: &str) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM images WHERE name = ?1 AND EXISTS
         (SELECT 1 FROM images AS other WHERE other.config = images.config AND other.seq <> images.seq)",
        [name],
    )?;
    tx.execute("UPDATE images SET name = NULL WHERE name = ?1", [name])?;
    Ok(())
}

fn decode(row: &Row<'_>) -> Result<(Option<Reference>, ImageRow), StoreError> {
    let text = |index: usize| row.get::<_, Option<String>>(index);
    let bad = |error: serde_json::Error| StoreError::row("images", error);
    let name = text(0)?.map(|name| name.parse()).transpose().map_err(|error| StoreError::row("images", error))?;
    Ok((
        name,
        ImageRow {
            config: row.get::<_, String>(1)?.parse()?,
            manifest: text(2)?.map(|json| serde_json::from_str(&json)).transpose().map_err(bad)?,
            source: text(3)?.map(|digest| digest.parse()).transpose()?,
            annotations: serde_json::from_str(&row.get::<_, String>(4)?).map_err(bad)?,
            created: row.get(5)?,
        },
    ))
}

#[cfg(test)]
mod tests {
    use containr_oci::media;

    use super::*;
    use crate::root::tests::store_at;

    fn image(config: &str) -> ImageRow {
        ImageRow {
            config: Digest::of(config.as_bytes()),
            manifest: Some(Descriptor::of(media::MANIFEST, config.as_bytes())),
            source: Some(Digest::of(b"index")),
            annotations: [("a".to_owned(), "b".to_owned())].into(),
            created: 5,
        }
    }

    fn name(text: &str) -> Reference {
        text.parse().unwrap()
    }

    #[test]
    fn a_moved_name_leaves_the_older_image_without_one() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        store.tag(&name("app"), &image("one")).unwrap();
        store.tag(&name("app"), &image("two")).unwrap();
        assert_eq!(store.image(&name("app")).unwrap(), Some(image("two")));
        assert_eq!(store.images().unwrap(), [(Some(name("app")), image("two")), (None, image("one"))]);
        store.tag(&name("old"), &image("one")).unwrap();
        assert_eq!(store.images().unwrap(), [(Some(name("app")), image("two")), (Some(name("old")), image("one"))]);
    }

    #[test]
    fn two_names_of_one_image_are_two_rows() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        store.tag(&name("app:1"), &image("one")).unwrap();
        store.tag(&name("app:2"), &image("one")).unwrap();
        store.add_image(&image("one")).unwrap();
        assert_eq!(store.image_by_id(&image("one").config.hex()[..12]).unwrap().len(), 2);
        assert_eq!(store.untag(&name("app:1")).unwrap(), Some(image("one")));
        assert_eq!(store.untag(&name("app:1")).unwrap(), None);
        assert_eq!(store.images().unwrap(), [(Some(name("app:2")), image("one"))]);
    }

    #[test]
    fn an_image_without_a_name_is_kept_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        store.add_image(&image("one")).unwrap();
        store.add_image(&image("one")).unwrap();
        assert_eq!(store.images().unwrap(), [(None, image("one"))]);
        assert!(store.remove_unnamed(&image("one").config).unwrap());
        assert!(!store.remove_unnamed(&image("one").config).unwrap());
    }
}
