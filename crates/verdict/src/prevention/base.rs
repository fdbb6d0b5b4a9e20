//! What any program of a distribution needs and no profile has to name.

/// What any program of a distribution needs to start and to find names: every list of `read` and `write` that allows
/// anything holds these.
pub(super) const BASE_READ: &[&str] = &[
    "/usr/lib/",
    "/usr/lib32/",
    "/usr/lib64/",
    "/usr/libx32/",
    "/usr/share/",
    "/usr/local/lib/",
    "/etc/ld.so.cache",
    "/etc/ld.so.preload",
    "/etc/localtime",
    "/etc/locale.alias",
    "/etc/gai.conf",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl/certs/",
    "/etc/ssl/openssl.cnf",
    "/proc/",
    "/sys/",
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/pts/",
];
pub(super) const BASE_WRITE: &[&str] =
    &["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts/"];

/// Its log, its service manager, names of users and hosts.
pub(super) const BASE_SOCKETS: &[&str] = &[
    "/run/systemd/journal/",
    "/run/systemd/notify",
    "/run/systemd/resolve/",
    "/run/systemd/userdb/",
    "/run/nscd/",
    "/run/rsyslog/",
    "/dev/log",
];
