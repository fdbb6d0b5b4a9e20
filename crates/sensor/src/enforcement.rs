//! The enforce tier's hold on the kernel: the list of denied programs, the guard over the agent itself, and the heart-beat
//! without which the kernel refuses nothing.

use crate::decode::kernel_dev;
use crate::loader::{self, Loading};
use crate::pins::{HoldError, Pins};
use crate::pulse::Pulse;
use crate::refusal::Refusal;
use crate::{DenyError, Guards, StartError, objects};
use event::FileIdentity;
use libbpf_rs::{Link, MapCore, MapFlags, MapHandle, Object};
use std::collections::HashMap;

const GUARD_SELF: u32 = 1;
const GUARD_MODULES: u32 = 2;
const GUARD_STAYS: u32 = 4;

pub(crate) struct Enforcement {
    links: Vec<Link>,
    _object: Object,
    maps: HashMap<String, MapHandle>,
    guards: Guards,
    stays: bool,
    pulse: Pulse,
    pub refused: Vec<Refusal>,
}

impl Enforcement {
    /// `loading` shares the ring that refusals are told through.
    pub fn start(mut loading: Loading, guards: Guards, pulse: Pulse) -> Result<Enforcement, StartError> {
        let (object, mut refused) = loader::load(objects::enforce(), &mut loading);
        let Some(object) = object else {
            let reason = refused.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            return Err(StartError::Load { object: "enforce", reason });
        };
        let mut links = Vec::new();
        for program in object.progs_mut().filter(loader::is_loaded) {
            match program.attach_lsm() {
                Ok(link) => links.push(link),
                Err(error) => refused.push(loader::refusal(&program.name().to_string_lossy(), &error)),
            }
        }
        let maps = loading.into_maps();
        let this = Enforcement { links, _object: object, maps, guards, stays: false, pulse, refused };
        this.tell_guards().map_err(|error| StartError::Load { object: "enforce", reason: format!("{error:#}") })?;
        Ok(this)
    }

    /// `struct guard` of enforce.bpf.c, the beat first.
    fn tell_guards(&self) -> Result<(), libbpf_rs::Error> {
        let mut guard = vec![0; 8];
        let flags = (u32::from(self.guards.agent) * GUARD_SELF)
            | (u32::from(self.guards.modules) * GUARD_MODULES)
            | (u32::from(self.stays) * GUARD_STAYS);
        guard.extend(flags.to_ne_bytes());
        guard.extend(std::process::id().to_ne_bytes());
        self.pulse.put("guards", &self.maps["guards"], &guard, 0)
    }

    pub fn set_guards(&mut self, guards: Guards) {
        if self.guards != guards {
            self.guards = guards;
            if let Err(error) = self.tell_guards() {
                tracing::error!(error = format!("{error:#}"), "the kernel's guards could not be set");
            }
        }
    }

    /// Whether what is refused stays so without a beat, and without us.
    pub fn hold(&mut self, stays: bool, pins: &Pins) -> Result<(), HoldError> {
        if self.stays != stays {
            self.stays = stays;
            self.tell_guards().map_err(|error| HoldError::Settings(format!("{error:#}")))?;
        }
        if stays { pins.hold("enforce", &mut self.links) } else { pins.let_go(&mut self.links) }
    }

    pub fn deny(&self, file: FileIdentity) -> Result<(), DenyError> {
        let map = &self.maps["denied_files"];
        map.update(&key(file), &[1], MapFlags::ANY).map_err(|e| DenyError::Map(std::io::Error::other(e)))
    }

    pub fn allow(&self, file: FileIdentity) -> Result<(), DenyError> {
        match self.maps["denied_files"].delete(&key(file)) {
            Err(error) if error.kind() != libbpf_rs::ErrorKind::NotFound => {
                Err(DenyError::Map(std::io::Error::other(error)))
            }
            _ => Ok(()),
        }
    }

    /// Acts that the kernel refused since the start; None when its map cannot be read.
    pub fn refusals(&self) -> Option<u64> {
        crate::stats::count(&self.maps["refusals"], 0)
    }
}

/// `struct denied` of enforce.bpf.c.
fn key(file: FileIdentity) -> Vec<u8> {
    let ctime = file.ctime.nanos() as u64;
    [file.inode, file.size, ctime, kernel_dev(file.dev).into()].iter().flat_map(|n| n.to_ne_bytes()).collect()
}
