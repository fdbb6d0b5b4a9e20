//! Every sentence of an incident in English and Japanese, whole: nothing is glued from parts that another language would
//! order otherwise. `{name}` is an argument; `{name|filter}` is one that is itself a word of ours.

mod acts;
mod response;
mod story;
mod strip;
mod timeline;
mod why;
mod words;

pub use words::filtered;

use crate::act::Act;
use acts::{ACTS, ActWords};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    Japanese,
}

impl Language {
    fn of<T>(self, english: T, japanese: T) -> T {
        match self {
            Language::English => english,
            Language::Japanese => japanese,
        }
    }
}

impl crate::model::Text {
    pub fn of(&self, language: Language) -> &str {
        language.of(&self.en, &self.ja)
    }
}

/// Key, English, Japanese.
type Words = &'static [(&'static str, &'static str, &'static str)];

const TEMPLATES: [Words; 5] = [strip::STRIP, why::WHY, story::STORY, timeline::TIMELINE, response::RESPONSE];

/// `story.download` and `impact.miner` are sentences of acts; every other key stands in one of the tables.
pub fn template(key: &str, language: Language) -> Option<&'static str> {
    let found = TEMPLATES.iter().copied().flatten().find(|(name, _, _)| *name == key);
    if let Some((_, en, ja)) = found {
        return Some(language.of(*en, *ja));
    }
    let (part, name) = key.split_once('.')?;
    let words = of_act(Act::from_name(name)?)?;
    let (en, ja) = match part {
        "story" => words.story,
        "impact" => words.harm?,
        _ => return None,
    };
    Some(language.of(en, ja))
}

/// Every key with its sentence in English and in Japanese.
pub fn templates() -> impl Iterator<Item = (String, &'static str, &'static str)> {
    let tables = TEMPLATES.iter().copied().flatten().map(|(key, en, ja)| ((*key).to_owned(), *en, *ja));
    let stories = ACTS.iter().map(|words| (format!("story.{}", words.act.name()), words.story.0, words.story.1));
    let harms = ACTS.iter().filter_map(|words| {
        let (en, ja) = words.harm?;
        Some((format!("impact.{}", words.act.name()), en, ja))
    });
    tables.chain(stories).chain(harms)
}

fn of_act(act: Act) -> Option<&'static ActWords> {
    ACTS.iter().find(|words| words.act == act)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_has_its_words_and_what_is_told_as_harm_its_sentence() {
        let named: Vec<Act> = ACTS.iter().map(|words| words.act).collect();
        assert_eq!(named, Act::ALL);
        for acts in crate::impact::HARM {
            let key = format!("impact.{}", acts[0].name());
            assert!(template(&key, Language::Japanese).is_some(), "{key}");
        }
    }
}
