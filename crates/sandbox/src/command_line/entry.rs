//! One option as a person sees it: in the help, in the manual page and in a shell's completion.

/// An option's name, its value and its line in the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The short name, such as `-h`; empty if it has none.
    pub short: &'static str,
    /// The long name, with its hyphens.
    pub name: &'static str,
    /// What the help calls its value; empty if it takes none.
    pub value: &'static str,
    /// What it does, in one line.
    pub help: &'static str,
}

/// What a shell offers for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// The option takes no value.
    NoValue,
    /// Folders of the host.
    Folders,
    /// Files of the host.
    Files,
    /// Names of the shell's variables.
    Variables,
    /// One of these words.
    Words(&'static str),
    /// A number or a time: there is nothing to offer.
    Nothing,
}

impl Entry {
    /// Makes an option without a short name. One with an empty `value` takes none.
    pub const fn new(name: &'static str, value: &'static str, help: &'static str) -> Self {
        Self { short: "", name, value, help }
    }

    /// Returns it with a short name.
    #[must_use]
    pub const fn short(mut self, short: &'static str) -> Self {
        self.short = short;
        self
    }

    /// Returns the line of the help.
    pub fn line(&self) -> String {
        let comma = if self.short.is_empty() { "" } else { ", " };
        let head = format!("{}{comma}{} {}", self.short, self.name, self.value);
        format!("  {head:<29} {}\n", self.help)
    }

    pub(super) fn takes_value(&self) -> bool {
        !self.value.is_empty()
    }

    /// Returns what to offer for the value, by what the help calls it.
    pub(super) fn offer(&self) -> Offer {
        match self.value {
            "" => Offer::NoValue,
            "DIR" | "HOST[::GUEST]" => Offer::Folders,
            "FILE" => Offer::Files,
            "KEY[=VALUE]" => Offer::Variables,
            "ENGINE" => Offer::Words("native wasmi"),
            "SHELL" => Offer::Words("bash fish zsh"),
            _ => Offer::Nothing,
        }
    }
}
