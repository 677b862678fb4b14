//! Whom a client believes and as whom it presents itself, host by host.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use secrecy::{ExposeSecret as _, SecretSlice};

use crate::error::HttpError;

/// Where the ordinary certificate authorities come from.
#[derive(Debug, Clone)]
pub enum Roots {
    /// The machine's own bundle.
    System,
    /// These PEM texts and no others.
    Pem(Vec<Vec<u8>>),
}

/// Whether a server must prove who it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verification {
    /// Its certificate must be valid for its name.
    #[default]
    Full,
    /// Any certificate will do; for registries that the user called insecure.
    Skip,
}

/// A client certificate with its key.
pub struct Identity {
    /// The chain as PEM, own certificate first.
    pub certificates: Vec<u8>,
    /// The private key as PEM.
    pub key: SecretSlice<u8>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}

/// How TLS is spoken with one host.
#[derive(Debug, Default)]
pub struct Tls {
    /// Further certificate authorities as PEM texts.
    pub authorities: Vec<Vec<u8>>,
    /// Client certificate, where one is wanted.
    pub identity: Option<Identity>,
    /// Whether to check the server.
    pub verification: Verification,
}

/// Knows the TLS settings of hosts; the same settings should be the same allocation, for connections are kept per value.
pub trait Trust: Send + Sync {
    /// Returns the settings for a host with its port, or without where the port is the scheme's own.
    ///
    /// # Errors
    /// Says which file cannot be read.
    fn for_host(&self, authority: &str) -> Result<Arc<Tls>, HttpError>;
}

/// Turns settings into configurations, reading the system's authorities at most once.
pub(crate) struct Configs {
    roots: Roots,
    loaded: OnceLock<RootCertStore>,
}

impl Configs {
    pub(crate) fn new(roots: Roots) -> Self {
        Self { roots, loaded: OnceLock::new() }
    }

    pub(crate) fn build(&self, tls: &Tls) -> Result<ClientConfig, HttpError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|source| certificate("protocol versions", source))?;
        let builder = match tls.verification {
            Verification::Full => builder.with_root_certificates(self.store(tls)?),
            Verification::Skip => {
                builder.dangerous().with_custom_certificate_verifier(Arc::new(AcceptAnything(provider)))
            }
        };
        let Some(identity) = &tls.identity else { return Ok(builder.with_no_client_auth()) };
        let chain = CertificateDer::pem_slice_iter(&identity.certificates)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|source| certificate("client certificate", source))?;
        let key = PrivateKeyDer::from_pem_slice(identity.key.expose_secret())
            .map_err(|source| certificate("client key", source))?;
        builder.with_client_auth_cert(chain, key).map_err(|source| certificate("client certificate", source))
    }

    fn store(&self, tls: &Tls) -> Result<RootCertStore, HttpError> {
        let mut store = match self.loaded.get() {
            Some(store) => store.clone(),
            None => {
                let store = load(&self.roots)?;
                self.loaded.get_or_init(|| store).clone()
            }
        };
        tls.authorities.iter().try_for_each(|pem| add(&mut store, pem))?;
        Ok(store)
    }
}

fn load(roots: &Roots) -> Result<RootCertStore, HttpError> {
    let mut store = RootCertStore::empty();
    match roots {
        // A machine without a bundle can still use hosts whose authority is given; elsewhere the handshake says it.
        Roots::System => {
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        Roots::Pem(texts) => texts.iter().try_for_each(|pem| add(&mut store, pem))?,
    }
    Ok(store)
}

fn add(store: &mut RootCertStore, pem: &[u8]) -> Result<(), HttpError> {
    for authority in CertificateDer::pem_slice_iter(pem) {
        let authority = authority.map_err(|source| certificate("certificate authority", source))?;
        store.add(authority).map_err(|source| certificate("certificate authority", source))?;
    }
    Ok(())
}

fn certificate(what: &'static str, source: impl std::error::Error + Send + Sync + 'static) -> HttpError {
    HttpError::Certificate { what, source: Box::new(source) }
}

/// Believes every server, but still checks that the handshake is signed by the certificate that it shows.
#[derive(Debug)]
struct AcceptAnything(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAnything {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
