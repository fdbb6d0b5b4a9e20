//! One file that a tree made: what is in it once it was written.

use super::sample;
use super::tree::id;
use super::watched::{Watched, stamp};
use super::who::Who;
use detect::{FileId, Sample, made_unreadable};
use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub struct Made {
    pub id: FileId,
    pub path: PathBuf,
    pub who: Arc<Who>,
    file: File,
    changed: Option<(i64, i64)>,
    content: Option<Box<Sample>>,
}

impl Made {
    /// None when no descriptor can be had for it.
    pub fn new(file: &File, meta: &Metadata, path: &Path, who: Arc<Who>) -> Option<Made> {
        let file = file.try_clone().ok()?;
        Some(Made { id: id(meta), path: path.to_owned(), who, file, changed: None, content: None })
    }

    /// True when what is in it is news.
    pub fn look(&mut self) -> bool {
        let Ok(meta) = self.file.metadata() else { return false };
        if Some(stamp(&meta)) == self.changed || meta.len() == 0 {
            return false;
        }
        self.content = sample::of(&self.file).map(Box::new);
        self.changed = Some(stamp(&meta));
        self.content.is_some()
    }

    pub fn content(&self) -> Option<&Sample> {
        self.content.as_deref()
    }

    /// How this copy of a file that is gone came to tell nothing of it. By its name: the same with something behind it, or
    /// with another end.
    pub fn unreadable(&self, gone: &Watched, before: &Sample) -> Option<&'static str> {
        let (copy, was) = (self.path.file_name()?.to_str()?, gone.path.file_name()?.to_str()?);
        let stem = was.rsplit_once('.').map_or(was, |(stem, _)| stem);
        let related = copy.starts_with(was) || stem.len() >= 3 && copy.starts_with(stem) || copy.contains(was);
        let content = self.content.as_deref().filter(|_| related)?;
        made_unreadable(before, content)
    }
}
