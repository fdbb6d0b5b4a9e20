//! containerd's events, by the one call of its API that we need. What its events hold is read as far as the container's id and
//! image, which stand in the same fields in all of them.

use super::socket::{self, Daemon};
use super::{Desk, Measure};
use anyhow::Result;
use event::Timestamp;
use prost::Message as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tonic::codegen::http::uri::PathAndQuery;

const NAME: &str = "containerd";
/// Docker's own containers are told by Docker.
const OF_DOCKER: &str = "moby";

#[derive(Clone, PartialEq, prost::Message)]
struct Subscribe {
    #[prost(string, repeated, tag = "1")]
    filters: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Envelope {
    #[prost(message, optional, tag = "1")]
    time: Option<Moment>,
    #[prost(string, tag = "2")]
    namespace: String,
    #[prost(string, tag = "3")]
    topic: String,
    #[prost(message, optional, tag = "4")]
    event: Option<Packed>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Moment {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Packed {
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Named {
    #[prost(string, tag = "1")]
    id: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Created {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(string, tag = "2")]
    image: String,
}

const CONTAINERD: Daemon = Daemon { name: NAME, thread: "containerd", over: "the daemon ended" };

pub fn start(path: PathBuf, desk: Arc<Desk>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    socket::start(CONTAINERD, path, desk, move |path, desk, measure| runtime.block_on(follow(path, desk, measure)))
}

async fn follow(socket: &Path, desk: &Desk, measure: &mut Measure) -> Result<()> {
    let mut client = crate::containerd::client(socket).await?;
    let call = PathAndQuery::from_static("/containerd.services.events.v1.Events/Subscribe");
    let codec = tonic_prost::ProstCodec::<Subscribe, Envelope>::default();
    let request = tonic::Request::new(Subscribe { filters: Vec::new() });
    let mut events = client.server_streaming(request, call, codec).await?.into_inner();
    desk.say(NAME, |state| state.state = "followed".into());
    while let Some(envelope) = events.message().await? {
        let heard = if envelope.namespace == OF_DOCKER { Ok(None) } else { heard(&envelope) };
        let unread = heard.is_err();
        if let Ok(Some(heard)) = heard {
            measure.take(desk, heard);
        }
        desk.say(NAME, |state| {
            state.counts.lines += 1;
            state.counts.damaged += u64::from(unread);
            measure.show(state);
        });
    }
    Ok(())
}

/// None of what says nothing about a container.
fn heard(envelope: &Envelope) -> Result<Option<logs::live::Heard>, prost::DecodeError> {
    let Some(event) = &envelope.event else { return Ok(None) };
    let value = event.value.as_slice();
    let (id, image) = match envelope.topic.as_str() {
        "/containers/create" => Created::decode(value).map(|created| (created.id, created.image))?,
        topic if topic.starts_with("/containers/") || topic.starts_with("/tasks/") => {
            (Named::decode(value)?.id, String::new())
        }
        _ => return Ok(None),
    };
    let time = envelope.time.as_ref();
    let nanos = time.and_then(|time| time.seconds.checked_mul(1_000_000_000)?.checked_add(time.nanos.into()));
    Ok(logs::live::containerd(&envelope.topic, &id, &image, &envelope.namespace, nanos.map(Timestamp)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_heard_whatever_else_it_holds() {
        // TaskStart: container_id = 1, pid = 2 (a number).
        let mut value = Named { id: "5f2b".into() }.encode_to_vec();
        value.extend([0x10, 0x2a]);
        let envelope = |topic: &str, value: Vec<u8>| Envelope {
            time: Some(Moment { seconds: 5, nanos: 7 }),
            namespace: "k8s.io".into(),
            topic: topic.into(),
            event: Some(Packed { value }),
        };
        let start = heard(&envelope("/tasks/start", value.clone())).unwrap().unwrap();
        assert_eq!(
            (start.event.says.action(), start.event.claimed),
            ("container-start", Some(Timestamp(5_000_000_007)))
        );
        assert!(heard(&envelope("/images/update", value)).unwrap().is_none());
        assert!(heard(&envelope("/tasks/start", vec![0xff])).is_err());
        let created = Created { id: "5f2b".into(), image: "shop/api:4".into() }.encode_to_vec();
        let created = heard(&envelope("/containers/create", created)).unwrap().unwrap();
        let event::LogSays::Container { image, .. } = &created.event.says else { panic!("a container") };
        assert_eq!(image.as_deref(), Some("shop/api:4"));
    }
}
