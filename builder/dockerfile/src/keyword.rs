//! The 18 instructions by name.

macro_rules! keywords {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// Names an instruction.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Keyword { $($variant),+ }

        impl Keyword {
            /// Every name in upper case.
            pub(crate) const NAMES: &'static [&'static str] = &[$($name),+];

            /// Reads a name in any case.
            pub(crate) fn read(text: &str) -> Option<Self> {
                $(if text.eq_ignore_ascii_case($name) { return Some(Self::$variant); })+
                None
            }

            /// Returns the name in upper case.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

keywords! {
    Run = "RUN",
    Copy = "COPY",
    Env = "ENV",
    Arg = "ARG",
    From = "FROM",
    Workdir = "WORKDIR",
    Label = "LABEL",
    Add = "ADD",
    Cmd = "CMD",
    Entrypoint = "ENTRYPOINT",
    Expose = "EXPOSE",
    User = "USER",
    Volume = "VOLUME",
    Shell = "SHELL",
    StopSignal = "STOPSIGNAL",
    Healthcheck = "HEALTHCHECK",
    Onbuild = "ONBUILD",
    Maintainer = "MAINTAINER",
}

impl Keyword {
    /// Tells whether the instruction itself may open heredocs.
    pub(crate) fn takes_heredocs(self) -> bool {
        matches!(self, Self::Run | Self::Copy | Self::Add)
    }
}
