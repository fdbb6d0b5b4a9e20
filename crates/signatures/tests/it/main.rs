//! One binary: what each feature of the formats finds and does not, hostile input, and ClamAV's own scanner beside ours.

mod detached;
mod differential;
mod features;
mod hostile;
mod updates;
mod world;
