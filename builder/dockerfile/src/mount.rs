//! Reads the options of `--mount` and `--device`, and gives a mount its meaning once variables are expanded.

use std::fmt::Display;

use crate::diagnostic::{Code, Diagnostics};
use crate::span::{Span, Spanned};
use crate::suggest::nearest;
use crate::syntax::{Device, Mount, MountError, MountKey, MountKind, MountOption, MountSettings, Sharing};

const KEYS: [(&str, MountKey); 19] = [
    ("type", MountKey::Type),
    ("from", MountKey::From),
    ("source", MountKey::Source),
    ("target", MountKey::Target),
    ("readonly", MountKey::ReadOnly),
    ("id", MountKey::Id),
    ("sharing", MountKey::Sharing),
    ("required", MountKey::Required),
    ("size", MountKey::Size),
    ("mode", MountKey::Mode),
    ("uid", MountKey::Uid),
    ("gid", MountKey::Gid),
    ("src", MountKey::Source),
    ("dst", MountKey::Target),
    ("destination", MountKey::Target),
    ("ro", MountKey::ReadOnly),
    ("rw", MountKey::ReadWrite),
    ("readwrite", MountKey::ReadWrite),
    ("env", MountKey::Env),
];

const KINDS: [(&str, MountKind); 5] = [
    ("bind", MountKind::Bind),
    ("cache", MountKind::Cache),
    ("tmpfs", MountKind::Tmpfs),
    ("secret", MountKind::Secret),
    ("ssh", MountKind::Ssh),
];

const SHARINGS: [(&str, Sharing); 3] =
    [("shared", Sharing::Shared), ("private", Sharing::Private), ("locked", Sharing::Locked)];

/// Reads the value of a `--mount` flag; problems that no variable can mend are reported at once.
pub(crate) fn read_mount(value: &Spanned<String>, diagnostics: &mut Diagnostics) -> Option<Mount> {
    let fields = fields(value, Code::InvalidMount, diagnostics)?;
    let mut options = Vec::with_capacity(fields.len());
    for text in fields {
        let (key, option) = split(&text.value);
        let Some(key) = find(&KEYS, &key) else {
            let suggestion = nearest(&key, KEYS.iter().map(|(name, _)| *name)).map(str::to_owned);
            let message = format!("unknown mount option `{key}`");
            diagnostics.misspelt(text.span, Code::InvalidMount, message, suggestion);
            return None;
        };
        options.push(MountOption { key, value: option, text });
    }
    let mount = Mount { span: value.span, options };
    if let Err(error) = mount.check() {
        diagnostics.error(error.span, Code::InvalidMount, error.message);
        return None;
    }
    Some(mount)
}

/// Reads the value of a `--device` flag.
pub(crate) fn read_device(value: &Spanned<String>, diagnostics: &mut Diagnostics) -> Option<Device> {
    let mut device = Device { span: value.span, name: String::new(), required: false };
    for field in fields(value, Code::InvalidDevice, diagnostics)? {
        let (key, option) = split(&field.value);
        let outcome = match (key.as_str(), option) {
            ("required", None) => {
                device.required = true;
                Ok(())
            }
            ("required", Some(option)) => boolean(&option)
                .map(|required| device.required = required)
                .ok_or_else(|| format!("`{option}` is no truth value for `required`")),
            ("name", Some(name)) if device.name.is_empty() => {
                device.name = name;
                Ok(())
            }
            ("name", Some(_)) => Err(format!("the device is already named `{}`", device.name)),
            _ if device.name.is_empty() => {
                device.name.clone_from(&field.value);
                Ok(())
            }
            (_, None) => Err(format!("device option `{}` needs a value", field.value)),
            (_, Some(_)) => Err(format!("unknown device option `{key}`")),
        };
        if let Err(message) = outcome {
            diagnostics.error(field.span, Code::InvalidDevice, message);
            return None;
        }
    }
    Some(device)
}

