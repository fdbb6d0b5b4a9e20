//! A process is stopped with all below it: it opens nothing more here, it is ended as the policy decides, and what it took
//! away is kept.

use super::judge::HEARD;
use super::shares::{is_nfs_server, is_share_server};
use super::state::State;
use super::tree::Tree;
use super::who::Who;
use crate::alerting::{self, Judged};
use crate::pipeline::now;
use detect::Ledger;
use event::{Action, Decision, Event, EventKind, File, FileEvent, FileOp, Finding, Mode, Process, ProcessKey, Via};
use respond::{KillPolicy, Member, kill_tree};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use verdict::{Operation, Subject, decide};

/// Processes of one tree that are held back one by one; what they start is held back with them.
const MAX_HELD_BACK: usize = 512;

impl State {
    /// Whoever in this tree did the harm.
    pub fn convict(&self, tree: &mut Tree, mut finding: Finding) {
        let culprit = tree.culprit();
        let member = self.families.of(culprit.tgid).filter(|member| member.key == culprit);
        self.name_the_client(tree, member.as_deref(), &mut finding);
        let alert = alerting::new_id();
        self.keep_for(tree, &culprit, &alert.0);
        let event = self.event(&culprit, &finding);
        let decision = self.decided(&event, &finding);
        if !stops(&decision) {
            return self.tell(event, Judged::new(vec![finding], decision), alert);
        }
        let lives_on = member.as_deref().is_some_and(is_nfs_server);
        let fresh = Ledger::new(self.ledger_config());
        let stopped = if lives_on { tree.root } else { tree.stop(culprit, fresh) };
        self.stopped.add(stopped, &alert.0, lives_on);
        if stopped != culprit {
            self.keep_for(tree, &stopped, &alert.0);
        }
        if !lives_on {
            self.hold_back(tree, stopped);
        }
        self.stopped_trees.fetch_add(1, Ordering::Relaxed);
        self.tell(self.event(&stopped, &finding), Judged::new(vec![finding], decision), alert);
    }

    /// Many programs of a user together: each that did harm, and what all of them come from.
    pub fn convict_user(&self, uid: u32, finding: Finding) {
        // Who started those of a moment ago is known then.
        self.shared.lockdown.catch_up(HEARD);
        let trees = self.all_trees();
        let harmed = |tree: &Tree| !tree.stopped && tree.has_harmed(uid);
        let guilty: Vec<Arc<Who>> =
            trees.iter().map(|(_, tree)| tree.lock()).filter(|tree| harmed(tree)).flat_map(|t| t.guilty()).collect();
        let Some(last) = guilty.last() else { return };
        let source = self.source_of(&guilty);
        let alert = alerting::new_id();
        let mut event = self.event(&source.unwrap_or(last.key), &finding);
        // It may have ended before the sensor told of it, and that must not save the others.
        event.process.get_or_insert_with(|| {
            let executable = last.actor.executable.as_str().into();
            Arc::new(Process { key: last.key, executable, ..Process::default() })
        });
        let decision = self.decided(&event, &finding);
        self.forget_user(uid);
        if !stops(&decision) {
            return self.tell(event, Judged::new(vec![finding], decision), alert);
        }
        match source {
            Some(source) => self.stopped.add(source, &alert.0, false),
            None => programs_of(&guilty).for_each(|program| self.stopped.add_program(program, &alert.0)),
        }
        // Under its lock each tree is whole: what is told later finds who was stopped.
        let mut culprits = Vec::new();
        for (_, tree) in &trees {
            let mut tree = tree.lock();
            if harmed(&tree) {
                let culprit = tree.culprit();
                self.stopped.add(culprit, &alert.0, false);
                self.keep_for(&tree, &culprit, &alert.0);
                self.hold_back(&tree, culprit);
                tree.stop(culprit, Ledger::new(self.ledger_config()));
                culprits.push(culprit);
            }
            if let Some(source) = source.filter(|source| !tree.actors_below(source).is_empty()) {
                self.keep_for(&tree, &source, &alert.0);
            }
        }
        self.stopped_trees.fetch_add(1, Ordering::Relaxed);
        for key in culprits.into_iter().filter(|key| Some(*key) != source) {
            kill_tree(key, &[], &KillPolicy::default());
        }
        self.tell(event, Judged::new(vec![finding], decision), alert);
    }

    /// Until it is ended it cannot take many names away.
    fn hold_back(&self, tree: &Tree, stopped: ProcessKey) {
        let below = tree.actors_below(&stopped);
        let lives = |who: &&Arc<Who>| respond::key_of(who.key.tgid).as_ref() == Some(&who.key);
        self.brakes.close(stopped, below.iter().take(MAX_HELD_BACK).filter(lives).map(|who| who.key.tgid));
    }

