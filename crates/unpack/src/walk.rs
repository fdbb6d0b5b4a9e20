//! The recursion: a member comes in as bytes, as a place in a source or as a stream; the visitor sees it; and if it is a
//! container, its reader is run on it, which brings its members here again. Readers of formats know nothing of limits
//! but what errors tell them.

mod reading;
mod tee;

use crate::meter::{Cut, Expanding, Meter};
use crate::outcome::{Odd, Oddity, Outcome, Reason, Unread};
use crate::source::{Part, Source, SourceReader};
use crate::{Flow, KIND_BYTES, Kind, Limits, Member, Piece, format};
use reading::End;
use std::cell::RefCell;
use std::io::{self, Read};
use tee::{Tee, TeeVisit};

/// The walk is over: the visitor said so, or a budget of the whole file is used up.
#[derive(Debug)]
pub(crate) struct Stop;

pub(crate) type Walked = Result<(), Stop>;

/// Of a member's name in a path.
const NAME_BYTES: usize = 300;

pub(crate) struct Shared<'v> {
    pub meter: Meter,
    visitor: RefCell<&'v mut dyn FnMut(&Member<'_>) -> Flow>,
    outcome: RefCell<Outcome>,
}

/// What a container says of a member.
#[derive(Clone, Copy, Default)]
pub(crate) struct Entry<'e> {
    pub name: &'e [u8],
    pub position: u64,
    pub declared: Option<u64>,
    pub stored: Option<u64>,
    pub crc32: Option<u32>,
    /// Not by its content but known.
    pub kind: Option<Kind>,
}

impl<'e> Entry<'e> {
    pub fn named(name: &'e [u8]) -> Self {
        Entry { name, ..Entry::default() }
    }
}