fn find<T: Clone>(table: &[(&str, T)], name: &str) -> Option<T> {
    table.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone())
}

fn split(field: &str) -> (String, Option<String>) {
    match field.split_once('=') {
        Some((key, value)) => (key.to_lowercase(), Some(value.to_owned())),
        None => (field.to_lowercase(), None),
    }
}

/// Splits a value at its commas as one CSV record, quoted fields included.
fn fields(value: &Spanned<String>, code: Code, diagnostics: &mut Diagnostics) -> Option<Vec<Spanned<String>>> {
    let text = &value.value;
    if text.is_empty() {
        diagnostics.error(value.span, code, "the value of the flag is empty");
        return None;
    }
    // Quotes and continuations in the flag take bytes that its value lacks; then the whole flag is the place.
    let exact = value.span.len() as usize == text.len();
    let mut fields = Vec::new();
    let mut at = 0;
    loop {
        let start = at;
        let Some(field) = field(text, &mut at) else {
            diagnostics.error(value.span, code, format!("the quotes in `{text}` do not match"));
            return None;
        };
        let from = value.span.start;
        let span = if exact { Span::new(from + start as u32, from + at as u32) } else { value.span };
        fields.push(Spanned::new(field, span));
        if at == text.len() {
            return Some(fields);
        }
        at += 1;
    }
}

/// Reads one field; `at` ends on its comma or at the end of the text.
fn field(text: &str, at: &mut usize) -> Option<String> {
    let Some(mut rest) = text[*at..].strip_prefix('"') else {
        let rest = &text[*at..];
        let field = &rest[..rest.find(',').unwrap_or(rest.len())];
        *at += field.len();
        return (!field.contains('"')).then(|| field.to_owned());
    };
    let mut field = String::new();
    loop {
        let quote = rest.find('"')?;
        field.push_str(&rest[..quote]);
        rest = &rest[quote + 1..];
        match rest.chars().next() {
            Some('"') => {
                field.push('"');
                rest = &rest[1..];
            }
            None | Some(',') => {
                *at = text.len() - rest.len();
                return Some(field);
            }
            Some(_) => return None,
        }
    }
}

/// Reads a truth value in the spellings of Go.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

impl Mount {
    /// Gives the mount its meaning; `expand` expands the variables of each value.
    ///
    /// # Errors
    /// Returns the first option that cannot be read, is not for the kind of mount, or contradicts another.
    pub fn resolve<E: Display>(
        &self,
        mut expand: impl FnMut(&str) -> Result<String, E>,
    ) -> Result<MountSettings, MountError> {
        let mut reading = Reading { settings: MountSettings::default(), read_only: None };
        for option in &self.options {
            let fail = |message: String| MountError { span: option.text.span, message };
            match &option.value {
                None => reading.switch(option).map_err(fail)?,
                Some(value) => {
                    let value = expand(value).map_err(|error| fail(error.to_string()))?;
                    reading.option(option, value).map_err(fail)?;
                }
            }
        }
        reading.finish().map_err(|message| MountError { span: self.span, message })
    }

    /// Finds what is wrong whatever the variables hold.
    fn check(&self) -> Result<(), MountError> {
        let from = self.options.iter().filter(|option| option.key == MountKey::From);
        for (option, value) in from.filter_map(|option| Some((option, option.value.as_deref()?))) {
            if value.find('$').is_some_and(|index| index + 1 != value.len()) {
                let message = "`from` takes no variable; declare a stage with that base and name it".to_owned();
                return Err(MountError { span: option.text.span, message });
            }
        }
        let is_plain = |value: &String| !value.contains(['$', '\'', '"', '\\', '`']);
        if self.options.iter().filter_map(|option| option.value.as_ref()).all(is_plain) {
            self.resolve(|value| Ok::<_, String>(value.to_owned()))?;
        }
        Ok(())
    }
}

struct Reading {
    settings: MountSettings,
    read_only: Option<bool>,
}

