//! Puts selected files into a delta with every quirk of COPY and ADD.
