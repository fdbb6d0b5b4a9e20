//! Loads the objects: shared maps made once, each program given its own chance, so that a kernel that lacks one tracepoint
//! loses that one and no other.

use crate::objects::Object as Compiled;
use crate::refusal::Refusal;
use crate::tracepoints::Tracepoints;
use libbpf_rs::{MapCore, MapHandle, Object, ObjectBuilder, OpenObject, PrintLevel};
use std::collections::HashMap;
use std::os::fd::{AsFd, AsRawFd};

/// What the loads of several objects have in common: the maps that live in more than one of them, by name.
pub(crate) struct Loading {
    maps: HashMap<String, MapHandle>,
    tracepoints: Tracepoints,
    ring_bytes: u32,
}

impl Loading {
    pub fn new(ring_bytes: u32) -> Loading {
        quiet();
        Loading { maps: HashMap::new(), tracepoints: Tracepoints::of_this_kernel(), ring_bytes }
    }
    /// With the maps of objects that are loaded already.
    pub fn joining(ring_bytes: u32, maps: HashMap<String, MapHandle>) -> Loading {
        Loading { maps, ..Loading::new(ring_bytes) }
    }
    pub fn into_maps(self) -> HashMap<String, MapHandle> {
        self.maps
    }
}

/// libbpf's complaints go to the log, not to the terminal.
fn quiet() {
    fn print(level: PrintLevel, text: String) {
        match level {
            PrintLevel::Warn => tracing::debug!(target: "libbpf", "{}", text.trim_end()),
            _ => tracing::trace!(target: "libbpf", "{}", text.trim_end()),
        }
    }
    libbpf_rs::set_print(Some((PrintLevel::Warn, print)));
}

/// Loads what of `object` the kernel takes.
pub(crate) fn load(object: Compiled, loading: &mut Loading) -> (Option<Object>, Vec<Refusal>) {
    let (wanted, mut refused) = match suitable(object, loading) {
        Ok(split) => split,
        Err(error) => return (None, vec![refusal(object.name, &error)]),
    };
    if wanted.is_empty() {
        return (None, refused);
    }
    let error = match load_these(object, loading, &wanted) {
        Ok(loaded) => return (Some(loaded), refused),
        Err(error) => error,
    };
    if let [only] = &wanted[..] {
        refused.push(refusal(only, &error));
        return (None, refused);
    }
    let (loaded, more) = load_what_can(object, loading, wanted);
    refused.extend(more);
    (loaded, refused)
}

/// Names of the programs whose hooks this kernel has, and refusals of the others.
fn suitable(object: Compiled, loading: &Loading) -> Result<(Vec<String>, Vec<Refusal>), libbpf_rs::Error> {
    let open = ObjectBuilder::default().open_memory(object.bytes)?;
    let mut wanted = Vec::new();
    let mut refused = Vec::new();
    for program in open.progs() {
        let name = program.name().to_string_lossy().into_owned();
        let section = program.section().to_string_lossy();
        if loading.tracepoints.suit(&name, &section) {
            wanted.push(name);
        } else {
            let reason = format!("this kernel has no such hook: {section}");
            refused.push(Refusal { name, errno: libc::ESRCH, reason });
        }
    }
    Ok((wanted, refused))
}

/// The slow way after a refusal: each program alone, then those together that were taken.
fn load_what_can(object: Compiled, loading: &mut Loading, wanted: Vec<String>) -> (Option<Object>, Vec<Refusal>) {
    let mut refused = Vec::new();
    let mut taken = Vec::new();
    for name in wanted {
        match open(object, loading, std::slice::from_ref(&name)).and_then(OpenObject::load) {
            Ok(_) => taken.push(name),
            Err(error) => refused.push(refusal(&name, &error)),
        }
    }
    if taken.is_empty() {
        return (None, refused);
    }
    match load_these(object, loading, &taken) {
        Ok(loaded) => (Some(loaded), refused),
        Err(error) => {
            refused.push(refusal(object.name, &error));
            (None, refused)
        }
    }
}

fn load_these(object: Compiled, loading: &mut Loading, wanted: &[String]) -> Result<Object, libbpf_rs::Error> {
    let loaded = open(object, loading, wanted)?.load()?;
    adopt(&loaded, loading)?;
    Ok(loaded)
}

fn open(object: Compiled, loading: &Loading, wanted: &[String]) -> Result<OpenObject, libbpf_rs::Error> {
    let mut open = ObjectBuilder::default().open_memory(object.bytes)?;
    for mut map in open.maps_mut() {
        let name = map.name().to_string_lossy().into_owned();
        if let Some(handle) = loading.maps.get(&name) {
            map.reuse_fd(handle.as_fd())?;
        } else if name == "ring" {
            map.set_max_entries(loading.ring_bytes)?;
        }
    }
    for mut program in open.progs_mut() {
        let autoload = wanted.iter().any(|name| program.name() == name.as_str());
        program.set_autoload(autoload);
    }
    Ok(open)
}

fn adopt(object: &Object, loading: &mut Loading) -> Result<(), libbpf_rs::Error> {
    for map in object.maps() {
        let name = map.name().to_string_lossy().into_owned();
        // .rodata and .bss are each object's own.
        if !name.contains('.') && !loading.maps.contains_key(&name) {
            loading.maps.insert(name, MapHandle::try_from(&map)?);
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