impl Reading {
    /// Takes an option without a value.
    fn switch(&mut self, option: &MountOption) -> Result<(), String> {
        match option.key {
            MountKey::ReadOnly => self.read_only = Some(true),
            MountKey::ReadWrite => self.read_only = Some(false),
            MountKey::Required => {
                self.only_for(option, &[MountKind::Secret, MountKind::Ssh])?;
                self.settings.required = true;
            }
            _ => return Err(format!("mount option `{}` needs a value", option.text.value)),
        }
        Ok(())
    }

    /// Takes an option with its expanded value.
    fn option(&mut self, option: &MountOption, value: String) -> Result<(), String> {
        let bad = || format!("invalid value `{value}` in mount option `{}`", option.text.value);
        let given = |value: String| (!value.is_empty()).then_some(value);
        let settings = &mut self.settings;
        match option.key {
            MountKey::Type => settings.kind = named(&KINDS, &value, "mount type")?,
            MountKey::Sharing => settings.sharing = Some(named(&SHARINGS, &value, "sharing")?),
            MountKey::ReadOnly => self.read_only = Some(boolean(&value).ok_or_else(bad)?),
            MountKey::ReadWrite => self.read_only = Some(!boolean(&value).ok_or_else(bad)?),
            MountKey::Mode => settings.mode = Some(number(&value, 8).ok_or_else(bad)?),
            MountKey::Uid => settings.uid = Some(number(&value, 10).ok_or_else(bad)?),
            MountKey::Gid => settings.gid = Some(number(&value, 10).ok_or_else(bad)?),
            MountKey::Required => {
                self.only_for(option, &[MountKind::Secret, MountKind::Ssh])?;
                self.settings.required = boolean(&value).ok_or_else(bad)?;
            }
            MountKey::Size => {
                self.only_for(option, &[MountKind::Tmpfs])?;
                self.settings.size = Some(size(&value).ok_or_else(bad)?);
            }
            MountKey::From => settings.from = given(value),
            MountKey::Source => settings.source = given(value),
            MountKey::Target => settings.target = given(value),
            MountKey::Id => settings.id = given(value),
            MountKey::Env => settings.env = Some(value),
        }
        Ok(())
    }

    fn only_for(&self, option: &MountOption, kinds: &[MountKind]) -> Result<(), String> {
        if kinds.contains(&self.settings.kind) {
            return Ok(());
        }
        Err(format!("`{}` is not for mounts of type {}", option.text.value, self.settings.kind.name()))
    }

    /// Applies the defaults and checks what the options say together.
    fn finish(mut self) -> Result<MountSettings, String> {
        let settings = &mut self.settings;
        let kind = settings.kind;
        let owned = matches!(kind, MountKind::Secret | MountKind::Ssh | MountKind::Cache);
        let attributes =
            [("mode", settings.mode.is_some()), ("uid", settings.uid.is_some()), ("gid", settings.gid.is_some())];
        if let Some((name, _)) = attributes.into_iter().find(|(_, given)| *given && !owned) {
            return Err(format!("`{name}` is not for mounts of type {}", kind.name()));
        }
        settings.read_only = self.read_only.unwrap_or(!matches!(kind, MountKind::Cache | MountKind::Tmpfs));
        if kind == MountKind::Secret {
            if settings.from.is_some() {
                return Err("a secret comes from the builder, `from` is not for it".to_owned());
            }
            if settings.source.is_none() && settings.target.is_none() && settings.id.is_none() {
                return Err("a secret needs an `id` or a `target`".to_owned());
            }
            if settings.source.is_some() && settings.id.is_some() {
                return Err("`source` and `id` both name the secret".to_owned());
            }
        }
        if settings.sharing.is_some() && kind != MountKind::Cache {
            return Err(format!("`sharing` is not for mounts of type {}", kind.name()));
        }
        Ok(self.settings)
    }
}

