//! How a connection began: the bytes that the kernel half chose to show, read by [`crate::first_bytes`].

use super::network::endpoint;
use event::{EventKind, Flow, Observed};
use kernel_abi::{Net, read};

/// None for a broken record; `Some(None)` for bytes that tell nothing.
pub(super) fn flow(record: &[u8]) -> Option<Option<Observed>> {
    let (raw, mut bytes) = read::<Net>(record)?;
    let Some(spoken) = crate::first_bytes::read(bytes.take(raw.payload as usize)?) else { return Some(None) };
    Some(Some(Observed::Other(EventKind::Flow(Flow {
        protocol: spoken.protocol,
        method: spoken.method,
        account: spoken.account,
        server: spoken.server,
        source: endpoint(raw.family, &raw.source, raw.source_port),
        destination: endpoint(raw.family, &raw.destination, raw.destination_port),
    }))))
}
