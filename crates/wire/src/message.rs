//! The stream's messages as types of ours. A message of a kind that this build does not know reads as `None`: the other
//! side is newer, and what it adds must be of use without an answer.

use crate::{Batch, Command, CommandError, CommandResult, PackError, UnpackError, command, host, v1};
use event::{CommandId, HostFacts, Timestamp};

#[derive(Clone, Debug, PartialEq)]
pub enum ClientMessage {
    /// First, once.
    Hello(Box<Hello>),
    Batch(Batch),
    Result(CommandResult),
    Status(Box<HostFacts>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum ServerMessage {
    /// First, once.
    Welcome(Welcome),
    /// All up to and with `last` is durable.
    Ack {
        epoch: u64,
        last: u64,
    },
    Command(Box<Command>),
    ResultReceived(CommandId),
    /// Last: the stream ends after it.
    Refused(Refusal),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Hello {
    pub protocol: u32,
    pub host: HostFacts,
    pub epoch: u64,
    /// Of the policy in force; 0 for the built-in one.
    pub policy_version: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    pub protocol: u32,
    pub node_version: String,
    /// The last durable number of the agent's epoch.
    pub last: u64,
    pub window: u32,
    pub max_batch_bytes: u32,
    pub time: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Refusal {
    pub code: RefusalCode,
    pub message: String,
}

impl Refusal {
    pub fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Refusal { code, message: message.into() }
    }
}

macro_rules! refusal_codes {
    ($($name:ident $text:literal,)*) => {
        /// Why a node ends a stream or does not take one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum RefusalCode { $($name,)* /// Of a newer node.
            Unknown }

        impl RefusalCode {
            pub const fn name(self) -> &'static str {
                match self { $(RefusalCode::$name => $text,)* RefusalCode::Unknown => "refused" }
            }
        }

        impl From<RefusalCode> for v1::RefusalCode {
            fn from(code: RefusalCode) -> Self {
                match code { $(RefusalCode::$name => v1::RefusalCode::$name,)*
                    RefusalCode::Unknown => v1::RefusalCode::Unspecified }
            }
        }

        impl From<v1::RefusalCode> for RefusalCode {
            fn from(code: v1::RefusalCode) -> Self {
                match code { $(v1::RefusalCode::$name => RefusalCode::$name,)*
                    v1::RefusalCode::Unspecified => RefusalCode::Unknown }
            }
        }
    };
}

refusal_codes! {
    Revoked "revoked",
    UnknownAgent "unknown agent",
    Protocol "another protocol",
    Full "full",
    Replaced "replaced",
    BadMessage "bad message",
    OutOfOrder "out of order",
    Unavailable "unavailable",
    Idle "idle",
    Shutdown "shutting down",
    Expired "expired",
}

impl std::fmt::Display for RefusalCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MessageError {
    #[error("batch: {0}")]
    Unpack(#[from] UnpackError),
    #[error("batch: {0}")]
    Pack(#[from] PackError),
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error("a hello without the host's facts")]
    NoHost,
}

impl TryFrom<ClientMessage> for v1::ClientMessage {
    type Error = MessageError;
    fn try_from(message: ClientMessage) -> Result<Self, MessageError> {
        use v1::client_message::Body;
        let body = match message {
            ClientMessage::Hello(hello) => Body::Hello(v1::Hello {
                protocol: hello.protocol,
                host: Some(host::write(&hello.host)),
                epoch: hello.epoch,
                policy_version: hello.policy_version,
            }),
            ClientMessage::Batch(batch) => Body::Batch(batch.pack()?),
            ClientMessage::Result(result) => Body::Result(result.into()),
            ClientMessage::Status(facts) => Body::Status(host::write(&facts)),
        };
        Ok(v1::ClientMessage { body: Some(body) })
    }
}

impl ClientMessage {
    pub fn read(message: v1::ClientMessage) -> Result<Option<ClientMessage>, MessageError> {
        use v1::client_message::Body;
        Ok(match message.body {
            None => None,
            Some(Body::Hello(hello)) => Some(ClientMessage::Hello(Box::new(Hello {
                protocol: hello.protocol,
                host: host::read(hello.host.ok_or(MessageError::NoHost)?),
                epoch: hello.epoch,
                policy_version: hello.policy_version,
            }))),
            Some(Body::Batch(batch)) => Some(ClientMessage::Batch(Batch::unpack(batch)?)),
            Some(Body::Result(result)) => Some(ClientMessage::Result(result.try_into()?)),
            Some(Body::Status(facts)) => Some(ClientMessage::Status(Box::new(host::read(facts)))),
        })
    }
}

impl From<ServerMessage> for v1::ServerMessage {
    fn from(message: ServerMessage) -> Self {
        use v1::server_message::Body;
        let body = match message {
            ServerMessage::Welcome(welcome) => Body::Welcome(v1::Welcome {
                protocol: welcome.protocol,
                node_version: welcome.node_version,
                last: welcome.last,
                window: welcome.window,
                max_batch_bytes: welcome.max_batch_bytes,
                time: welcome.time.0,
            }),
            ServerMessage::Ack { epoch, last } => Body::Ack(v1::Ack { epoch, last }),
            ServerMessage::Command(command) => Body::Command((*command).into()),
            ServerMessage::ResultReceived(id) => Body::ResultReceived(v1::ResultReceived { id: id.0 }),
            ServerMessage::Refused(refusal) => Body::Refused(v1::Refused {
                code: v1::RefusalCode::from(refusal.code).into(),
                message: refusal.message,
            }),
        };
        v1::ServerMessage { body: Some(body) }
    }
}

impl ServerMessage {
    pub fn read(message: v1::ServerMessage) -> Result<Option<ServerMessage>, command::CommandError> {
        use v1::server_message::Body;
        Ok(match message.body {
            None => None,
            Some(Body::Welcome(welcome)) => Some(ServerMessage::Welcome(Welcome {
                protocol: welcome.protocol,
                node_version: welcome.node_version,
                last: welcome.last,
                window: welcome.window,
                max_batch_bytes: welcome.max_batch_bytes,
                time: Timestamp(welcome.time),
            })),
            Some(Body::Ack(ack)) => Some(ServerMessage::Ack { epoch: ack.epoch, last: ack.last }),
            Some(Body::Command(command)) => Some(ServerMessage::Command(Box::new(command.try_into()?))),
            Some(Body::ResultReceived(received)) => Some(ServerMessage::ResultReceived(CommandId(received.id))),
            Some(Body::Refused(refused)) => Some(ServerMessage::Refused(Refusal {
                code: v1::RefusalCode::try_from(refused.code).unwrap_or_default().into(),
                message: refused.message,
            })),
        })
    }
}
