//! What a scripted registry does wrong.

/// All switches; by default nothing goes wrong and nobody is asked who he is.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Cuts one blob download after so many bytes.
    pub cut_download_once: Option<u64>,
    /// Cuts every blob download after so many bytes.
    pub cut_download_every: Option<u64>,
    /// Sends so many bytes of one blob download and then nothing more.
    pub stall_download_once: Option<u64>,
    /// Answers each download from the start.
    pub ignore_range: bool,
    /// Flips a bit in blobs.
    pub corruption: Corruption,
    /// Serves these bytes in place of every manifest.
    pub manifest_bytes: Option<Vec<u8>>,
    /// Announces this in `Docker-Content-Digest` of manifests; an empty text leaves the header out.
    pub manifest_digest: Option<String>,
    /// Sends blob downloads to this host with 307.
    pub redirect_blobs: Option<String>,
    /// What becomes of HEAD.
    pub head: Head,
    /// How upload locations are written.
    pub location: LocationForm,
    /// Answers the next requests with an error.
    pub busy: Option<Busy>,
    /// Cuts one upload request after so many bytes of its body.
    pub cut_upload_once: Option<u64>,
    /// Cuts every upload request after so many bytes of its body.
    pub cut_upload_every: Option<u64>,
    /// Reads so many bytes of one upload request and then nothing more.
    pub stall_upload_once: Option<u64>,
    /// Forgets an upload whose request was cut, as distribution 2.8 does.
    pub lose_cut_uploads: bool,
    /// Answers every mount with 202.
    pub refuse_mounts: bool,
    /// Smallest chunk announced in `OCI-Chunk-Min-Length`.
    pub chunk_min_length: Option<u64>,
    /// Wants to know who asks.
    pub auth: Option<Auth>,
    /// When all tokens die, once.
    pub revocation: Option<Revocation>,
}

/// How often a blob is wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Corruption {
    /// Never.
    #[default]
    Never,
    /// In the next download.
    Once,
    /// In every download.
    Always,
}

/// What becomes of HEAD requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Head {
    /// They are answered.
    #[default]
    Works,
    /// They get this status.
    Fails(u16),
}

/// How a `Location` is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LocationForm {
    /// `http://HOST/v2/...`.
    #[default]
    Absolute,
    /// `/v2/...`.
    Path,
    /// `ID?state=...`, relative to the address asked.
    Relative,
}

/// An error that goes away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Busy {
    /// The status.
    pub status: u16,
    /// Value of `Retry-After`.
    pub retry_after: Option<String>,
    /// Requests that get it; each verb counts on its own, so that all verbs see it.
    pub times_per_verb: u32,
}

/// Who may come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    /// User and password in each request.
    Basic {
        /// `USER:PASSWORD`.
        pair: String,
    },
    /// Tokens from `/token`, for those scopes that were asked for.
    Token {
        /// `USER:PASSWORD` that the token server wants; anybody gets a token without.
        pair: Option<String>,
        /// Refresh token that the token server exchanges.
        refresh: Option<String>,
        /// Name of the answer's field: `token` or `access_token`.
        field: &'static str,
    },
}

/// When tokens die.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// At the PUT that commits an upload.
    AtCommit,
    /// After so many bytes of an upload's body.
    InBody(u64),
    /// At a manifest's GET or PUT.
    AtManifest,
    /// At the second blob's GET.
    BetweenBlobs,
}
