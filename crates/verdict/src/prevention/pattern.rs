//! One entry of `read`, `write` or `run`: a file, a folder with all below (it ends in `/` or `/**`), or a pattern; with `!`
//! before it, what it names is denied.

use crate::Glob;
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PathEntry {
    text: String,
    pub allow: bool,
    pub(super) shape: Shape,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// This very file.
    File(String),
    /// The folder and all below; without its last slash, so empty for the root.
    Tree(String),
    /// The folder before the first wildcard, without its last slash.
    Pattern { anchor: String, glob: Glob },
}

/// An entry as the kernel half can hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KernelPath {
    File(String),
    /// Whatever begins so.
    Prefix(String),
    /// Only what it stands for now can be held: user space looks it up.
    Pattern(String),
}

/// Longer is nothing that a service needs by name.
const MOST_BYTES: usize = 1024;

impl TryFrom<String> for PathEntry {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let path = text.strip_prefix('!').unwrap_or(&text);
        let allow = path.len() == text.len();
        if !path.starts_with('/') {
            return Err(format!("{text:?} is not an absolute path"));
        }
        if path.len() > MOST_BYTES {
            return Err(format!("longer than {MOST_BYTES} bytes"));
        }
        if path.contains("//") || path.split('/').any(|part| part == "." || part == "..") {
            return Err(format!("{text:?} is not a plain path"));
        }
        let tree = path.strip_suffix("/**").or_else(|| path.strip_suffix('/'));
        let shape = match (path.find(['*', '?']), tree) {
            (None, Some(folder)) => Shape::Tree(folder.to_owned()),
            (None, None) => Shape::File(path.to_owned()),
            (Some(_), Some(folder)) if !folder.contains(['*', '?']) => Shape::Tree(folder.to_owned()),
            (Some(at), _) => {
                let anchor = path[..at].rfind('/').map_or("", |slash| &path[..slash]).to_owned();
                Shape::Pattern { anchor, glob: Glob::from(path) }
            }
        };
        Ok(PathEntry { allow, shape, text })
    }
}

impl From<PathEntry> for String {
    fn from(entry: PathEntry) -> String {
        entry.text
    }
}

impl fmt::Display for PathEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PathEntry {
    /// The same entry where `folder` is another name of `real`: what the kernel tells is the real name.
    pub(super) fn moved(&self, real: &dyn Fn(&str) -> Option<String>) -> Option<PathEntry> {
        let (folder, rest) = match &self.shape {
            Shape::File(path) => (path.as_str(), String::new()),
            Shape::Tree(folder) => (folder.as_str(), "/".to_owned()),
            Shape::Pattern { anchor, glob } => (anchor.as_str(), String::from(glob.clone())[anchor.len()..].to_owned()),
        };
        let moved = real(folder).filter(|there| there != folder)?;
        let sign = if self.allow { "" } else { "!" };
        PathEntry::try_from(format!("{sign}{}{rest}", moved.trim_end_matches('/'))).ok()
    }

    /// None for the pattern that nothing but a walk of the disk resolves.
    pub fn kernel_forms(&self) -> Vec<KernelPath> {
        match &self.shape {
            Shape::File(path) => vec![KernelPath::File(path.clone())],
            Shape::Tree(folder) if folder.is_empty() => vec![KernelPath::Prefix("/".into())],
            Shape::Tree(folder) => {
                vec![KernelPath::File(folder.clone()), KernelPath::Prefix(format!("{folder}/"))]
            }
            Shape::Pattern { glob, .. } => {
                let text = String::from(glob.clone());
                match text.strip_suffix('*') {
                    // One star at the very end: whatever begins so.
                    Some(start) if !start.contains(['*', '?']) => vec![KernelPath::Prefix(start.to_owned())],
                    _ => vec![KernelPath::Pattern(text)],
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_entry_may_be() {
        let parse = |text: &str| PathEntry::try_from(text.to_owned());
        let forms = |text: &str| parse(text).unwrap().kernel_forms();
        assert_eq!(forms("/etc/passwd"), [KernelPath::File("/etc/passwd".into())]);
        let tree = [KernelPath::File("/etc/nginx".into()), KernelPath::Prefix("/etc/nginx/".into())];
        assert_eq!((forms("/etc/nginx/"), forms("/etc/nginx/**")), (tree.to_vec(), tree.to_vec()));
        assert_eq!(forms("/"), [KernelPath::Prefix("/".into())]);
        assert_eq!(forms("/tmp/sess_*"), [KernelPath::Prefix("/tmp/sess_".into())]);
        assert_eq!(forms("/usr/lib/*/x"), [KernelPath::Pattern("/usr/lib/*/x".into())]);
        assert!(!parse("!/etc/shadow").unwrap().allow);
        for wrong in ["etc", "", "!", "/a/../b", "/a//b", "/./a"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn another_name_of_a_folder() {
        let real = |path: &str| path.strip_prefix("/lib").map(|rest| format!("/usr/lib{rest}"));
        let moved =
            |text: &str| PathEntry::try_from(text.to_owned()).unwrap().moved(&real).map(|entry| entry.to_string());
        assert_eq!(moved("/lib/").as_deref(), Some("/usr/lib/"));
        assert_eq!(moved("!/lib/x.so").as_deref(), Some("!/usr/lib/x.so"));
        assert_eq!(moved("/lib/*/y").as_deref(), Some("/usr/lib/*/y"));
        assert_eq!(moved("/etc/"), None);
    }
}
