//! One record, flat: names and values in one buffer that is used again for the next.

use event::Timestamp;
use rules::{LogSource, Record};
use std::sync::LazyLock;

/// What the reader knows of where a record is from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    #[default]
    Unknown,
    Windows,
    Linux,
    Auditd,
}

impl Origin {
    /// As a rule would ask for it; None where it is not known.
    pub fn source(self) -> Option<&'static LogSource> {
        fn of(product: &str, service: Option<&str>) -> LogSource {
            LogSource { product: Some(product.into()), category: None, service: service.map(str::to_owned) }
        }
        static WINDOWS: LazyLock<LogSource> = LazyLock::new(|| of("windows", None));
        static LINUX: LazyLock<LogSource> = LazyLock::new(|| of("linux", None));
        static AUDITD: LazyLock<LogSource> = LazyLock::new(|| of("linux", Some("auditd")));
        match self {
            Origin::Unknown => None,
            Origin::Windows => Some(&WINDOWS),
            Origin::Linux => Some(&LINUX),
            Origin::Auditd => Some(&AUDITD),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Flat {
    text: String,
    /// Ends of name and value in `text`; a name may come again, with its next value.
    ends: Vec<(u32, u32)>,
    /// Its number in the log: the record id of an event log, else the number of its first line.
    pub number: u64,
    pub time: Option<Timestamp>,
    pub origin: Origin,
    /// More values than are taken.
    pub overflow: bool,
}

impl Flat {
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.number = 0;
        self.time = None;
        self.origin = Origin::Unknown;
        self.overflow = false;
    }

    pub fn push(&mut self, name: &str, value: &str) {
        let full = self.ends.len() >= crate::limits::VALUES;
        if full || self.text.len() + name.len() + value.len() > crate::limits::LINE_BYTES * 2 {
            self.overflow = true;
            return;
        }
        self.text.push_str(name);
        let end = self.text.len() as u32;
        self.text.push_str(value);
        self.ends.push((end, self.text.len() as u32));
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut start = 0;
        self.ends.iter().map(move |(name, value)| {
            let (from, name, value) = (start, *name as usize, *value as usize);
            start = value;
            (&self.text[from..name], &self.text[name..value])
        })
    }

    /// The first value of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(own, _)| *own == name).map(|(_, value)| value)
    }
}

impl Record for Flat {
    fn each_value(&self, field: &str, visit: &mut dyn FnMut(&str)) {
        let mut found = false;
        for (_, value) in self.iter().filter(|(name, _)| *name == field) {
            found = true;
            visit(value);
        }
        // Rules ask for the unnamed values of old events as `Data`; newer versions of the same events name them.
        if !found && field == "Data" && self.origin == Origin::Windows {
            self.iter().filter(|(name, _)| !crate::windows::is_system(name)).for_each(|(_, value)| visit(value));
        }
    }

    fn each_text(&self, visit: &mut dyn FnMut(&str)) {
        self.iter().for_each(|(_, value)| visit(value));
    }

    fn time(&self) -> Option<Timestamp> {
        self.time
    }
}