impl MountKind {
    /// Returns the name in Dockerfiles.
    pub fn name(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

fn named<T: Clone>(table: &[(&str, T)], value: &str, what: &str) -> Result<T, String> {
    find(table, &value.to_lowercase()).ok_or_else(|| match nearest(value, table.iter().map(|(name, _)| *name)) {
        Some(word) => format!("unknown {what} `{value}`; did you mean `{word}`?"),
        None => format!("unknown {what} `{value}`"),
    })
}

fn number(text: &str, radix: u32) -> Option<u32> {
    // The standard reader takes a sign, Go's does not.
    text.bytes().next().filter(u8::is_ascii_digit)?;
    u32::from_str_radix(text, radix).ok()
}

/// Reads a size such as `64m` or `1.5 GiB` in bytes; units are binary.
fn size(text: &str) -> Option<u64> {
    let last = text.rfind(|char: char| char.is_ascii_digit() || matches!(char, '.' | ' '))?;
    let (number, unit) = text.split_at(last + 1);
    let number: f64 = number.strip_suffix(' ').unwrap_or(number).parse().ok()?;
    let unit = unit.to_lowercase();
    let power = match unit.as_bytes().first() {
        None => 0,
        Some(b'b') if unit.len() == 1 => 0,
        Some(first) if matches!(&unit[1..], "" | "b" | "ib") => 1 + "kmgtp".find(char::from(*first))?,
        Some(_) => return None,
    };
    (number >= 0.0 && number.is_finite()).then(|| (number * 1024_f64.powi(power as i32)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(text: &str) -> Result<MountSettings, String> {
        let mut diagnostics = Diagnostics::default();
        let value = Spanned::new(text.to_owned(), Span::new(0, text.len() as u32));
        let mount = read_mount(&value, &mut diagnostics);
        match mount {
            Some(mount) => mount.resolve(|value| Ok::<_, String>(value.to_owned())).map_err(|error| error.message),
            None => Err(diagnostics.finish().remove(0).message),
        }
    }

    #[test]
    fn every_key_of_a_cache() {
        let text = "type=cache,id=a,target=/a,ro,sharing=LOCKED,from=b,source=/c,mode=0700,uid=1,\"gid=2\"";
        let settings = MountSettings {
            kind: MountKind::Cache,
            id: Some("a".into()),
            target: Some("/a".into()),
            read_only: true,
            sharing: Some(Sharing::Locked),
            from: Some("b".into()),
            source: Some("/c".into()),
            mode: Some(0o700),
            uid: Some(1),
            gid: Some(2),
            ..MountSettings::default()
        };
        assert_eq!(resolve(text), Ok(settings));
    }

    #[test]
    fn defaults_of_the_kinds() {
        assert!(resolve("target=/a").expect("valid").read_only);
        assert!(!resolve("target=/a,rw").expect("valid").read_only);
        assert!(!resolve("type=tmpfs,target=/a,size=1.5k").expect("valid").read_only);
        assert_eq!(resolve("type=tmpfs,target=/a,size=1.5k").expect("valid").size, Some(1536));
    }

    #[test]
    fn what_does_not_fit_together() {
        for text in [
            "type=secret,from=a,id=b",
            "type=secret",
            "type=secret,id=a,source=b",
            "type=bind,uid=1",
            "type=bind,sharing=shared",
            "type=bind,size=1",
            "required,type=secret,id=a",
            "type=tmpfs,size=-1",
            "type=cache,mode=9",
            "type=cache,uid=+1",
            "target",
            "tpye=bind",
            "",
            "a\"b",
            "from=$a,target=/a",
        ] {
            assert!(resolve(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_with_units() {
        let cases = [("1", 1), ("2k", 2048), ("1 KiB", 1024), ("3MB", 3 << 20), ("7b", 7), ("1g", 1 << 30)];
        for (text, bytes) in cases {
            assert_eq!(size(text), Some(bytes), "{text}");
        }
        for text in ["", "k", "1x", "1bb", "1kbb", "-1"] {
            assert_eq!(size(text), None, "{text}");
        }
    }
}