    /// The nearest living process that all of these come from, as the sensor saw them start: they may be nobody's children
    /// by now. None where that is whatever starts everything.
    fn source_of(&self, guilty: &[Arc<Who>]) -> Option<ProcessKey> {
        let lines: Vec<Vec<ProcessKey>> = guilty.iter().map(|who| self.lineage(&who.key)).collect();
        let first = lines.first()?;
        let common = |key: &&ProcessKey| lines.iter().all(|line| line.contains(key));
        let member = |key: &ProcessKey| self.families.of(key.tgid).filter(|member| member.key == *key);
        let living = first.iter().filter(common).find_map(member)?;
        self.families.may_be_kin(&living).then_some(living.key)
    }

    fn lineage(&self, key: &ProcessKey) -> Vec<ProcessKey> {
        self.shared.enricher.processes(key).iter().map(|process| process.key).collect()
    }

    fn decided(&self, event: &Event, finding: &Finding) -> Decision {
        let mut policy = (*self.shared.policy()).clone();
        policy.mode = policy.ransomware.mode.unwrap_or(policy.mode);
        let protected = event.process.as_deref().and_then(|p| alerting::protected(&self.shared, p));
        let subject =
            Subject { process: event.process.as_deref(), protected, operation: Operation::Done, ..Subject::default() };
        decide(&policy, self.shared.tier, std::slice::from_ref(finding), &subject, now())
    }

    fn tell(&self, event: Event, judged: Judged, id: event::AlertId) {
        for finding in &judged.findings {
            tracing::info!(
                alert = id.0,
                action = judged.decision.action.name(),
                finding = finding.detail,
                "harm to files"
            );
        }
        if judged.decision.action > Action::Alert {
            self.responder.submit_as(Box::new((event, judged)), id);
        } else {
            let outcome = alerting::nothing_done(&judged.decision);
            let alert = alerting::alert(&self.shared, &event, judged, outcome);
            self.shared.tell(&event::Alert { id, ..alert });
        }
    }

    /// What of it and of all below it is kept belongs to the alert from now on, and goes by age alone.
    fn keep_for(&self, tree: &Tree, culprit: &ProcessKey, alert: &str) {
        tree.keep_orphans(&self.shared.rollback);
        let below = tree.actors_below(culprit);
        for who in &below {
            self.forget_user(who.actor.uid);
        }
        let names = below.iter().map(|who| who.actor.tree.clone()).chain([culprit.entity_id()]);
        for name in names {
            if let Err(error) = self.shared.rollback.convict(&name, alert) {
                self.shared.problem(format!("a stopped process cannot be written down: {error}"));
            }
        }
    }

    fn event(&self, culprit: &ProcessKey, finding: &Finding) -> Event {
        let process = self.shared.enricher.process(culprit).or_else(|| self.shared.enricher.by_pid(culprit.tgid));
        // The sensor may be behind: who it is stands in /proc, and that must do.
        let process = process.or_else(|| {
            let member = self.families.of(culprit.tgid)?;
            let executable = member.executable.as_str().into();
            Some(Arc::new(Process { key: *culprit, executable, ..Process::default() }))
        });
        let path = finding.matched.iter().find(|(name, _)| name == "file_path").map_or("", |(_, path)| path.as_str());
        Event {
            sequence: 0,
            time: now(),
            via: Via::Syscall,
            parent: process.as_ref().and_then(|p| p.parent).and_then(|key| self.shared.enricher.process(&key)),
            process,
            kind: EventKind::File(FileEvent { op: FileOp::OpenWrite { truncate: false }, file: File::at(path) }),
        }
    }

    /// Of a share's server the client is the other end of its connection; of NFS 3 it cannot be had.
    fn name_the_client(&self, tree: &Tree, member: Option<&Member>, finding: &mut Finding) {
        let root = self.families.of(tree.root.tgid);
        let server: Option<Arc<Member>> = member.cloned().map(Arc::new).or(root).filter(|one| is_share_server(one));
        let Some(server) = server else { return };
        let minutes = self.policy.read().block_minutes;
        let clients: Vec<_> = tree.harmed_files().flat_map(|file| self.shared.shares.clients(&server, file)).collect();
        if clients.is_empty() {
            finding.detail.push_str(" A client of the file server did it; the kernel does not say which.");
        }
        for client in clients.iter().collect::<BTreeSet<_>>() {
            finding.detail.push_str(&format!(" It served {client}, which is kept out for {minutes} minutes."));
            finding.matched.push(("source_ip".into(), client.to_string()));
            self.shared.shares.block(*client, Duration::from_secs(u64::from(minutes) * 60));
        }
    }
}

/// Programs of nobody's that several of these ran.
fn programs_of(guilty: &[Arc<Who>]) -> impl Iterator<Item = &str> {
    let runs = |program: &str| guilty.iter().filter(|who| who.actor.executable == program).count();
    let loose = guilty.iter().filter(|who| who.loose).map(|who| who.actor.executable.as_str());
    let programs: BTreeSet<&str> = loose.filter(|program| runs(program) >= 2).collect();
    programs.into_iter()
}

/// Unless an exception covers it, or the policy wants it told only.
fn stops(decision: &Decision) -> bool {
    let stops = decision.wanted > Action::Alert && decision.mode == Mode::Enforce;
    if !stops {
        tracing::info!("somebody would be stopped, were it not for the policy");
    }
    stops
}
