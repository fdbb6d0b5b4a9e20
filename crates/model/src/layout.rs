//! What a feature layout is: a fixed order of numbers about a file or a command line, each with a name and the words that an
//! analyst would use for it. `ember`, `elf`, `script` and `command` each offer one or more; a model names the one it was trained on.

use std::borrow::Cow;

/// Words for a feature, or for a group of features that mean one thing together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Words {
    /// Stable key: features with the same key are told as one reason (`"section.entropy"`).
    pub key: &'static str,
    /// A short phrase in English (`"high entropy in a section"`).
    pub en: &'static str,
    /// The same in Japanese.
    pub ja: &'static str,
}

/// One fixed order of features. Its `id` changes whenever the meaning of any value does, so that a model trained on another
/// order is refused instead of fed.
pub trait Layout: Sync {
    /// `"ember-v3"`, `"elf-1"`, ...
    fn id(&self) -> &'static str;
    /// How many numbers.
    fn width(&self) -> usize;
    /// Replaces `row` by the `width()` features of `bytes`. Never fails and never panics: what cannot be read is
    /// a value too (zero, or a "lies" feature).
    fn extract(&self, bytes: &[u8], row: &mut Vec<f32>);
    /// Unique name of one feature, as the trainer writes it into the model (no spaces).
    fn name(&self, index: usize) -> Cow<'static, str>;
    /// What an analyst would say of this feature when it has this value (`"high entropy in a section"`, `"no exports"`).
    fn words(&self, index: usize, value: f32) -> Words;
    /// Features that are categories and not amounts, for the trainer.
    fn categorical(&self) -> &'static [usize] {
        &[]
    }
}
