//! The typed event read by column. Allocates only where a fact has no text of its own (ids, octal modes).

use crate::{
    Bpf, Category, Column, EventKind, ExecutableMemory, File, IoUring, KernelLog, LogSays, NamespaceChange,
    NetworkEvent, OverstepAct, OverstepEnd, PrivilegeChange, Process, ProcessAccess, Timestamp, Value,
};
use crate::{Event, Fields};
use std::borrow::Cow;

impl Fields for Event {
    fn field(&self, column: Column) -> Option<Value<'_>> {
        use Column::*;
        let process = self.process.as_deref();
        let parent = self.parent.as_deref();
        match column {
            Time => Some(Value::Time(self.time)),
            Sequence => Some(Value::U64(self.sequence)),
            Category => Some(Value::str(self.kind.category().name())),
            Action => Some(Value::str(self.kind.action())),
            Outcome => outcome(&self.kind),
            // The agent's identity, not the event's: the wire's batch carries it once.
            HostId | HostName | Tenant | BootId => None,
            ProcessEntityId => process.map(|p| owned(p.key.entity_id())),
            ProcessPid => process.map(|p| Value::U64(p.key.tgid.into())),
            ProcessName => process.map(|p| Value::str(p.name())),
            ProcessExecutable => process.and_then(|p| text(&p.executable)),
            ProcessCommandLine => process.and_then(|p| text(&p.command_line)),
            ProcessWorkingDirectory => process.and_then(|p| p.working_directory.as_deref()).and_then(text),
            ProcessHashSha256 => process.and_then(|p| p.sha256).map(Value::Digest),
            ProcessStart => process.filter(|p| p.started != Timestamp::default()).map(|p| Value::Time(p.started)),
            ProcessExitCode => match &self.kind {
                EventKind::Exit(exit) => match (exit.code, exit.signal) {
                    (_, Some(signal)) => Some(Value::I64(-i64::from(signal))),
                    (Some(code), None) => Some(Value::I64(code.into())),
                    (None, None) => None,
                },
                _ => None,
            },
            ProcessInteractive => process.map(|p| Value::Bool(p.interactive)),
            ParentEntityId => {
                parent.map(|p| p.key).or_else(|| process.and_then(|p| p.parent)).map(|k| owned(k.entity_id()))
            }
            ParentPid => {
                parent.map(|p| p.key).or_else(|| process.and_then(|p| p.parent)).map(|key| Value::U64(key.tgid.into()))
            }
            ParentName => parent.map(|p| Value::str(p.name())),
            ParentExecutable => parent.and_then(|p| text(&p.executable)),
            ParentCommandLine => parent.and_then(|p| text(&p.command_line)),
            UserId => process.map(|p| Value::U64(p.user.credentials.uid.into())),
            UserName if self.says().is_some_and(|says| says.user().is_some()) => {
                self.says().and_then(LogSays::user).and_then(text)
            }
            UserName => process.and_then(|p| p.user.name.as_deref()).and_then(text),
            UserEffectiveId => process.map(|p| Value::U64(p.user.credentials.euid.into())),
            GroupId => process.map(|p| Value::U64(p.user.credentials.gid.into())),
            LoginId => process.and_then(|p| p.login.as_ref()).map(|l| Value::U64(l.uid.into())),
            LoginName => process.and_then(|p| p.login.as_ref()).and_then(|l| l.name.as_deref()).and_then(text),
            SessionId => process.and_then(|p| p.login.as_ref()).map(|l| Value::U64(l.session.into())),
            Unit => process.and_then(|p| p.unit.as_deref()).and_then(text),
            ContainerId | ContainerName | ContainerImage if self.logged_container(column).is_some() => {
                self.logged_container(column)
            }
            ContainerId => process.and_then(|p| p.container.as_ref()).and_then(|c| text(&c.id)),
            ContainerName => process.and_then(|p| p.container.as_ref()).and_then(|c| c.name.as_deref()).and_then(text),
            ContainerImage => {
                process.and_then(|p| p.container.as_ref()).and_then(|c| c.image.as_deref()).and_then(text)
            }
            PackageName => process.and_then(|p| p.package.as_ref()).and_then(|p| text(&p.name)),
            PackageVersion => process.and_then(|p| p.package.as_ref()).and_then(|p| text(&p.version)),
            FilePath => self.file().and_then(|f| text(&f.path)).or_else(|| self.other_file_path().and_then(text)),
            FileName => self
                .file()
                .map(File::name)
                .and_then(text)
                .or_else(|| self.other_file_path().and_then(|path| path.rsplit('/').next()).and_then(text)),
            FileOtherPath => match &self.kind {
                EventKind::File(event) => event.op.other_path().and_then(text),
                EventKind::Change(change) => match &change.what {
                    crate::ChangeKind::Renamed { from } => text(from),
                    _ => None,
                },
                _ => None,
            },
            FileInode => self.file().and_then(|f| f.identity).map(|id| Value::U64(id.inode)),
            FileMode => self.file().filter(|f| f.mode != 0).map(|f| owned(format!("{:04o}", f.mode & 0o7777))),
            FileOwner => self.file().and_then(|f| f.owner).map(|(uid, _)| Value::U64(uid.into())),
            FileSize => self.file().and_then(|f| f.identity).map(|id| Value::U64(id.size)),
            FileHashSha256 => match &self.kind {
                EventKind::Change(change) => change.sha256.map(Value::Digest),
                _ => None,
            },
            SourceIp if self.says().is_some() => self.says()?.from().map(|(ip, _)| Value::Ip(ip)),
            SourcePort if self.says().is_some() => self.says()?.from()?.1.map(|port| Value::U64(port.into())),
            SourceIp => self.source().map(|e| Value::Ip(e.ip)),
            SourcePort => self.source().map(|e| Value::U64(e.port.into())),
            DestinationIp => self.destination().map(|e| Value::Ip(e.ip)),
            DestinationPort => self.destination().map(|e| Value::U64(e.port.into())),
            NetworkTransport => match &self.kind {
                EventKind::Flow(_) | EventKind::Sent(_) => Some(Value::str(crate::Transport::Tcp.name())),
                _ => self.network().map(|n| Value::str(n.transport.name())),
            },
            NetworkDirection => match &self.kind {
                EventKind::Flow(_) | EventKind::Sent(_) => Some(Value::str(crate::Direction::Egress.name())),
                _ => self.network().map(|n| Value::str(n.op.direction().name())),
            },
            DnsQuestionName => match &self.kind {
                EventKind::Dns(query) => text(&query.name),
                _ => None,
            },
            DnsQuestionType => match &self.kind {
                EventKind::Dns(query) => Some(dns_type(query.qtype)),
                _ => None,
            },
            TargetEntityId => match &self.kind {
                EventKind::Access(ProcessAccess::Ptrace { target, .. } | ProcessAccess::VmWrite { target, .. }) => {
                    Some(owned(target.entity_id()))
                }
                EventKind::Fork(fork) => Some(owned(fork.child.entity_id())),
                _ => None,
            },
            TargetExecutable => match &self.kind {
                EventKind::Access(
                    ProcessAccess::Ptrace { target_executable, .. } | ProcessAccess::VmWrite { target_executable, .. },
                ) => text(target_executable),
                _ => None,
            },
        }
    }

    fn label(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut found = None;
        self.each_label(&mut |label, value| {
            if label == name {
                found = Some(Cow::Owned(value.to_owned()));
            }
        });
        found
    }

    fn each_label(&self, visit: &mut dyn FnMut(&str, &str)) {
        if self.via == crate::Via::IoUring {
            visit("via", "io_uring");
        }
        if let Some(process) = self.process.as_deref() {
            process_labels(process, visit);
        }
        kind_labels(&self.kind, visit);
    }
}

