//! A tree is stopped: it opens nothing more here, it is ended as the policy decides, and what it took away is kept.

use super::judge::is_share_server;
use super::state::State;
use super::tree::Tree;
use crate::alerting::{self, Judged};
use crate::pipeline::now;
use event::{Action, Event, EventKind, File, FileEvent, FileOp, Finding, Mode, ProcessKey, Via};
use respond::peers_of;
use std::sync::atomic::Ordering;
use verdict::{Operation, Subject, decide};

impl State {
    /// `key` is ended with all below it: the tree's root, or what started many such trees.
    pub fn convict(&self, key: ProcessKey, tree: &mut Tree, mut finding: Finding, pid: u32) {
        let process = self.shared.enricher.process(&key).or_else(|| self.shared.enricher.by_pid(pid));
        let path = finding.matched.iter().find(|(name, _)| name == "file_path").map_or("", |(_, path)| path.as_str());
        let event = Event {
            sequence: 0,
            time: now(),
            via: Via::Syscall,
            parent: process.as_ref().and_then(|p| p.parent).and_then(|key| self.shared.enricher.process(&key)),
            process,
            kind: EventKind::File(FileEvent { op: FileOp::OpenWrite { truncate: false }, file: File::at(path) }),
        };
        self.name_the_client(pid, tree, &mut finding);
        let decision = {
            let mut policy = (*self.shared.policy()).clone();
            policy.mode = policy.ransomware.mode.unwrap_or(policy.mode);
            let protected = event.process.as_deref().and_then(|p| alerting::protected(&self.shared, p));
            let subject = Subject {
                process: event.process.as_deref(),
                protected,
                operation: Operation::Done,
                ..Subject::default()
            };
            decide(&policy, self.shared.tier, std::slice::from_ref(&finding), &subject, now())
        };
        if decision.wanted <= Action::Alert {
            // An exception covers it, or the policy wants it told only.
            tracing::info!(tree = tree.actor.tree, "would be stopped, were it not for the policy");
        } else if decision.mode == Mode::Enforce {
            tree.stopped = true;
            self.stop(key);
            self.stopped_trees.fetch_add(1, Ordering::Relaxed);
        }
        if let Err(error) = self.shared.rollback.convict(&tree.actor.tree, finding.rule_id.as_str()) {
            self.shared.problem(format!("a stopped tree cannot be written down: {error}"));
        }
        tree.keep_orphans(&self.shared.rollback);
        let judged = Judged::new(vec![finding], decision);
        if judged.decision.action > Action::Alert {
            self.responder.submit(Box::new((event, judged)));
        } else {
            let outcome = alerting::nothing_done(&judged.decision);
            self.shared.tell(&alerting::alert(&self.shared, &event, judged, outcome));
        }
    }

    /// Of an SMB server the client is the other end of its connection; of the NFS server it cannot be had.
    fn name_the_client(&self, pid: u32, tree: &Tree, finding: &mut Finding) {
        let member = self.families.of(pid);
        if member.as_deref().is_some_and(is_share_server) {
            for client in peers_of(pid) {
                finding.detail.push_str(&format!(" It served {client}, which is kept out for an hour."));
                finding.matched.push(("source_ip".into(), client.to_string()));
                self.block(client);
            }
        } else if tree.actor.executable == "nfsd" {
            finding.detail.push_str(" A client of the NFS server did it; the kernel does not say which.");
        }
    }
}
