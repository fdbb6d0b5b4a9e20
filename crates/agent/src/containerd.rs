//! containerd's API, as far as we call it: messages hold the fields that we read, with the numbers that its protocol gives them.

use anyhow::{Context as _, Result};
use hyper_util::rt::TokioIo;
use std::path::Path;
use std::time::Duration;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::MetadataValue;
use tonic::transport::{Channel, Endpoint, Uri};

const CONNECT: Duration = Duration::from_secs(10);

/// Ready for a call.
pub async fn client(socket: &Path) -> Result<Grpc<Channel>> {
    let path = socket.to_owned();
    let connector = tower::service_fn(move |_: Uri| {
        let path = path.clone();
        async move { tokio::net::UnixStream::connect(path).await.map(TokioIo::new) }
    });
    let endpoint = Endpoint::from_static("http://containerd.internal").connect_timeout(CONNECT);
    let channel = endpoint
        .connect_with_connector(connector)
        .await
        .with_context(|| format!("cannot reach {}", socket.display()))?;
    let mut client = Grpc::new(channel);
    client.ready().await?;
    Ok(client)
}

#[derive(Clone, PartialEq, prost::Message)]
struct GetContainer {
    #[prost(string, tag = "1")]
    id: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct GotContainer {
    #[prost(message, optional, tag = "1")]
    container: Option<Container>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Container {
    #[prost(string, tag = "3")]
    image: String,
    #[prost(string, tag = "6")]
    snapshotter: String,
    #[prost(string, tag = "7")]
    snapshot_key: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct GetImage {
    #[prost(string, tag = "1")]
    name: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct GotImage {
    #[prost(message, optional, tag = "1")]
    image: Option<Image>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Image {
    #[prost(message, optional, tag = "3")]
    target: Option<Descriptor>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Descriptor {
    #[prost(string, tag = "2")]
    digest: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct AskSnapshot {
    #[prost(string, tag = "1")]
    snapshotter: String,
    #[prost(string, tag = "2")]
    key: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct GotSnapshot {
    #[prost(message, optional, tag = "1")]
    info: Option<Snapshot>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Snapshot {
    #[prost(string, tag = "2")]
    parent: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct GotMounts {
    #[prost(message, repeated, tag = "1")]
    mounts: Vec<Mount>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Mount {
    #[prost(string, tag = "1")]
    kind: String,
    #[prost(string, repeated, tag = "4")]
    options: Vec<String>,
}

/// What a container was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeFrom {
    /// Of the manifest, or the index of manifests, that its image's name stands for now.
    pub target: String,
    /// The layers that it stands on, by their chain: `sha256:…`.
    pub chain: String,
    /// The folder of what it changes.
    pub own: String,
}

/// # Errors
/// When containerd does not answer, does not know it, or keeps it in no overlay.
pub async fn made_from(socket: &Path, namespace: &str, id: &str) -> Result<MadeFrom> {
    let mut asked = Asked { client: client(socket).await?, namespace };
    let container: GotContainer = asked.call("containers.v1.Containers/Get", GetContainer { id: id.into() }).await?;
    let container = container.container.context("no such container")?;
    let image: GotImage = asked.call("images.v1.Images/Get", GetImage { name: container.image }).await?;
    let target = image.image.and_then(|image| image.target).context("an image without a target")?.digest;
    let snapshot = AskSnapshot { snapshotter: container.snapshotter, key: container.snapshot_key };
    let stat: GotSnapshot = asked.call("snapshots.v1.Snapshots/Stat", snapshot.clone()).await?;
    let mounts: GotMounts = asked.call("snapshots.v1.Snapshots/Mounts", snapshot).await?;
    let overlay = mounts.mounts.into_iter().find(|mount| mount.kind == "overlay").context("it is in no overlay")?;
    let own =
        overlay.options.iter().find_map(|option| option.strip_prefix("upperdir=")).context("it changes nothing")?;
    Ok(MadeFrom { target, chain: stat.info.context("no such snapshot")?.parent, own: own.to_owned() })
}

struct Asked<'a> {
    client: Grpc<Channel>,
    namespace: &'a str,
}

impl Asked<'_> {
    async fn call<Q, A>(&mut self, what: &str, question: Q) -> Result<A>
    where
        Q: prost::Message + 'static,
        A: prost::Message + Default + 'static,
    {
        self.client.ready().await?;
        let mut request = tonic::Request::new(question);
        let namespace: MetadataValue<_> = self.namespace.parse().context("no name of a namespace")?;
        request.metadata_mut().insert("containerd-namespace", namespace);
        let path = PathAndQuery::try_from(format!("/containerd.services.{what}"))?;
        let codec = tonic_prost::ProstCodec::<Q, A>::default();
        let answer = self.client.unary(request, path, codec).await.with_context(|| format!("containerd: {what}"))?;
        Ok(answer.into_inner())
    }
}