impl Event {
    /// Category of the event; short for `kind.category()`.
    pub fn category(&self) -> Category {
        self.kind.category()
    }

    pub fn file(&self) -> Option<&File> {
        match &self.kind {
            EventKind::File(event) => Some(&event.file),
            EventKind::Change(change) => Some(&change.file),
            _ => None,
        }
    }

    pub fn network(&self) -> Option<&NetworkEvent> {
        match &self.kind {
            EventKind::Network(network) => Some(network),
            _ => None,
        }
    }

    fn source(&self) -> Option<crate::Endpoint> {
        match &self.kind {
            EventKind::Network(network) => network.source,
            EventKind::Flow(flow) => flow.source,
            EventKind::Sent(sent) => sent.source,
            _ => None,
        }
    }

    fn destination(&self) -> Option<crate::Endpoint> {
        match &self.kind {
            EventKind::Flow(flow) => flow.destination,
            EventKind::Sent(sent) => sent.destination,
            EventKind::Network(network) => network.destination,
            EventKind::Overstep(overstep) => overstep.act.endpoint(),
            EventKind::Dns(query) => query.server,
            _ => None,
        }
    }

    /// What a log says.
    fn says(&self) -> Option<&LogSays> {
        match &self.kind {
            EventKind::Log(log) => Some(&log.says),
            _ => None,
        }
    }

