//! What a log says. Nobody of ours saw it happen: the words are the log's, the time is when it was read, and beside it stands
//! the time that the log claims.

use crate::{Endpoint, Timestamp};
use std::net::IpAddr;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq)]
pub struct LogEvent {
    pub source: LogSource,
    pub says: LogSays,
    /// As the line has it; a log may lie.
    pub claimed: Option<Timestamp>,
    /// Who the line says wrote it.
    pub program: Arc<str>,
    pub pid: Option<u32>,
    pub writer: LogWriter,
    pub facility: LogFacility,
    /// The line without its head, at most 4 KiB; hostile bytes per [`crate::text::from_bytes`].
    pub message: Arc<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogSource {
    /// Lines of a syslog daemon: auth.log.
    Syslog,
    Journal,
    Auditd,
    Docker,
    Containerd,
    /// Access log of a web server.
    Web,
    /// A file that one program writes for itself.
    File,
}

impl LogSource {
    pub const fn name(self) -> &'static str {
        match self {
            LogSource::Syslog => "syslog",
            LogSource::Journal => "journal",
            LogSource::Auditd => "auditd",
            LogSource::Docker => "docker",
            LogSource::Containerd => "containerd",
            LogSource::Web => "web",
            LogSource::File => "file",
        }
    }
}

/// Which part of the system log a line belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LogFacility {
    /// Log-ins and rights: `auth` and `authpriv`.
    Auth,
    Cron,
    /// The kernel's own lines; of its audit, a system call that nobody marked with a key.
    Kernel,
    /// What any other program says, and what is no line of the system log.
    #[default]
    Other,
}

impl LogFacility {
    pub const fn name(self) -> &'static str {
        match self {
            LogFacility::Auth => "auth",
            LogFacility::Cron => "cron",
            LogFacility::Kernel => "kernel",
            LogFacility::Other => "other",
        }
    }
}

/// Whether it was written by who it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LogWriter {
    /// Nobody can say: the process is gone, or was never seen.
    #[default]
    Unknown,
    /// The process of that pid is that program, and root's where that is needed.
    Confirmed,
    /// The process is another program than the line says.
    Other,
}

