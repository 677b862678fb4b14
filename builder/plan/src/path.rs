//! Paths inside an image: absolute, slash-separated, joined without looking at a file system.

/// Removes empty parts, `.` and each `..` with the part before it; the result is absolute.
pub(crate) fn clean(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Returns what WORKDIR makes of a path: an absolute one stays as written, an empty one changes nothing.
pub(crate) fn workdir(current: &str, path: &str) -> String {
    match path {
        "" => {
            if current.starts_with('/') {
                current.to_owned()
            } else {
                clean(current)
            }
        }
        _ if path.starts_with('/') => path.to_owned(),
        _ => clean(&format!("{current}/{path}")),
    }
}

/// Returns the destination of a COPY; a trailing slash says that it is a directory.
pub(crate) fn destination(workdir: &str, path: &str) -> String {
    let absolute = if path.starts_with('/') { clean(path) } else { clean(&format!("{workdir}/{path}")) };
    let directory = matches!(path, "" | ".") || path.ends_with('/') || path.ends_with("/.");
    if directory && absolute != "/" { absolute + "/" } else { absolute }
}

/// Returns the last part of a path, or the path itself where it has none.
pub(crate) fn base(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    match trimmed.rsplit('/').next() {
        Some("") | None => "/",
        Some(name) => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workdir_joins_relative_paths_and_keeps_absolute_ones() {
        assert_eq!(workdir("/a", "b/../c"), "/a/c");
        assert_eq!(workdir("/a", "/x//y"), "/x//y");
        assert_eq!(workdir("/a", ""), "/a");
        assert_eq!(workdir("", "b"), "/b");
        assert_eq!(workdir("", ""), "/");
    }

    #[test]
    fn destination_tells_directories_by_their_slash() {
        assert_eq!(destination("/w", "."), "/w/");
        assert_eq!(destination("/w", "a"), "/w/a");
        assert_eq!(destination("/w", "./a/"), "/w/a/");
        assert_eq!(destination("/w", "/b/."), "/b/");
        assert_eq!(destination("/w", "/"), "/");
        assert_eq!(destination("/w", "../../../x"), "/x");
    }
}