    fn logged_container(&self, column: Column) -> Option<Value<'_>> {
        let LogSays::Container { id, name, image, .. } = self.says()? else { return None };
        match column {
            Column::ContainerId => text(id),
            Column::ContainerName => name.as_deref().and_then(text),
            _ => image.as_deref().and_then(text),
        }
    }

    /// The path that a kernel event is about.
    fn other_file_path(&self) -> Option<&str> {
        match &self.kind {
            EventKind::Module(module) => module.path.as_deref(),
            EventKind::Memory(ExecutableMemory::WriteExecute { path, .. }) => path.as_deref(),
            EventKind::Namespace(NamespaceChange::Mount { target, .. } | NamespaceChange::Unmount { target }) => {
                Some(target)
            }
            EventKind::Namespace(NamespaceChange::PivotRoot { new_root }) => Some(new_root),
            EventKind::Namespace(NamespaceChange::Chroot { path }) => Some(path),
            EventKind::Refused(refused) => Some(&refused.path),
            EventKind::Overstep(overstep) => overstep.act.path().map(|path| &**path),
            _ => None,
        }
    }
}

fn process_labels(process: &Process, visit: &mut dyn FnMut(&str, &str)) {
    let mut flag = |set: bool, name: &str| {
        if set {
            visit(name, "true");
        }
    };
    flag(process.command_line_truncated, "command_line_truncated");
    flag(process.fileless, "fileless");
    if let Some(ip) = process.login_from {
        visit("login_source_ip", &ip.to_string());
    }
    if *process.comm != *process.name() && !process.name().starts_with(&*process.comm) && !process.comm.is_empty() {
        visit("process_comm", &process.comm);
    }
}

fn kind_labels(kind: &EventKind, visit: &mut dyn FnMut(&str, &str)) {
    // Text goes as it is: an exec's labels are read for every program that starts.
    macro_rules! show {
        ($name:expr, $value:expr) => {
            visit($name, &ToString::to_string($value))
        };
    }
    match kind {
        EventKind::Exec(exec) => {
            if !exec.requested.is_empty() {
                visit("requested", &exec.requested);
            }
            if let Some(script) = &exec.script {
                visit("script", script);
            }
            for (set, name) in [(exec.deleted, "deleted"), (exec.memfd, "memfd"), (exec.raised, "raised")] {
                if set {
                    visit(name, "true");
                }
            }
            if let Some(previous) = &exec.previous_executable {
                visit("previous_executable", previous);
            }
        }
        EventKind::Fork(fork) if fork.namespace_flags != 0 => {
            show!("namespace_flags", &format_args!("{:#x}", fork.namespace_flags));
        }
        EventKind::File(event) => {
            if event.file.path_truncated {
                visit("path_truncated", "true");
            }
            match &event.op {
                crate::FileOp::OpenWrite { truncate: true } => visit("truncate", "true"),
                crate::FileOp::ChangeXattr { name } => visit("xattr_name", name),
                crate::FileOp::ChangeMode { mode } => show!("new_mode", &format_args!("{:04o}", mode & 0o7777)),
                crate::FileOp::ChangeOwner { uid, gid } => {
                    show!("new_uid", uid);
                    show!("new_gid", gid);
                }
                _ => {}
            }
        }
        EventKind::Change(change) => change.each_label(visit),
        EventKind::Network(network) if network.error != 0 => show!("error", &network.error),
        EventKind::Flow(flow) => {
            visit("network_protocol", flow.protocol.name());
            for (name, text) in
                [("flow_method", &flow.method), ("flow_account", &flow.account), ("destination_domain", &flow.server)]
            {
                if let Some(text) = text {
                    visit(name, text);
                }
            }
        }
        EventKind::Sent(sent) => show!("bytes_out", &sent.bytes),
        EventKind::Load(load) => {
            show!("busy_seconds", &(load.busy_ns / 1_000_000_000));
            show!("busy_threads", &load.busy_threads);
            show!("pinned_threads", &load.pinned_threads);
            show!("processors", &load.processors);
            show!("system_permille", &load.system_permille);
            show!("huge_page_bytes", &load.huge_page_bytes);
            if load.holds_msr {
                visit("holds_msr", "true");
            }
            if !load.libraries.is_empty() {
                visit("libraries", &load.libraries.join(" "));
            }
        }
        EventKind::Privilege(PrivilegeChange::Identity { from, to }) => {
            show!("from_uid", &from.euid);
            show!("to_uid", &to.euid);
        }
        EventKind::Privilege(PrivilegeChange::Capabilities { from, to }) => {
            show!("from_capabilities", &format_args!("{from:#x}"));
            show!("to_capabilities", &format_args!("{to:#x}"));
        }
        EventKind::Module(module) => visit("module_name", &module.name),
        EventKind::Access(ProcessAccess::Ptrace { request, .. }) => show!("ptrace_request", request),
        EventKind::Access(ProcessAccess::VmWrite { bytes, .. }) => show!("bytes", bytes),
        EventKind::Memory(ExecutableMemory::MemfdCreate { name }) => visit("memfd_name", name),
        EventKind::Memory(ExecutableMemory::WriteExecute { address, length, protection, .. }) => {
            show!("address", &format_args!("{address:#x}"));
            show!("length", length);
            show!("protection", protection);
        }
        EventKind::Namespace(NamespaceChange::Mount { source, fs_type, flags, .. }) => {
            visit("mount_source", source);
            visit("mount_type", fs_type);
            show!("mount_flags", &format_args!("{flags:#x}"));
        }
        EventKind::Namespace(NamespaceChange::Unshare { flags }) => {
            show!("namespace_flags", &format_args!("{flags:#x}"));
        }
        EventKind::Namespace(NamespaceChange::Setns { kind }) => show!("namespace_flags", &format_args!("{kind:#x}")),
        EventKind::Bpf(Bpf { command, program_type, name }) => {
            show!("bpf_command", command);
            show!("bpf_program_type", program_type);
            visit("bpf_name", name);
        }
        EventKind::IoUring(IoUring::Setup { entries }) => show!("entries", entries),
        EventKind::IoUring(IoUring::Operation { opcode }) => show!("opcode", opcode),
        EventKind::KernelLog(KernelLog::Clear { action }) => show!("syslog_action", action),
        EventKind::Overstep(overstep) => {
            visit("overstepped", overstep.act.name());
            visit("overstep_end", overstep.end.name());
            if let OverstepAct::Capability(number) = overstep.act {
                show!("capability", &number);
            }
        }
        EventKind::Log(log) => log.each_label(visit),
        EventKind::SensorLoss(loss) => {
            visit("loss_kind", loss.kind.name());
            show!("loss_count", &loss.count);
        }
        _ => {}
    }
}

