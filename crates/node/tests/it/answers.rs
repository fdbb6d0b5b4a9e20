//! What a host of the tests answers to each order: known words, so that a test can look for them on the page.

use crate::world::{Memory, OWN_RULE};
use event::{HostFacts, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use transport::Host;
use wire::{Command, CommandBody, CommandResult, CommandStatus};

pub struct Obedient {
    pub facts: HostFacts,
    pub memory: Arc<Memory>,
}

impl Host for Obedient {
    fn facts(&self) -> HostFacts {
        self.facts.clone()
    }
    fn policy_version(&self) -> u64 {
        0
    }
    fn obey(&self, command: Command) -> CommandResult {
        if let CommandBody::SetQuiet { quiet } = &command.body {
            quiet.clone_into(&mut self.memory.quiet.lock());
            let (status, time) = (CommandStatus::Done, Timestamp::default());
            return CommandResult { id: command.id, status, detail: "held".into(), json: String::new(), time };
        }
        let json = match &command.body {
            CommandBody::CollectProcesses => json!([{ "pid": 7, "parent_pid": 1, "name": "<b>sh</b>" }]).to_string(),
            CommandBody::Collect(collect) => seen(collect.look).to_string(),
            CommandBody::ListQuarantine => {
                json!([{ "id": "item1", "path": "/tmp/x", "size": 5, "mode": 493, "quarantined": 5 }]).to_string()
            }
            CommandBody::CollectStatus => json!({
                "signatures": { "version": 4, "update": "version 4 is the newest of node", "looked": "2026-11-22T10:00:00Z",
                    "files": 2, "yara_rules": 64, "digests": 9, "patterns": 8, "models": ["shell 3"], "rejected": 1 },
                "model": { "enabled": true, "block": "second-voice" },
                "scans": { "files": 5, "unjudged": 1, "shed": 0, "excluded": 2 },
                "sweep": { "state": "none yet" }, "problems": ["one"], "another_agents_key": 1,
            })
            .to_string(),
            CommandBody::ListScans => json!([{
                "id": "j1", "paths": ["/srv"], "by": "ana", "reason": "odd", "asked": 5, "state": "done", "started": 6, "ended": 7,
                "summary": { "files": 2, "clean": 1, "malicious": 1 }, "left_out": 0,
                "found": [{ "path": "/srv/x", "verdict": "malicious", "size": 3, "sha256": null,
                    "findings": [{ "engine": "model", "rule_id": "model:shell", "name": "<b>", "severity": "high", "detail": "d",
                        "matched": [["model_reason.a", "+1.2 decodes"]] }],
                    "voices": [{ "engine": "hash", "text": "none" }] }],
            }])
            .to_string(),
            CommandBody::PreviewRestore { .. } => json!({
                "path": "/tmp/x", "sha256": "00", "size": 5, "uid": 0, "gid": 0, "mode": "0755", "reason": "r", "who": "ana",
                "quarantined": "2026-11-22T10:00:00Z", "expires": "2026-12-22T10:00:00Z", "taken": true, "folder_there": true,
                "scan": { "verdict": "malicious" },
            })
            .to_string(),
            CommandBody::AskLockdown { ask } => lockdown(ask),
            CommandBody::ShowPolicy => json!({ "text": "version = 1", "name": "default", "mode": "observe", "version": 0 }).to_string(),
            CommandBody::SimulatePolicy { past, acts, .. } => {
                let past: Value = serde_json::from_str(past).unwrap();
                let acts: Option<Value> = acts.as_deref().map(|acts| serde_json::from_str(acts).unwrap());
                let prevention = acts.map(|acts| {
                    let acts = acts.as_array().unwrap().clone();
                    json!({ "profiles": 1, "judged": acts.len(), "denied": 1, "left_out": 0, "would_deny": [{ "profile": "web",
                        "act": "run", "what": acts[0]["action"], "program": acts[0]["executable"], "count": acts[0]["count"],
                        "line": "prevention.web.read", "says": "it may not" }] })
                });
                json!({ "prevention": prevention, "lockouts": [], "source": "given", "programs": past.as_array().unwrap().len(), "starts": 3, "denied_starts": 1,
                    "left_out": 0, "vital": [], "would_refuse": [{ "path": "/opt/x", "sha256": null, "count": 1,
                        "outcome": "denied", "reason": "nobody vouches for it" }] })
                .to_string()
            }
            CommandBody::ListRollback => json!({
                "trees": [{ "tree": "0-2a-64", "executable": "/opt/x", "uid": 0, "kept": 2, "bytes": 9, "made": 1, "incident": "a1",
                    "first": 5, "last": 6 }],
                "store": { "files": 2, "bytes": 9, "too_large": 1, "full": 0, "failed": 0, "pushed_out": 0, "cut_lines": 0, "shared": 1 },
            })
            .to_string(),
            CommandBody::RollBack { trees, preview } => json!({
                "trees": trees, "preview": preview,
                "files": [{ "path": "/srv/a", "done": "restored", "bytes": 4, "detail": "" },
                    { "path": "/srv/b", "done": "failed", "bytes": 4, "detail": "no room" }],
            })
            .to_string(),
            CommandBody::ListRules => json!({
                "usable": 30, "operator_left_out": 0, "rejected_left_out": 0, "version": "1",
                "operator": [{ "file": "/etc/tamon/content/sigma/own.yml", "text": OWN_RULE }],
                "rejected": [{ "rule_id": null, "file": "/etc/tamon/content/sigma/own.yml", "reason": "bad" }],
            })
            .to_string(),
            _ => String::new(),
        };
        if let CommandBody::SetPolicy { toml, .. } = &command.body
            && toml.contains("refuse-me")
        {
            let (id, status) = (command.id.clone(), CommandStatus::Refused);
            self.memory.commands.lock().push(command);
            return CommandResult {
                id,
                status,
                detail: "it would lock out sshd".into(),
                json,
                time: Timestamp::default(),
            };
        }
        let id = command.id.clone();
        self.memory.commands.lock().push(command);
        let detail = "as told".to_owned();
        CommandResult { id, status: CommandStatus::Done, detail, json, time: Timestamp::default() }
    }
}

/// What this host shows to who looks.
fn seen(look: wire::Look) -> Value {
    match look {
        wire::Look::HiddenProcesses => json!({
            "columns": ["pid", "verdict", "detail"],
            "rows": [[4242, "hidden", "pid 4242 (x) answers by its number and is not listed in /proc"]],
            "truncated": false, "notes": ["compared: 100 processes"],
        }),
        wire::Look::Modules => Value::from("no table"),
        wire::Look::File => json!({
            "columns": ["path", "state", "kind", "size", "sha256", "content"],
            "rows": [["/tmp/x", "present", "script", 3, "ab".repeat(32), "616263"]],
            "truncated": false, "notes": [],
        }),
        _ => json!({ "columns": ["state"], "rows": [], "truncated": false, "notes": [] }),
    }
}

/// What an agent's lock answers.
fn lockdown(ask: &str) -> String {
    let ask: Value = serde_json::from_str(ask).unwrap();
    let seen = json!({ "path": "/opt/x", "sha256": "00".repeat(32), "use": "program", "reason": "nobody vouches for it",
        "by": "/bin/sh", "user": "ana", "first": 5, "last": 6, "count": 3, "denied": 2, "file": "Program" });
    match ask["do"].as_str().unwrap() {
        "status" => json!({
            "lock": { "phase": { "phase": "locked", "since": 5, "by": "ana", "mode": "enforce", "until": null },
                "break_glass": { "reason": "repair", "by": "root", "since": 5, "until": 9 } },
            "mode": "alert", "trusted": 1, "listed": 2, "distrusted": 3, "unknown": 4, "unknown_shed": 0, "asked": 5, "denied": 6,
            "would_deny": 7, "ran_unasked": 8, "ended": 9, "unjudged": 10, "unread_arguments": 0, "jobs_shed": 0,
            "not_kept": [{ "attack": "a", "why": "w" }],
            "kernel": { "state": "in force", "without_agent": "only what was allowed before runs",
                "refused_programs": 1, "refused_libraries": 2, "refused_modules": 3, "refused_tracing": 4, "untold": 0,
                "failed_answers": 0, "mended": 0 },
        })
        .to_string(),
        "report" => json!({
            "lock": {}, "unknown": [seen], "unknown_shed": 0, "learned": 7,
            "package_errors": ["rpm: only the SQLite form is read, and this is an older one"],
            "trusted": [{ "path": "/opt/y", "sha256": "11".repeat(32), "source": { "source": "hand", "name": "ours" }, "by": "ana",
                "at": 5, "until": null }],
            "distrusted": [{ "path": "/opt/z", "sha256": null, "reason": "old", "by": "ana", "at": 5 }],
        })
        .to_string(),
        "consequence" => json!({
            "path": ask["path"], "exists": true, "sha256": ask["sha256"], "sha256_now": ask["sha256"], "same": true,
            "runs_already": false, "reasons": ["nobody"], "interpreter": false, "in_scope": true,
            "file": { "size": 1, "uid": 0, "gid": 0, "mode": "0755", "links": 1, "real_path": null, "only_root_writes": true,
                "written_by": null, "distrusted": null, "package": "x 1", "package_says": "no-digest" },
            "seen": [seen], "elsewhere": ["/tmp/x"], "scan": { "verdict": "clean" },
        })
        .to_string(),
        _ => String::new(),
    }
}
