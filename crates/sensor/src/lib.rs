//! Probes the tier, loads bpf/, drains rings and fanotify; yields events and loss counts.
