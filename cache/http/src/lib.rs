//! One HTTP client: TLS, proxies, retries, Retry-After, resume.