fn outcome(kind: &EventKind) -> Option<Value<'static>> {
    const EINPROGRESS: i32 = 115;
    match kind {
        EventKind::Network(network) => {
            Some(Value::str(if matches!(network.error, 0 | EINPROGRESS) { "success" } else { "failure" }))
        }
        EventKind::Log(log) => log.says.succeeded().map(|ok| Value::str(if ok { "success" } else { "failure" })),
        EventKind::Refused(_) => Some(Value::str("denied")),
        EventKind::Overstep(overstep) => {
            Some(Value::str(if overstep.end == OverstepEnd::Let { "success" } else { "denied" }))
        }
        _ => None,
    }
}

fn dns_type(number: u16) -> Value<'static> {
    let name = match number {
        1 => "A",
        2 => "NS",
        5 => "CNAME",
        6 => "SOA",
        12 => "PTR",
        15 => "MX",
        16 => "TXT",
        28 => "AAAA",
        33 => "SRV",
        65 => "HTTPS",
        255 => "ANY",
        _ => return owned(format!("TYPE{number}")),
    };
    Value::str(name)
}

fn text(text: &str) -> Option<Value<'_>> {
    (!text.is_empty()).then(|| Value::str(text))
}

fn owned(text: String) -> Value<'static> {
    Value::Str(Cow::Owned(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Exec, ProcessKey, Row};
    use std::sync::Arc;

    #[test]
    fn an_exec_reads_as_its_columns() {
        let process = Process {
            key: ProcessKey { tgid: 42, ..ProcessKey::default() },
            executable: "/usr/bin/bash".into(),
            command_line: "sh -c id".into(),
            comm: "sh".into(),
            ..Process::default()
        };
        let exec = Exec { memfd: true, ..Exec::default() };
        let event = Event {
            sequence: 1,
            time: Timestamp(5),
            via: crate::Via::Syscall,
            process: Some(Arc::new(process)),
            parent: None,
            kind: EventKind::Exec(exec),
        };
        let row = Row::of(&event);
        assert_eq!(row.text(Column::ProcessName).unwrap(), "bash");
        assert_eq!(row.text(Column::Action).unwrap(), "process-exec");
        assert_eq!(row.labels["memfd"], "true");
        assert_eq!(row.labels["process_comm"], "sh");
        assert_eq!(event.label("memfd").as_deref(), Some("true"));
        assert_eq!(row.text(Column::FilePath), None);
    }
}
