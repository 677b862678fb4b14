//! Layers and the store: sealing a tree into it, and making a blob of a layer in the codec that somebody asks for.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::BorrowedFd;

use containr_oci::{Descriptor, Digest, Hasher};
use containr_store::Store;
use containr_tree::Listing;

use crate::{Codec, Compression, Context, Digests, Formats, LayerError, seal_into};

/// What [`seal`] is to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealRequest {
    /// Keep a blob in this form, too; nothing: the tree is the only form.
    pub compress: Option<Codec>,
    /// What to do with digests of files.
    pub digests: Digests,
}

/// A layer whose digest is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Digest of the uncompressed tar.
    pub diff_id: Digest,
    /// Length of the uncompressed tar in bytes.
    pub size: u64,
    /// The blob, when one was asked for.
    pub blob: Option<Descriptor>,
}

/// Reads the tree in `fs` once: fills in digests of files, computes the `diff_id` and keeps the blob that is asked for.
///
/// # Errors
/// A file that is not as its entry says, or what the store gives.
pub fn seal(
    fs: BorrowedFd<'_>,
    listing: &mut Listing,
    request: &SealRequest,
    store: &Store,
    context: Context<'_>,
) -> Result<Sealed, LayerError> {
    let Some(codec) = request.compress else {
        let stream = seal_into(fs, listing, request.digests, Codec::Plain, &mut io::sink(), context)?;
        return Ok(Sealed { diff_id: stream.diff_id, size: stream.size, blob: None });
    };
    let mut ingest = store.ingest()?;
    let stream = seal_into(fs, listing, request.digests, codec, &mut ingest, context)?;
    let (digest, size) = ingest.commit(None)?;
    let blob = Descriptor::new(codec.media_type(), digest, size);
    store.add_layer_blob(&stream.diff_id, &codec.name(), &blob)?;
    Ok(Sealed { diff_id: stream.diff_id, size: stream.size, blob: Some(blob) })
}

/// Returns the blob of a layer in the form of `codec`, made now from its tree if the store has none.
///
/// # Errors
/// A tree that no longer gives `diff_id` is [`LayerError::Corrupt`], and no blob is kept under its name.
pub fn blob_of(
    diff_id: &Digest,
    tree: (BorrowedFd<'_>, &Listing),
    codec: Codec,
    store: &Store,
    context: Context<'_>,
) -> Result<Descriptor, LayerError> {
    if let Some(known) = store.layer_blob(diff_id, &codec.name())? {
        return Ok(known);
    }
    let mut ingest = store.ingest()?;
    let mut listing = tree.1.clone();
    let stream = seal_into(tree.0, &mut listing, Digests::Keep, codec, &mut ingest, context)?;
    if stream.diff_id != *diff_id {
        return Err(LayerError::corrupt(*diff_id, stream.diff_id));
    }
    let (digest, size) = ingest.commit(None)?;
    let blob = Descriptor::new(codec.media_type(), digest, size);
    store.add_layer_blob(diff_id, &codec.name(), &blob)?;
    Ok(blob)
}

/// Returns the blob of a layer in the form of `codec`, made now from the layer's blob `from` if the store has none.
///
/// # Errors
/// A blob that does not give `diff_id` is [`LayerError::Corrupt`].
pub fn recompress(
    diff_id: &Digest,
    from: &Descriptor,
    codec: Codec,
    store: &Store,
    context: Context<'_>,
) -> Result<Descriptor, LayerError> {
    if let Some(known) = store.layer_blob(diff_id, &codec.name())? {
        return Ok(known);
    }
    let mut source = Hashed { file: open_blob(store, &from.digest)?, hasher: Hasher::new(from.digest.algorithm()) };
    let mut ingest = store.ingest()?;
    let copied = codec.compress(context.threads, &mut ingest, |sink| copy_plain(&mut source, sink, context));
    // A damaged blob is told as that, whatever its bytes were taken for.
    let blob = if matches!(copied, Err(LayerError::Cancelled(_))) { from.digest } else { source.finish()? };
    if blob != from.digest {
        return Err(LayerError::corrupt(from.digest, blob));
    }
    let actual = copied?;
    if actual != *diff_id {
        return Err(LayerError::corrupt(*diff_id, actual));
    }
    let (digest, size) = ingest.commit(None)?;
    let blob = Descriptor::new(codec.media_type(), digest, size);
    store.add_layer_blob(diff_id, &codec.name(), &blob)?;
    Ok(blob)
}

/// Copies the uncompressed bytes of a layer and returns their digest.
fn copy_plain(source: &mut Hashed, sink: &mut dyn Write, context: Context<'_>) -> Result<Digest, LayerError> {
    let mut plain = Compression::open(source, Formats::Layer).map_err(LayerError::reading)?;
    let mut hasher = Hasher::sha256();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        context.cancel.check()?;
        let length = plain.read(&mut buffer).map_err(LayerError::reading)?;
        if length == 0 {
            return Ok(hasher.finish());
        }
        hasher.update(&buffer[..length]);
        sink.write_all(&buffer[..length]).map_err(LayerError::Output)?;
    }
}

/// A blob that is hashed while it is read.
struct Hashed {
    file: File,
    hasher: Hasher,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.hasher.update(&buffer[..length]);
        Ok(length)
    }
}

impl Hashed {
    /// Reads what is left and returns the digest of the whole blob.
    fn finish(mut self) -> Result<Digest, LayerError> {
        io::copy(&mut self, &mut io::sink()).map_err(LayerError::Input)?;
        Ok(self.hasher.finish())
    }
}

/// Opens a blob that must be there.
pub(crate) fn open_blob(store: &Store, digest: &Digest) -> Result<File, LayerError> {
    store.open_blob(digest)?.ok_or_else(|| LayerError::Image(format!("needs blob {digest}, which is not in the store")))
}

/// Copies a blob while checking it, unless this process wrote it and has checked it then.
///
/// # Errors
/// Bytes that are not what `digest` says are [`LayerError::Corrupt`]; what was written is then to be thrown away.
pub(crate) fn copy_blob(
    store: &Store,
    digest: &Digest,
    out: &mut dyn Write,
    context: Context<'_>,
) -> Result<u64, LayerError> {
    let mut source = open_blob(store, digest)?;
    let mut hasher = (!store.has_written(digest)).then(|| Hasher::new(digest.algorithm()));
    let mut buffer = vec![0; 256 * 1024];
    let mut size = 0;
    loop {
        context.cancel.check()?;
        let length = source.read(&mut buffer).map_err(LayerError::Input)?;
        if length == 0 {
            break;
        }
        if let Some(hasher) = &mut hasher {
            hasher.update(&buffer[..length]);
        }
        out.write_all(&buffer[..length]).map_err(LayerError::Output)?;
        size += length as u64;
    }
    match hasher.map(Hasher::finish) {
        Some(actual) if actual != *digest => Err(LayerError::corrupt(*digest, actual)),
        _ => Ok(size),
    }
}
