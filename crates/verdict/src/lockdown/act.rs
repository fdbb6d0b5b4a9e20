//! How a file is about to be used, and the acts that have no file of their own.

use super::{Answer, Lockdown};
use serde::{Deserialize, Serialize};

/// What is about to be done with a file that holds code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// execve of it.
    Program,
    /// Given to the dynamic loader by name: it runs without being executed.
    Loaded,
    /// Mapped executable into a process.
    Library,
    /// An interpreter is about to read it, by its `#!` or as an argument.
    Script,
    /// Standard input of an interpreter is this file.
    Input,
    /// Loaded into the kernel.
    Module,
}

impl Use {
    pub const fn name(self) -> &'static str {
        match self {
            Use::Program => "program",
            Use::Loaded => "program given to the loader",
            Use::Library => "library",
            Use::Script => "script",
            Use::Input => "script at standard input",
            Use::Module => "kernel module",
        }
    }

    /// Of the rule under which it is told, and for exceptions: `lockdown.program` and so on.
    pub const fn rule_id(self) -> &'static str {
        match self {
            Use::Program => "lockdown.program",
            Use::Loaded => "lockdown.loader",
            Use::Library => "lockdown.library",
            Use::Script => "lockdown.script",
            Use::Input => "lockdown.input",
            Use::Module => "lockdown.module",
        }
    }

    /// Whether the policy asks about such files at all.
    pub const fn is_asked(self, settings: &Lockdown) -> bool {
        match self {
            Use::Program => true,
            Use::Module => !matches!(settings.modules, Answer::Allow),
            Use::Loaded => !matches!(settings.loader, Answer::Allow),
            Use::Library => settings.libraries,
            Use::Script | Use::Input => settings.scripts,
        }
    }
}

/// An act that the policy answers by itself: there is no file whose trust could decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Code as an argument of an interpreter: `sh -c`.
    Inline,
    /// Code through a pipe or socket at an interpreter's standard input.
    Piped,
    /// What an interpreter is told to run is there, and cannot be looked at: its arguments, or the file that they name.
    Unread,
    /// A program that is in memory only, or whose file has no name any more.
    Fileless,
    /// A kernel module that came from memory.
    ModuleData,
    /// Attaching to another process, or writing to memory through /proc.
    Trace,
    /// Any use of a file whose file system is not the kernel's own: what was judged need not be what runs.
    Foreign,
}

impl Act {
    pub const fn name(self) -> &'static str {
        match self {
            Act::Inline => "code as an argument",
            Act::Piped => "code through a pipe",
            Act::Unread => "code that cannot be looked at",
            Act::Fileless => "a program without a file",
            Act::ModuleData => "a kernel module from memory",
            Act::Trace => "taking over another process",
            Act::Foreign => "code on a file system that may change it behind the kernel's back",
        }
    }

    pub const fn rule_id(self) -> &'static str {
        match self {
            Act::Inline => "lockdown.inline",
            Act::Piped => "lockdown.piped",
            Act::Unread => "lockdown.unread",
            Act::Fileless => "lockdown.fileless",
            Act::ModuleData => "lockdown.module-data",
            Act::Trace => "lockdown.trace",
            Act::Foreign => "lockdown.foreign",
        }
    }

    pub const fn answer(self, settings: &Lockdown) -> Answer {
        match self {
            Act::Inline => settings.inline,
            // As good as a pipe: nobody can say what comes out of it.
            Act::Piped | Act::Unread => settings.piped,
            Act::Fileless => settings.fileless,
            Act::ModuleData => settings.modules,
            Act::Trace => settings.tracing,
            Act::Foreign => settings.foreign,
        }
    }
}
