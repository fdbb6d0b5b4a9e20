//! A recorded row → the event that it was laid flat from: as much of it as rules, sequences and trees read.

use event::{
    Column, Endpoint, Event, EventKind, Exec, FileEvent, FileOp, NetworkEvent, NetworkOp, Process, ProcessKey, Row,
    Transport, Value, Via,
};
use std::sync::Arc;

pub fn event(row: &Row) -> Event {
    let process =
        process(row, [Column::ProcessPid, Column::ParentPid], Column::ProcessExecutable, Column::ProcessCommandLine);
    let parent = process.parent.map(|key| {
        let text = |column| row.text(column).unwrap_or_default().as_ref().into();
        let (executable, command_line) = (text(Column::ParentExecutable), text(Column::ParentCommandLine));
        Arc::new(Process { key, executable, command_line, ..Process::default() })
    });
    Event {
        sequence: 0,
        time: row.time(),
        via: Via::Syscall,
        process: Some(Arc::new(process)),
        parent,
        kind: kind(row),
    }
}

fn process(row: &Row, [own, parent]: [Column; 2], executable: Column, command_line: Column) -> Process {
    let text = |column| row.text(column).unwrap_or_default().as_ref().into();
    Process {
        key: key(row, own).unwrap_or_default(),
        parent: key(row, parent),
        executable: text(executable),
        command_line: text(command_line),
        ..Process::default()
    }
}

fn key(row: &Row, column: Column) -> Option<ProcessKey> {
    Some(ProcessKey { tgid: number(row, column)?.try_into().ok()?, ..ProcessKey::default() })
}

fn number(row: &Row, column: Column) -> Option<u64> {
    match row.get(column)? {
        Value::U64(number) => Some(number),
        _ => None,
    }
}

fn kind(row: &Row) -> EventKind {
    let action = row.text(Column::Action).unwrap_or_default();
    let endpoint = |ip, port| match row.get(ip)? {
        Value::Ip(ip) => Some(Endpoint { ip, port: number(row, port)?.try_into().ok()? }),
        _ => None,
    };
    let network = |op| {
        EventKind::Network(NetworkEvent {
            op,
            transport: Transport::Tcp,
            source: endpoint(Column::SourceIp, Column::SourcePort),
            destination: endpoint(Column::DestinationIp, Column::DestinationPort),
            error: 0,
        })
    };
    let other = || row.text(Column::FileOtherPath).unwrap_or_default().as_ref().into();
    let op = match action.as_ref() {
        "process-exec" => return EventKind::Exec(Exec::default()),
        "network-connect" => return network(NetworkOp::Connect),
        "network-listen" => return network(NetworkOp::Listen),
        "file-open-read" => FileOp::OpenRead,
        "file-open-write" => FileOp::OpenWrite { truncate: true },
        "file-create" => FileOp::Create,
        "file-write-close" => FileOp::WriteClose,
        "file-rename" => FileOp::Rename { from: other() },
        "file-unlink" => FileOp::Unlink,
        "file-change-mode" => FileOp::ChangeMode { mode: 0o4755 },
        unknown => panic!("no event is made of {unknown} here"),
    };
    let path = row.text(Column::FilePath).unwrap_or_default();
    EventKind::File(FileEvent { op, file: event::File::at(path.as_ref()) })
}
