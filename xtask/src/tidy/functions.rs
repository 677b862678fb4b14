//! Measures functions in formatted source: rustfmt puts a function's closing brace in the column of its first word.

/// Where a function begins and how long it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    /// The line of the signature, counted from 1.
    pub(super) line: usize,
    /// From the signature to the closing brace, both counted.
    pub(super) lines: usize,
}

/// Returns every function with a body of more than one line, in source order; nested ones count on their own too.
pub(super) fn lengths(text: &str) -> Vec<Function> {
    let lines: Vec<&str> = text.lines().collect();
    let starts = lines.iter().enumerate().filter_map(|(index, line)| Some((index, name(line)?)));
    starts.filter_map(|(index, name)| measure(&lines, index, name)).collect()
}

fn measure(lines: &[&str], start: usize, name: &str) -> Option<Function> {
    let indent = indent_of(lines[start]);
    for (offset, line) in lines[start..].iter().enumerate() {
        let ends_here = offset == 0 && (line.ends_with('}') || line.ends_with(';'));
        // A signature over several lines may end in a semicolon too: then there is no body.
        let declaration =
            offset > 0 && indent_of(line) == indent && line.trim_start().starts_with(')') && line.ends_with(';');
        if ends_here || declaration {
            return None;
        }
        if offset > 0 && indent_of(line) == indent && line.trim() == "}" {
            return Some(Function { name: name.to_owned(), line: start + 1, lines: offset + 1 });
        }
    }
    None
}

/// Returns the name that a line declares a function by, if it does.
fn name(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().peekable();
    while let Some(word) = words.next() {
        match word {
            "fn" => return words.peek().map(|next| next.split(['(', '<']).next().unwrap_or(next)),
            "const" | "async" | "unsafe" | "extern" | "default" | "\"C\"" | "\"system\"" => {}
            _ if word == "pub" || word.starts_with("pub(") || word.ends_with(')') => {}
            _ => return None,
        }
    }
    None
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(text: &str) -> Vec<(String, usize, usize)> {
        lengths(text).into_iter().map(|f| (f.name, f.line, f.lines)).collect()
    }

    #[test]
    fn counts_signature_and_brace() {
        assert_eq!(measured("fn a<T>(\n    b: T,\n) {\n    c();\n}\n"), [("a".to_owned(), 1, 5)]);
    }

    #[test]
    fn sees_every_kind_of_declaration() {
        let text = "impl A {\n    pub(crate) async fn a() {\n        b();\n    }\n    pub(in crate::x) const fn c() {\n        if d {\n        }\n    }\n}\n";
        assert_eq!(measured(text), [("a".to_owned(), 2, 3), ("c".to_owned(), 5, 4)]);
    }

    #[test]
    fn one_line_and_bodiless_functions_do_not_count() {
        let text = "trait A {\n    fn a();\n    fn b(\n        c: D,\n    );\n}\nfn e() {}\nlet f = fn_pointer;\n";
        assert!(measured(text).is_empty());
    }
}
