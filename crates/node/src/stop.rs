//! The word that the node is to end, waited for by everything that would else go on.

use tokio::sync::watch;

/// Returns when it was said, or when nobody can say it any more.
pub async fn said(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}
