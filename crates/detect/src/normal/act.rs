//! What of an event is a habit: who started what, who talked to whom, who came from where, what a service wrote. Read from a
//! live event or from a stored row, so that host and fleet learn the same.

use event::{
    Column, Event, EventKind, Fields, FileOp, LogSays, LogWriter, NetworkEvent, NetworkOp, Process, Timestamp,
    Transport, Value,
};
use std::borrow::Cow;
use std::net::IpAddr;

pub(super) struct Act<'a> {
    pub at: Timestamp,
    /// Path of the program that acted; of a start the new one.
    pub program: Cow<'a, str>,
    pub user: Cow<'a, str>,
    /// A person's log-in led here.
    pub login: bool,
    pub interactive: bool,
    /// Image, where it ran in a container.
    pub image: Option<Cow<'a, str>>,
    pub packaged: bool,
    /// The service that it is part of, whatever program of it acts: a unit of the service manager, a container's image.
    pub place: Option<Cow<'a, str>>,
    pub what: What<'a>,
}

pub(super) enum What<'a> {
    Start {
        parent: Cow<'a, str>,
        script: Option<Cow<'a, str>>,
    },
    Talk(Talk),
    Name(Cow<'a, str>),
    /// A log-in that succeeded.
    Login {
        user: Cow<'a, str>,
        from: IpAddr,
    },
    /// Bytes that went out over a connection.
    Sent {
        ip: IpAddr,
        bytes: u64,
    },
    Write(Cow<'a, str>),
    /// A chance to start something.
    Fork,
}

#[derive(Clone, Copy)]
pub(super) struct Talk {
    pub ip: IpAddr,
    pub port: u16,
    pub udp: bool,
    pub failed: bool,
}

const EINPROGRESS: i32 = 115;

impl<'a> Act<'a> {
    pub fn of_event(event: &'a Event, process: &'a Process) -> Option<Act<'a>> {
        let what = match &event.kind {
            EventKind::Exec(exec) => {
                let parent = event.parent.as_deref().filter(|parent| !parent.executable.is_empty())?;
                let script = exec.script.as_deref().map(Cow::Borrowed);
                What::Start { parent: Cow::Borrowed(&parent.executable), script }
            }
            EventKind::Network(network) => of_network(network)?,
            EventKind::Dns(query) => What::Name(Cow::Borrowed(&query.name)),
            EventKind::File(file) if matches!(file.op, FileOp::WriteClose | FileOp::Rename { .. }) => {
                What::Write(Cow::Borrowed(&file.file.path))
            }
            EventKind::Fork(_) => What::Fork,
            EventKind::Sent(sent) => What::Sent { ip: sent.destination?.ip, bytes: sent.bytes },
            EventKind::Log(log) if log.writer == LogWriter::Confirmed => match &log.says {
                LogSays::Login { user, from: Some(from), ok: true, .. } => {
                    What::Login { user: Cow::Borrowed(user), from: from.ip }
                }
                _ => return None,
            },
            _ => return None,
        };
        if process.executable.is_empty() {
            return None;
        }
        let user = process.login.as_ref().and_then(|login| login.name.as_deref()).or(process.user.name.as_deref());
        let number = || Cow::Owned(format!("uid {}", process.user.credentials.uid));
        let container = process.container.as_deref();
        let image = container.map(|container| Cow::Borrowed(container.image.as_deref().unwrap_or(&container.id)));
        Some(Act {
            at: event.time,
            program: Cow::Borrowed(&process.executable),
            user: user.map_or_else(number, Cow::Borrowed),
            login: process.login.is_some(),
            interactive: process.interactive,
            place: image.clone().or_else(|| process.unit.as_deref().filter(|unit| is_service(unit)).map(Cow::Borrowed)),
            image,
            packaged: process.package.is_some(),
            what,
        })
    }

    /// The same of a row that an agent sent.
    pub fn of_row(row: &'a impl Fields) -> Option<Act<'a>> {
        let text = |column| match row.field(column) {
            Some(Value::Str(text)) => Some(text),
            _ => None,
        };
        let number = |column| match row.field(column) {
            Some(Value::U64(number)) => Some(number),
            _ => None,
        };
        let ip = |column| match row.field(column) {
            Some(Value::Ip(ip)) => Some(ip),
            _ => None,
        };
        let action = text(Column::Action)?;
        let what = match action.as_ref() {
            "process-exec" => What::Start { parent: text(Column::ParentExecutable)?, script: row.label("script") },
            "network-connect" => What::Talk(Talk {
                ip: ip(Column::DestinationIp)?,
                port: u16::try_from(number(Column::DestinationPort)?).ok()?,
                udp: text(Column::NetworkTransport).as_deref() == Some("udp"),
                failed: text(Column::Outcome).as_deref() == Some("failure"),
            }),
            "user-login"
                if text(Column::Outcome).as_deref() == Some("success")
                    && row.label("log_writer").as_deref() == Some("confirmed") =>
            {
                What::Login { user: text(Column::UserName)?, from: ip(Column::SourceIp)? }
            }
            "network-volume" => {
                What::Sent { ip: ip(Column::DestinationIp)?, bytes: row.label("bytes_out")?.parse().ok()? }
            }
            "dns-query" => What::Name(text(Column::DnsQuestionName)?),
            "file-write-close" | "file-rename" => What::Write(text(Column::FilePath)?),
            "process-fork" => What::Fork,
            _ => return None,
        };
        let at = match row.field(Column::Time) {
            Some(Value::Time(at)) => at,
            _ => return None,
        };
        let user = text(Column::LoginName).or_else(|| text(Column::UserName));
        let user = user.or_else(|| Some(Cow::Owned(format!("uid {}", number(Column::UserId)?))))?;
        let image = text(Column::ContainerImage).or_else(|| text(Column::ContainerId));
        Some(Act {
            at,
            program: text(Column::ProcessExecutable)?,
            user,
            login: number(Column::LoginId).is_some(),
            interactive: matches!(row.field(Column::ProcessInteractive), Some(Value::Bool(true))),
            place: image.clone().or_else(|| text(Column::Unit).filter(|unit| is_service(unit))),
            image,
            packaged: text(Column::PackageName).is_some(),
            what,
        })
    }
}

/// Log-ins have units too, of which each is another.
fn is_service(unit: &str) -> bool {
    unit.ends_with(".service") && !unit.starts_with("user@")
}

fn of_network(network: &NetworkEvent) -> Option<What<'static>> {
    match network.op {
        NetworkOp::Connect if matches!(network.transport, Transport::Tcp | Transport::Udp) => {
            let to = network.destination?;
            let failed = !matches!(network.error, 0 | EINPROGRESS);
            Some(What::Talk(Talk { ip: to.ip, port: to.port, udp: network.transport == Transport::Udp, failed }))
        }
        _ => None,
    }
}
