//! A credential and where it came from.

use std::fmt;

use secrecy::SecretString;

/// What proves who the user is.
#[derive(Clone)]
pub enum Secret {
    /// A password, sent as Basic or to the token server.
    Password(SecretString),
    /// A refresh token, exchanged at the token server.
    Identity(SecretString),
    /// A token that the registry takes as it is.
    Registry(SecretString),
}

/// A credential for one registry or a part of it; its `Debug` shows no secret.
#[derive(Clone)]
pub struct Credential {
    /// The user's name; empty with tokens.
    pub user: String,
    /// The proof.
    pub secret: Secret,
    /// Where it was found, for messages.
    pub origin: String,
}

impl Credential {
    /// Returns a user with a password.
    pub fn password(user: &str, password: SecretString, origin: &str) -> Self {
        Self { user: user.to_owned(), secret: Secret::Password(password), origin: origin.to_owned() }
    }
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.secret {
            Secret::Password(_) => write!(f, "user {} from {}", self.user, self.origin),
            Secret::Identity(_) => write!(f, "identity token from {}", self.origin),
            Secret::Registry(_) => write!(f, "registry token from {}", self.origin),
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
