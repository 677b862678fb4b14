//! Steps, ops, selectors and keys: what is to be done, said once for every front end.