impl LogWriter {
    pub const fn name(self) -> &'static str {
        match self {
            LogWriter::Unknown => "unknown",
            LogWriter::Confirmed => "confirmed",
            LogWriter::Other => "other",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum LogSays {
    /// Somebody was let in, or was not.
    Login {
        user: Arc<str>,
        /// `publickey`, `password`, …; empty where the log does not say.
        method: Arc<str>,
        from: Option<Endpoint>,
        ok: bool,
        /// There is no such user.
        unknown_user: bool,
    },
    /// PAM's session of a service.
    Session {
        user: Arc<str>,
        service: Arc<str>,
        opened: bool,
    },
    /// sudo and su.
    Elevation {
        user: Arc<str>,
        target: Arc<str>,
        command: Option<Arc<str>>,
        ok: bool,
    },
    /// cron starts a command.
    Job {
        user: Arc<str>,
        command: Arc<str>,
    },
    Container {
        act: ContainerAct,
        id: Arc<str>,
        name: Option<Arc<str>>,
        image: Option<Arc<str>>,
    },
    Request(Box<WebRequest>),
    /// A record of the kernel's audit, flat: names and values in its order, at most 128. `kind` is the type of its first line,
    /// those of the others stand among the fields.
    Audit {
        kind: Arc<str>,
        fields: Vec<(Arc<str>, Arc<str>)>,
    },
    /// Nothing that is understood; the line itself.
    Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContainerAct {
    Create,
    Start,
    Exec,
    Stop,
    Remove,
    Other,
}

#[derive(Clone, Debug, PartialEq)]
pub struct WebRequest {
    pub client: IpAddr,
    pub user: Option<Arc<str>>,
    pub method: Arc<str>,
    /// Path and query as they were asked for.
    pub target: Arc<str>,
    pub status: u16,
    pub bytes: u64,
    pub referrer: Option<Arc<str>>,
    pub agent: Option<Arc<str>>,
}

impl LogSays {
    /// ECS `event.action`.
    pub const fn action(&self) -> &'static str {
        match self {
            LogSays::Login { .. } => "user-login",
            LogSays::Session { opened: true, .. } => "session-open",
            LogSays::Session { .. } => "session-close",
            LogSays::Elevation { .. } => "user-elevate",
            LogSays::Job { .. } => "job-start",
            LogSays::Container { act: ContainerAct::Create, .. } => "container-create",
            LogSays::Container { act: ContainerAct::Start, .. } => "container-start",
            LogSays::Container { act: ContainerAct::Exec, .. } => "container-exec",
            LogSays::Container { act: ContainerAct::Stop, .. } => "container-stop",
            LogSays::Container { act: ContainerAct::Remove, .. } => "container-remove",
            LogSays::Container { act: ContainerAct::Other, .. } => "container-other",
            LogSays::Request(_) => "web-request",
            LogSays::Audit { .. } => "audit-record",
            LogSays::Text => "log-message",
        }
    }

    pub fn user(&self) -> Option<&str> {
        match self {
            LogSays::Login { user, .. }
            | LogSays::Session { user, .. }
            | LogSays::Elevation { user, .. }
            | LogSays::Job { user, .. } => Some(user),
            LogSays::Request(request) => request.user.as_deref(),
            _ => None,
        }
    }

    /// Whether what was tried came to be, where the log says it.
    pub fn succeeded(&self) -> Option<bool> {
        match self {
            LogSays::Login { ok, .. } | LogSays::Elevation { ok, .. } => Some(*ok),
            LogSays::Request(request) => Some(request.status < 400),
            LogSays::Audit { fields, .. } => {
                let named = |name: &str| fields.iter().find(|(own, _)| **own == *name).map(|(_, value)| &**value);
                match named("res").or_else(|| named("success"))? {
                    "success" | "yes" | "1" => Some(true),
                    _ => Some(false),
                }
            }
            _ => None,
        }
    }

    pub fn from(&self) -> Option<(IpAddr, Option<u16>)> {
        match self {
            LogSays::Login { from, .. } => from.map(|from| (from.ip, Some(from.port))),
            LogSays::Request(request) => Some((request.client, None)),
            _ => None,
        }
    }
}

impl LogEvent {
    /// A line that nobody keeps for itself: neither understood nor about log-ins, rights or jobs. Rules read it; it is stored
    /// where they find something in it.
    pub fn is_passing(&self) -> bool {
        let told = matches!(self.facility, LogFacility::Auth | LogFacility::Cron);
        match self.source {
            LogSource::Syslog | LogSource::Journal | LogSource::File => !told && self.says == LogSays::Text,
            LogSource::Auditd => self.facility == LogFacility::Kernel,
            LogSource::Docker | LogSource::Containerd | LogSource::Web => false,
        }
    }

    pub(crate) fn each_label(&self, visit: &mut dyn FnMut(&str, &str)) {
        visit("log_source", self.source.name());
        visit("log_writer", self.writer.name());
        if matches!(self.source, LogSource::Syslog | LogSource::Journal) {
            visit("log_facility", self.facility.name());
        }
        if !self.program.is_empty() {
            visit("log_program", &self.program);
        }
        if let Some(pid) = self.pid {
            visit("log_pid", &pid.to_string());
        }
        if let Some(claimed) = self.claimed {
            visit("log_time", &claimed.to_string());
        }
        if !self.message.is_empty() {
            visit("message", &self.message);
        }
        let mut some = |name: &str, value: Option<&str>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                visit(name, value);
            }
        };
        match &self.says {
            LogSays::Login { method, unknown_user, .. } => {
                some("login_method", Some(method));
                some("login_unknown_user", unknown_user.then_some("true"));
            }
            LogSays::Session { service, .. } => some("session_service", Some(service)),
            LogSays::Elevation { target, command, .. } => {
                some("user_target_name", Some(target));
                some("elevated_command", command.as_deref());
            }
            LogSays::Job { command, .. } => some("job_command", Some(command)),
            LogSays::Request(request) => {
                some("http_request_method", Some(&request.method));
                some("url_original", Some(&request.target));
                some("http_response_status_code", Some(&request.status.to_string()));
                some("http_response_bytes", Some(&request.bytes.to_string()));
                some("http_request_referrer", request.referrer.as_deref());
                some("user_agent_original", request.agent.as_deref());
            }
            LogSays::Audit { kind, fields } => {
                for (name, value) in fields {
                    some(&format!("audit_{name}"), Some(value));
                }
                // Last: where a name has one value, this is it.
                some("audit_type", Some(kind));
            }
            LogSays::Container { .. } | LogSays::Text => {}
        }
    }
}
