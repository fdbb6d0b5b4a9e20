//! What became of a file: its content before and after, compared.

use super::{ContentKind, NOISE, Sample};

/// From which a whole file is packed so well that its blocks cannot become more like noise.
const DENSE: u16 = 85;

/// What became of a file's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// Nothing, or what honest programs do.
    None,
    /// Nothing to read in it now; it may be under work.
    Emptied,
    /// In a word, how.
    Lost(&'static str),
}

/// What was made of `before`. Formats that are written once and then only read are held to it: no honest program changes
/// the middle of a picture without changing its length.
pub fn harm(before: &Sample, after: &Sample) -> Harm {
    use ContentKind::{Blank, Encoded, Format, Opaque, Text};
    if after.size == 0 {
        return if before.size == 0 { Harm::None } else { Harm::Emptied };
    }
    match (before.kind, after.kind) {
        (Blank, _) => return Harm::None,
        (_, Blank) => return Harm::Lost("wiped"),
        (Format(_), Opaque | Encoded) => return Harm::Lost("its format is gone"),
        (Format(_), Text) if !before.kind.is_program() => return Harm::Lost("its format is gone"),
        (Text, Encoded) => return Harm::Lost("its text is encoded"),
        (Text | Encoded, Opaque) => return Harm::Lost("its text is none any more"),
        // To put a known head before noise is easy; an honest program gives what it packs another name.
        (Text, Format(_)) if after.noise() >= NOISE => return Harm::Lost("its text was packed under the same name"),
        // A picture that became another kind of picture.
        (Format(was), Format(is)) if was != is => return Harm::None,
        (Text, Text) if before.front && !after.front => return Harm::Lost("its beginning is gone"),
        (Text, Text)
            if keeps_size(before, after) && before.words.are_gone_from(&after.words, before.size == after.size) =>
        {
            return Harm::Lost("its words are gone");
        }
        _ => {}
    }
    Comparison::of(before, after).harm(before, after)
}

/// What a copy is that was made of a file before that was deleted: None when it still tells what the file told.
pub fn made_unreadable(before: &Sample, copy: &Sample) -> Option<&'static str> {
    if matches!(copy.kind, ContentKind::Format(_) | ContentKind::Blank) || copy.size * 2 < before.size {
        return None;
    }
    match harm(before, copy) {
        Harm::Lost(how) => Some(how),
        _ => None,
    }
}

/// An encryption takes nothing away.
fn keeps_size(before: &Sample, after: &Sample) -> bool {
    after.size + after.size / 10 >= before.size
}

/// Blocks that were sampled at the same place before and after.
#[derive(Default)]
struct Comparison {
    common: usize,
    changed: usize,
    changed_parts: usize,
    noisy: usize,
    blanked: usize,
}

impl Comparison {
    fn of(before: &Sample, after: &Sample) -> Comparison {
        let mut seen = Comparison::default();
        let same_length = before.size == after.size || before.kind == ContentKind::Text;
        for block in &after.blocks {
            let Some(was) = before.blocks.iter().find(|was| was.offset == block.offset) else { continue };
            seen.common += 1;
            let parts = was.parts.iter().zip(&block.parts).filter(|(was, is)| was != is).count();
            if parts == 0 {
                continue;
            }
            seen.changed += 1;
            seen.changed_parts += parts;
            let noise = block.noise >= NOISE && was.noise + 12 <= block.noise;
            let unreadable = same_length && was.text && !block.text && !block.blank;
            seen.noisy += usize::from(noise || unreadable);
            seen.blanked += usize::from(block.blank && !was.blank);
        }
        seen
    }

    fn harm(&self, before: &Sample, after: &Sample) -> Harm {
        let all = |count: usize| count > 0 && count == self.common;
        let tenth = |count: usize| count >= 2 && count * 10 >= self.common;
        let living = before.kind.is_living();
        let noisy = if living { tenth(self.noisy) } else { self.noisy >= 2 && keeps_size(before, after) };
        let same_size = before.size == after.size;
        let dense = before.noise() >= DENSE;
        let is_document = matches!(before.kind, ContentKind::Format(_)) && !living && !before.kind.is_program();
        let both_opaque = before.kind == ContentKind::Opaque && after.kind == ContentKind::Opaque;
        if noisy || all(self.noisy) && (self.common > 1 || after.kind == ContentKind::Opaque) {
            Harm::Lost("parts of it became noise")
        } else if self.blanked >= 2 && self.blanked * 4 >= self.common && !has_hole(before, after) {
            Harm::Lost("parts of it were wiped")
        } else if dense && is_document && same_size && self.changed_parts >= 4 {
            Harm::Lost("its middle was overwritten at the same length")
        } else if dense && both_opaque && all(self.changed) && (before.size..=before.size + 4096).contains(&after.size)
        {
            Harm::Lost("it was overwritten with noise")
        } else {
            Harm::None
        }
    }
}

/// A log that was emptied, and whose writer goes on where it was.
fn has_hole(before: &Sample, after: &Sample) -> bool {
    let both_text = before.kind == ContentKind::Text && after.kind == ContentKind::Text;
    both_text && after.size >= before.size && after.blocks.last().is_some_and(|last| last.text)
}
