//! What of an event a profile denies, and what the kernel half has answered by itself.

use super::super::members::Member;
use super::super::{names, tables, tell};
use super::{AGAIN, Keeper, MOST_TOLD, Told};
use event::{Action, Event, EventKind, FileOp, Finding, Overstep, Process, ProcessAccess, Tier, Via};
use std::time::Instant;
use verdict::prevention::{Act, Doing, ProfileIndex, acts};

impl Keeper {
    /// What of this event its profile denies. Costs a comparison where nobody is confined.
    pub fn observe(&mut self, event: &Event) -> Vec<Finding> {
        if self.profiles.is_empty() && self.learned.is_empty() {
            return Vec::new();
        }
        let Some(process) = event.process.as_deref() else { return Vec::new() };
        if let EventKind::Overstep(overstep) = &event.kind {
            self.answered(event, process, overstep);
            return Vec::new();
        }
        self.learned.observe(event);
        let findings =
            self.members.of(&process.key).map(|member| self.judge(event, process, member)).unwrap_or_default();
        if matches!(event.kind, EventKind::Fork(_) | EventKind::Exec(_) | EventKind::Exit(_)) {
            self.follow(event, process);
        }
        findings
    }

    fn judge(&mut self, event: &Event, process: &Process, member: Member) -> Vec<Finding> {
        let mut denied: Vec<Act<'_>> = Vec::new();
        let profile = self.profiles.get(member.profile);
        let real = names::real(event);
        acts(event, &mut |act| {
            // A name comes as the process wrote it: where a link leads on the way counts as well.
            let real = real.iter().find(|(name, _)| act == Act::Write(name)).map(|(_, real)| Act::Write(real));
            let may = match real {
                Some(real) => profile.allows(&real),
                None => profile.allows(&act),
            };
            if !may {
                denied.push(act);
            }
        });
        denied.retain(|act| !self.is_among_its_own(event, member) && !self.is_answered(event, act, member));
        let mut findings = Vec::with_capacity(denied.len());
        for act in denied {
            let profile = self.profiles.get(member.profile);
            let words = tell::words(profile, &act);
            let mut finding = profile.finding(&act, &tell::who(process), false);
            if let Some(finding) = finding.as_mut().filter(|_| self.held_back.contains(&profile.id)) {
                finding.asks = Some(Action::Alert);
            }
            self.figures[member.profile.0].note(act.doing(), words.clone());
            // What asks to be ended is news of each process; the rest once in a while.
            let ends = self.enforced[member.profile.0].contains(&act.doing());
            if self.is_news(member.profile, words, false) || ends {
                findings.extend(finding);
            }
        }
        findings
    }

    /// It reaches into a process of the same profile.
    fn is_among_its_own(&self, event: &Event, member: Member) -> bool {
        let target = match &event.kind {
            EventKind::Access(ProcessAccess::Ptrace { target, .. } | ProcessAccess::VmWrite { target, .. }) => target,
            _ => return false,
        };
        self.members.of(target).is_some_and(|other| other.profile == member.profile)
    }

    /// The kernel half refuses or ends it, and tells that by itself.
    fn is_answered(&self, event: &Event, act: &Act<'_>, member: Member) -> bool {
        let profile = self.profiles.get(member.profile);
        let doing = act.doing();
        let answers = self.in_kernel
            && event.time >= member.held_since
            && !self.held_back.contains(&profile.id)
            && tables::answered_by_kernel(self.shared.tier).contains(&doing)
            && self.enforced[member.profile.0].contains(&doing);
        if !answers {
            return false;
        }
        // Of what came to be since the kernel half looked it knows nothing.
        if !profile.holds_as_written(act) && !self.was_answered(member.profile, &tell::words(profile, act)) {
            return false;
        }
        if self.shared.tier == Tier::Enforce {
            return !tells_what_was_done(doing);
        }
        // Without hooks only opening is caught, and that only by system calls; a script is the interpreter's to open.
        match &event.kind {
            EventKind::File(file) => {
                event.via == Via::Syscall
                    && matches!(file.op, FileOp::OpenRead | FileOp::OpenWrite { .. } | FileOp::Create)
            }
            EventKind::Exec(_) => {
                matches!(act, Act::Run(path) | Act::Raise(path) if event.process.as_ref().is_some_and(|p| *p.executable == **path))
            }
            _ => true,
        }
    }

    /// The kernel half has answered.
    fn answered(&mut self, event: &Event, process: &Process, overstep: &Overstep) {
        if self.learned.takes(overstep, process) {
            return;
        }
        let Some(index) = overstep.domain.checked_sub(self.first_number).map(|n| ProfileIndex(n as usize)) else {
            return;
        };
        if index.0 >= self.profiles.len() {
            return;
        }
        let profile = self.profiles.get(index);
        let Some(act) = tell::act(overstep) else { return };
        // Told for whoever learns.
        if overstep.end == event::OverstepEnd::Let && profile.allows(&act) {
            return;
        }
        let words = tell::words(profile, &act);
        let figures = &mut self.figures[index.0];
        figures.note(act.doing(), words.clone());
        match overstep.end {
            event::OverstepEnd::Denied => figures.denied += 1,
            event::OverstepEnd::Ended => figures.ended += 1,
            event::OverstepEnd::Let => {}
        }
        if self.is_news(index, words, true) {
            tell::tell(&self.shared, event, process, self.profiles.get(index), &act, overstep.end);
        }
    }

    /// The kernel half has told of the very same a moment ago.
    fn was_answered(&self, profile: ProfileIndex, words: &str) -> bool {
        let told = self.told.get(&(profile, words.to_owned()));
        told.is_some_and(|told| told.by_kernel && told.at.elapsed() < AGAIN)
    }

    fn is_news(&mut self, profile: ProfileIndex, words: String, by_kernel: bool) -> bool {
        if self.told.len() >= MOST_TOLD {
            self.told.retain(|_, told| told.at.elapsed() < AGAIN);
            if self.told.len() >= MOST_TOLD {
                self.told.clear();
            }
        }
        let last = self.told.insert((profile, words), Told { at: Instant::now(), by_kernel });
        last.is_none_or(|last| last.at.elapsed() >= AGAIN)
    }
}

/// Of these an event comes only when they succeeded: whatever hook this kernel lacks, it was not refused.
const fn tells_what_was_done(doing: Doing) -> bool {
    matches!(doing, Doing::Modules | Doing::Ptrace | Doing::Mounts | Doing::Namespaces | Doing::Memory)
}
