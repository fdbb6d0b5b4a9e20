//! Loads the objects: shared maps made once, each program given its own chance, so that a kernel that lacks one tracepoint
//! loses that one and no other.

use crate::objects::Object as Compiled;
use crate::refusal::Refusal;
use libbpf_rs::{MapCore, MapHandle, Object, ObjectBuilder, OpenObject, PrintLevel};
use std::collections::HashMap;
use std::os::fd::{AsFd, AsRawFd};

/// Maps that live in more than one object, by name.
#[derive(Default)]
pub(crate) struct SharedMaps(HashMap<String, MapHandle>);

impl SharedMaps {
    pub fn get(&self, name: &str) -> Option<&MapHandle> {
        self.0.get(name)
    }
    pub fn into_inner(self) -> HashMap<String, MapHandle> {
        self.0
    }
}

/// libbpf's complaints go to the log, not to the terminal.
pub(crate) fn quiet() {
    fn print(level: PrintLevel, text: String) {
        match level {
            PrintLevel::Warn => tracing::debug!(target: "libbpf", "{}", text.trim_end()),
            _ => tracing::trace!(target: "libbpf", "{}", text.trim_end()),
        }
    }
    libbpf_rs::set_print(Some((PrintLevel::Warn, print)));
}

/// Loads what of `object` the kernel takes. Maps named in `shared` are reused, others are added to it.
pub(crate) fn load(object: Compiled, ring_bytes: u32, shared: &mut SharedMaps) -> (Option<Object>, Vec<Refusal>) {
    let whole = open(object, ring_bytes, shared, &|_| true).and_then(OpenObject::load);
    match whole {
        Ok(loaded) => match adopt(&loaded, shared) {
            Ok(()) => (Some(loaded), Vec::new()),
            Err(error) => (None, vec![refusal(object.name, &error)]),
        },
        Err(error) => load_what_can(object, ring_bytes, shared, error),
    }
}

/// The slow way after a refusal: each program alone, then those together that were taken.
fn load_what_can(
    object: Compiled,
    ring_bytes: u32,
    shared: &mut SharedMaps,
    first: libbpf_rs::Error,
) -> (Option<Object>, Vec<Refusal>) {
    let mut refused = Vec::new();
    let mut taken = Vec::new();
    for name in program_names(object) {
        match open(object, ring_bytes, shared, &|program| program == name).and_then(OpenObject::load) {
            Ok(_) => taken.push(name),
            Err(error) => refused.push(refusal(&name, &error)),
        }
    }
    if taken.is_empty() {
        if refused.is_empty() {
            refused.push(refusal(object.name, &first));
        }
        return (None, refused);
    }
    let loaded = open(object, ring_bytes, shared, &|program| taken.iter().any(|t| t == program))
        .and_then(OpenObject::load)
        .and_then(|loaded| adopt(&loaded, shared).map(|()| loaded));
    match loaded {
        Ok(loaded) => (Some(loaded), refused),
        Err(error) => {
            refused.push(refusal(object.name, &error));
            (None, refused)
        }
    }
}

fn program_names(object: Compiled) -> Vec<String> {
    let Ok(open) = ObjectBuilder::default().open_memory(object.bytes) else { return Vec::new() };
    open.progs().map(|p| p.name().to_string_lossy().into_owned()).collect()
}

fn open(
    object: Compiled,
    ring_bytes: u32,
    shared: &SharedMaps,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<OpenObject, libbpf_rs::Error> {
    let mut open = ObjectBuilder::default().open_memory(object.bytes)?;
    for mut map in open.maps_mut() {
        let name = map.name().to_string_lossy().into_owned();
        if let Some(handle) = shared.get(&name) {
            map.reuse_fd(handle.as_fd())?;
        } else if name == "ring" {
            map.set_max_entries(ring_bytes)?;
        }
    }
    for mut program in open.progs_mut() {
        let name = program.name().to_string_lossy().into_owned();
        program.set_autoload(wanted(&name));
    }
    Ok(open)
}

fn adopt(object: &Object, shared: &mut SharedMaps) -> Result<(), libbpf_rs::Error> {
    for map in object.maps() {
        let name = map.name().to_string_lossy().into_owned();
        // .rodata and .bss are each object's own.
        if !name.contains('.') && !shared.0.contains_key(&name) {
            shared.0.insert(name, MapHandle::try_from(&map)?);
        }
    }
    Ok(())
}

/// A program that was not wanted in this load has no descriptor.
pub(crate) fn is_loaded<T>(program: &libbpf_rs::ProgramImpl<'_, T>) -> bool {
    program.as_fd().as_raw_fd() >= 0
}

pub(crate) fn loaded_programs(object: &Object) -> Vec<String> {
    object.progs().filter(is_loaded).map(|program| program.name().to_string_lossy().into_owned()).collect()
}

pub(crate) fn refusal(name: &str, error: &libbpf_rs::Error) -> Refusal {
    let reason = format!("{error:#}");
    Refusal { name: name.to_owned(), errno: errno_in(&reason), reason }
}

/// libbpf-rs keeps the errno only in its text.
fn errno_in(text: &str) -> i32 {
    let after = text.rsplit_once("(os error ").map_or("", |(_, after)| after);
    after.split(')').next().and_then(|n| n.parse().ok()).unwrap_or(0)
}