pub(crate) enum Body<'b> {
    Bytes(&'b [u8]),
    /// Lies there as it is.
    At(&'b dyn Source),
    /// Comes out of a decoder, or passes by.
    Stream(&'b mut dyn Read),
    Encrypted,
}

/// A container to be read.
pub(crate) enum Input<'i> {
    At(&'i dyn Source),
    Stream(&'i mut dyn Read),
}

pub(crate) struct Walk<'w> {
    pub shared: &'w Shared<'w>,
    path: String,
    containers: Vec<Kind>,
    /// Bytes that each container may yet give as they lie in it, before they count as coming out beyond it.
    allowance: Vec<u64>,
    /// Bytes of each container; None of one that passes by.
    sizes: Vec<Option<u64>>,
}

pub(crate) fn run(
    source: &dyn Source,
    name: Option<&str>,
    forced: Option<Kind>,
    limits: &Limits,
    visitor: &mut dyn FnMut(&Member<'_>) -> Flow,
) -> Outcome {
    let shared = Shared {
        meter: Meter::new(*limits),
        visitor: RefCell::new(visitor),
        outcome: RefCell::new(Outcome::default()),
    };
    let path = event::text::clip(&event::text::printable(name.unwrap_or_default()), 4096).to_owned();
    let mut walk = Walk { shared: &shared, path, containers: Vec::new(), allowance: Vec::new(), sizes: Vec::new() };
    let start = crate::source::read_vec(source, 0, KIND_BYTES);
    let walked = match start {
        Ok(start) => walk.open(forced.unwrap_or_else(|| crate::kind(&start)), Input::At(source)),
        Err(error) => {
            walk.unread_error(&error);
            Ok(())
        }
    };
    if walked.is_err()
        && let Some(cut) = shared.meter.spent()
    {
        walk.path.clear();
        walk.path.push_str(&event::text::printable(name.unwrap_or_default()));
        walk.unread(cut);
    }
    let mut outcome = shared.outcome.take();
    outcome.expanded_bytes = shared.meter.expanded.get();
    outcome
}

impl<'w> Walk<'w> {
    pub fn meter(&self) -> &'w Meter {
        &self.shared.meter
    }

    /// Says that the container or member at hand was not read to its end.
    pub fn unread(&self, cut: Cut) {
        self.meter().forget_trip();
        let mut outcome = self.shared.outcome.borrow_mut();
        if outcome.unread.len() >= self.meter().limits.listed {
            outcome.unread_unlisted += 1;
            return;
        }
        let one = Unread { path: self.path.clone(), reason: cut.reason, detail: cut.detail.into_owned() };
        if outcome.unread.last() != Some(&one) {
            outcome.unread.push(one);
        }
    }

    pub fn unread_error(&self, error: &io::Error) {
        self.unread(self.meter().cut(error));
    }

    pub fn damaged(&self, detail: impl Into<std::borrow::Cow<'static, str>>) {
        self.unread(Cut::damaged(detail));
    }

    pub fn truncated(&self, detail: &'static str) {
        self.unread(Cut::new(Reason::Truncated, detail));
    }

    pub fn odd(&self, oddity: Oddity, detail: impl Into<String>) {
        let mut outcome = self.shared.outcome.borrow_mut();
        if outcome.odd.len() >= self.meter().limits.listed {
            outcome.odd_unlisted += 1;
        } else {
            outcome.odd.push(Odd { path: self.path.clone(), oddity, detail: detail.into() });
        }
    }

    /// To say something of a member without opening it.
    pub fn at<T>(&mut self, name: &[u8], said: impl FnOnce(&Self) -> T) -> T {
        let len = self.push(name);
        let out = said(self);
        self.path.truncate(len);
        out
    }

    /// Whether time and the other budgets allow another step; readers ask it in loops that give no member.
    pub fn step(&self) -> Walked {
        self.meter().tick().map_err(|_| Stop)
    }

    fn push(&mut self, name: &[u8]) -> usize {
        let len = self.path.len();
        let text = event::text::from_bytes(&name[..name.len().min(4 * NAME_BYTES)]);
        let text = event::text::printable(&text);
        self.path.push('!');
        self.path.push_str(event::text::clip(&text, NAME_BYTES));
        len
    }

    /// Gives a member to the visitor, and opens it.
    pub fn member(&mut self, entry: &Entry<'_>, body: Body<'_>) -> Walked {
        self.step()?;
        self.meter().forget_trip();
        let id = {
            let mut outcome = self.shared.outcome.borrow_mut();
            if outcome.members >= self.meter().limits.members {
                drop(outcome);
                self.meter().trip(Reason::Count, format!("more than {}", self.meter().limits.members));
                return Err(Stop);
            }
            outcome.members += 1;
            outcome.members - 1
        };
        let len = self.push(entry.name);
        if escapes(entry.name) {
            self.odd(Oddity::EscapingName, "");
        }
        let given = match body {
            Body::Bytes(bytes) => self.whole(id, entry, bytes, true),
            Body::At(source) => self.place(id, entry, source),
            Body::Stream(reader) => self.stream(id, entry, reader),
            Body::Encrypted => self.encrypted(id, entry),
        };
        self.path.truncate(len);
        given
    }

    fn visit(&self, one: &Visit<'_>, bytes: &[u8]) -> Result<Flow, Stop> {
        let member = Member {
            id: one.id,
            path: &self.path,
            name: one.entry.name,
            containers: &self.containers,
            container_bytes: self.sizes.last().copied().flatten(),
            kind: one.kind,
            position: one.entry.position,
            declared_bytes: one.entry.declared,
            stored_bytes: one.entry.stored,
            crc32: one.entry.crc32,
            encrypted: one.encrypted,
            piece: one.piece,
            offset: one.offset,
            bytes,
            complete: one.complete,
        };
        let flow = (self.shared.visitor.borrow_mut())(&member);
        if flow == Flow::Stop {
            self.shared.outcome.borrow_mut().stopped = true;
            return Err(Stop);
        }
        Ok(flow)
    }

    fn encrypted(&mut self, id: u64, entry: &Entry<'_>) -> Walked {
        let visit = Visit { encrypted: true, ..Visit::new(id, entry, Kind::Data, Piece::Only) };
        self.visit(&visit, b"")?;
        self.unread(Cut::new(Reason::Encrypted, ""));
        Ok(())
    }

    fn whole(&mut self, id: u64, entry: &Entry<'_>, bytes: &[u8], complete: bool) -> Walked {
        let kind = entry.kind.unwrap_or_else(|| crate::kind(bytes));
        let visit = Visit { complete, ..Visit::new(id, entry, kind, Piece::Only) };
        match self.visit(&visit, bytes)? {
            Flow::Open => self.open(kind, Input::At(&bytes)),
            _ => Ok(()),
        }
    }

    /// What lies in its container uncompressed may be read there; each container has its own length of that for nothing.
    fn place(&mut self, id: u64, entry: &Entry<'_>, source: &dyn Source) -> Walked {
        let limits = &self.meter().limits;
        if let Err(cut) = self.spend_allowance(source.len().min(limits.member_bytes)) {
            self.unread(cut);
            return Err(Stop);
        }
        if let Some(bytes) = source.as_slice() {
            return self.whole(id, entry, bytes, true);
        }
        if source.len() <= limits.window_bytes as u64 {
            let mut bytes = Vec::new();
            let mut lease = self.meter().lease(0).expect("nothing fits always");
            let end = self.fill(&mut SourceReader::new(source, 0), &mut bytes, &mut lease, source.len());
            let complete = self.ended(end, entry, bytes.len() as u64);
            return self.whole(id, entry, &bytes, complete);
        }
        let window = match crate::source::read_vec(source, 0, limits.window_bytes) {
            Ok(window) => window,
            Err(error) => {
                self.unread_error(&error);
                return Ok(());
            }
        };
        let kind = entry.kind.unwrap_or_else(|| crate::kind(&window));
        let flow = self.visit(&Visit::new(id, entry, kind, Piece::First), &window)?;
        let at = window.len() as u64;
        drop(window);
        let rest = Part::new(source, 0, limits.member_bytes.max(at));
        let mut rest = SourceReader::new(&rest, at);
        let complete = self.pieces(id, entry, kind, at, &mut rest)?;
        if complete && source.len() > limits.member_bytes && !kind.is_container() {
            self.unread(Cut::new(Reason::MemberSize, format!("{} bytes", source.len())));
        }
        if flow == Flow::Open { self.open(kind, Input::At(source)) } else { Ok(()) }
    }

    fn stream(&mut self, id: u64, entry: &Entry<'_>, reader: &mut dyn Read) -> Walked {
        let limits = &self.meter().limits;
        let mut bytes = Vec::new();
        let mut lease = self.meter().lease(0).expect("nothing fits always");
        let window = limits.window_bytes as u64;
        let mut end = self.fill(reader, &mut bytes, &mut lease, window);
        if !matches!(end, End::Full) {
            let complete = self.ended(end, entry, bytes.len() as u64);
            return self.whole(id, entry, &bytes, complete);
        }
        let kind = entry.kind.unwrap_or_else(|| crate::kind(&bytes));
        if kind.is_container() && !kind.is_stream() {
            // It must lie in memory whole to be opened.
            end = self.fill(reader, &mut bytes, &mut lease, limits.member_bytes);
            if matches!(end, End::Full) {
                end = End::Cut(Cut::new(Reason::MemberSize, format!("more than {} bytes", limits.member_bytes)));
            }
            let complete = self.ended(end, entry, bytes.len() as u64);
            return self.whole(id, entry, &bytes, complete);
        }
        let at = bytes.len() as u64;
        let flow = self.visit(&Visit::new(id, entry, kind, Piece::First), &bytes)?;
        if kind.is_stream() && flow == Flow::Open {
            let mut tee = Tee::new(&bytes, reader, self.shared, TeeVisit::new(self, id, entry, kind));
            let opened = self.open(kind, Input::Stream(&mut tee));
            if opened.is_ok() {
                // Behind the end of what is inside there may be more, and a checksum.
                let drained = io::copy(&mut tee, &mut io::sink());
                let complete = drained.is_ok();
                if let Err(error) = drained {
                    self.unread_error(&error);
                }
                tee.last(complete)?;
            }
            return opened;
        }
        drop(bytes);
        drop(lease);
        let mut rest = reader.take(limits.member_bytes.saturating_sub(at));
        let complete = self.pieces(id, entry, kind, at, &mut rest)?;
        let limit_met = rest.limit() == 0;
        if complete && limit_met && !matches!(rest.into_inner().read(&mut [0]), Ok(0)) {
            self.unread(Cut::new(Reason::MemberSize, format!("more than {} bytes", limits.member_bytes)));
        }
        Ok(())
    }

    fn spend_allowance(&mut self, bytes: u64) -> Result<(), Cut> {
        let Some(left) = self.allowance.last_mut() else { return Ok(()) };
        let free = bytes.min(*left);
        *left -= free;
        if bytes > free { self.meter().expand(bytes - free) } else { Ok(()) }
    }

    /// Runs the reader of a kind.
    fn open(&mut self, kind: Kind, input: Input<'_>) -> Walked {
        if kind.is_container() && self.containers.len() >= self.meter().limits.depth {
            self.unread(Cut::new(Reason::Depth, format!("{} at depth {}", kind.name(), self.containers.len())));
            return Ok(());
        }
        if self.containers.len() >= self.meter().limits.depth {
            if format::holds_more(kind, &input) {
                self.unread(Cut::new(Reason::Depth, format!("code in a text at depth {}", self.containers.len())));
            }
            return Ok(());
        }
        self.containers.push(kind);
        let size = match &input {
            Input::At(source) => Some(source.len()),
            Input::Stream(_) => None,
        };
        self.allowance.push(size.unwrap_or(u64::MAX));
        self.sizes.push(size);
        let walked = format::read(self, kind, input);
        self.allowance.pop();
        self.sizes.pop();
        self.containers.pop();
        // A budget of all that was met inside a reader's error ends the walk, whatever the reader made of it.
        walked?;
        let stopped = self.shared.outcome.borrow().stopped || self.meter().spent().is_some();
        if stopped { Err(Stop) } else { Ok(()) }
    }

    /// Opens what hangs at or lies in the file at hand as a container of its own; it is a member of that file.
    pub fn embedded(&mut self, name: &[u8], source: &dyn Source, detail: impl Into<String>) -> Walked {
        let detail = detail.into();
        self.at(name, |walk| walk.odd(Oddity::Embedded, detail));
        self.member(&Entry::named(name), Body::At(source))
    }

    /// A decoder's output as a member: held to ratio and total.
    pub fn expanding<R: Read>(&self, decoder: R, taken: std::rc::Rc<std::cell::Cell<u64>>) -> Expanding<'w, R> {
        Expanding::new(decoder, self.meter(), taken)
    }

    pub fn path(&self) -> &str {
        &self.path
    }
}

struct Visit<'e> {
    id: u64,
    entry: &'e Entry<'e>,
    kind: Kind,
    piece: Piece,
    offset: u64,
    complete: bool,
    encrypted: bool,
}

impl<'e> Visit<'e> {
    fn new(id: u64, entry: &'e Entry<'e>, kind: Kind, piece: Piece) -> Self {
        Visit { id, entry, kind, piece, offset: 0, complete: false, encrypted: false }
    }
}

fn escapes(name: &[u8]) -> bool {
    name.first() == Some(&b'/') && name.len() > 1 || name.split(|b| matches!(b, b'/' | b'\\')).any(|part| part == b"..")
}
