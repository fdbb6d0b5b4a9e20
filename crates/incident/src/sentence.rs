//! Sentences: a key, its arguments and its evidence, rendered at once in both languages. The templates are in
//! [`crate::wording`]; arguments are hostile text (command lines, paths) and come out with control and hiding characters
//! escaped, so that neither terminal nor page obeys them.

use crate::model::{Sentence, Text};
use crate::wording::{self, Language};
use event::text::{clip, printable};
use std::collections::BTreeMap;

/// Longest argument in a sentence; the whole text stands elsewhere on the page.
const LONGEST: usize = 240;

pub fn say<'a>(
    key: &str,
    args: impl IntoIterator<Item = (&'a str, String)>,
    evidence: impl IntoIterator<Item = String>,
) -> Sentence {
    let args: BTreeMap<String, String> =
        args.into_iter().map(|(name, value)| (name.to_owned(), tame(&value))).collect();
    let text = Text { en: render(key, &args, Language::English), ja: render(key, &args, Language::Japanese) };
    Sentence { key: key.to_owned(), args, evidence: evidence.into_iter().take(50).collect(), text }
}

/// Control and hiding characters written out, and no longer than a sentence bears.
pub(crate) fn tame(value: &str) -> String {
    let clipped = clip(value, LONGEST);
    let tail = if clipped.len() < value.len() { "…" } else { "" };
    format!("{}{tail}", printable(clipped))
}

/// The sentence of `key` in one language. An unknown key gives the key itself: visible, never empty.
pub fn render(key: &str, args: &BTreeMap<String, String>, language: Language) -> String {
    let Some(template) = wording::template(key, language) else { return key.to_owned() };
    let mut out = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (hole, tail) = after.split_once('}').unwrap_or((after, ""));
        let (name, filter) = hole.split_once('|').unwrap_or((hole, ""));
        let value = args.get(name).map_or("?", String::as_str);
        out.push_str(&wording::filtered(value, filter, language));
        rest = tail;
    }
    out.push_str(rest);
    out
}
