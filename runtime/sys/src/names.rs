//! Where host names are looked up by a binary that brings its C library along.

/// Keeps the look-up of host names to what is in the binary: /etc/hosts, then the name servers of /etc/resolv.conf.
///
/// glibc, linked statically, would load the modules that /etc/nsswitch.conf names from the machine; those belong to the
/// machine's own C library, and two of them in one process may crash. Go's programs and musl's look up names in the same
/// two places. A dynamically linked binary does what the machine is set up for.
pub fn keep_to_builtin() {
    #[cfg(all(target_env = "gnu", target_feature = "crt-static"))]
    {
        unsafe extern "C" {
            /// Public in glibc since 2.2.5 (nss.h).
            fn __nss_configure_lookup(
                database: *const std::ffi::c_char,
                services: *const std::ffi::c_char,
            ) -> std::ffi::c_int;
        }
        // SAFETY: both texts end with NUL and live as long as the program; glibc copies them under a lock of its own. It
        // fails only without memory, and then names are looked up as the machine is set up for.
        let _ = unsafe { __nss_configure_lookup(c"hosts".as_ptr(), c"files dns".as_ptr()) };
    }
}
