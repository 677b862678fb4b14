//! Says what happened: one closed enum of events, one trait to receive them, one cancel token.
