//! What a program is for, by its name: the usual inhabitants of a Linux host. Data only; [`crate::ordinary`] decides with it.

/// The part that a process plays when all is well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Kernel,
    /// pid 1, systemd, supervisors: they start services.
    ServiceManager,
    /// sshd, login, display managers: they start sessions of people.
    SessionDaemon,
    /// sudo, su: a person changes account.
    AccountTool,
    /// tmux, screen, terminal windows.
    Terminal,
    /// cron, atd: they start jobs.
    Scheduler,
    /// containerd-shim, runc, conmon: they start containers.
    ContainerRuntime,
    /// A daemon, or the main program of a container.
    Service,
    /// The shell at which a person sits.
    PersonShell,
}

impl Role {
    pub const fn key(self) -> &'static str {
        match self {
            Role::Kernel => "kernel",
            Role::ServiceManager => "service_manager",
            Role::SessionDaemon => "session_daemon",
            Role::AccountTool => "account_tool",
            Role::Terminal => "terminal",
            Role::Scheduler => "scheduler",
            Role::ContainerRuntime => "container_runtime",
            Role::Service => "service",
            Role::PersonShell => "person_shell",
        }
    }

    /// Countless unrelated things descend from it: sharing such an ancestor says nothing.
    pub const fn is_hub(self) -> bool {
        !matches!(self, Role::Service | Role::PersonShell)
    }
}

const SERVICE_MANAGERS: &[&str] = &[
    "init",
    "systemd",
    "upstart",
    "runit",
    "runsvdir",
    "runsv",
    "s6-svscan",
    "s6-supervise",
    "supervisord",
    "tini",
    "dumb-init",
    "openrc-init",
    "launchd",
    "monit",
    "docker-init",
    "catatonit",
];
const SESSION_DAEMONS: &[&str] = &[
    "sshd",
    "sshd-session",
    "sshd-auth",
    "login",
    "agetty",
    "getty",
    "gdm",
    "gdm3",
    "gdm-session-worker",
    "lightdm",
    "sddm",
    "dropbear",
    "in.telnetd",
    "xrdp-sesman",
    "cockpit-session",
    "systemd-logind",
];
const ACCOUNT_TOOLS: &[&str] = &["sudo", "su", "doas", "runuser", "pkexec", "setpriv", "newgrp", "sg"];
const TERMINALS: &[&str] = &[
    "tmux",
    "screen",
    "xterm",
    "gnome-terminal-server",
    "konsole",
    "xfce4-terminal",
    "alacritty",
    "kitty",
    "mosh-server",
    "script",
    "ttyd",
    "tmux: server",
];
const SCHEDULERS: &[&str] = &["cron", "crond", "atd", "anacron", "fcron"];
const CONTAINER_RUNTIMES: &[&str] = &[
    "containerd",
    "containerd-shim",
    "containerd-shim-runc-v2",
    "dockerd",
    "docker-proxy",
    "runc",
    "crun",
    "conmon",
    "crio",
    "podman",
    "kubelet",
    "lxc-start",
    "lxcfs",
    "youki",
];
const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "fish", "tcsh", "csh", "rbash", "busybox"];
const INTERPRETERS: &[&str] = &["python", "perl", "ruby", "php", "node", "lua", "awk", "gawk", "tclsh"];
/// Programs that a service has no business to start, however well they are packaged.
const ODD_TOOLS: &[&str] = &[
    "curl", "wget", "nc", "ncat", "netcat", "socat", "telnet", "ftp", "tftp", "scp", "ssh", "base64", "xxd", "chmod",
    "chattr", "crontab", "at", "useradd", "usermod", "passwd", "id", "whoami", "uname", "nmap", "tcpdump", "gdb",
    "strace", "insmod", "modprobe", "iptables", "nft", "dd", "shred", "openssl", "gcc", "cc", "make", "cat", "rm",
];

/// Kinds of server that people know by name.
const SERVERS: &[(&str, &[&str])] = &[
    (
        "web_server",
        &[
            "nginx",
            "apache2",
            "httpd",
            "caddy",
            "lighttpd",
            "php-fpm",
            "uwsgi",
            "gunicorn",
            "haproxy",
            "traefik",
            "openresty",
            "catalina",
            "tomcat",
        ],
    ),
    ("database", &["mysqld", "mariadbd", "postgres", "redis-server", "mongod", "memcached", "clickhouse-server"]),
    ("mail_server", &["master", "smtpd", "exim4", "exim", "dovecot", "sendmail"]),
    ("name_server", &["named", "unbound", "dnsmasq"]),
    ("file_server", &["smbd", "vsftpd", "proftpd", "pure-ftpd", "rpc.mountd"]),
];

pub fn by_name(name: &str) -> Option<Role> {
    [
        (SERVICE_MANAGERS, Role::ServiceManager),
        (SESSION_DAEMONS, Role::SessionDaemon),
        (ACCOUNT_TOOLS, Role::AccountTool),
        (TERMINALS, Role::Terminal),
        (SCHEDULERS, Role::Scheduler),
        (CONTAINER_RUNTIMES, Role::ContainerRuntime),
    ]
    .into_iter()
    .find_map(|(names, role)| names.contains(&name).then_some(role))
}

pub fn is_shell(name: &str) -> bool {
    SHELLS.contains(&name)
}

/// `python3.11` counts as `python`.
pub fn is_interpreter(name: &str) -> bool {
    INTERPRETERS.contains(&name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'))
}

pub fn is_odd_for_a_service(name: &str) -> bool {
    is_shell(name) || is_interpreter(name) || ODD_TOOLS.contains(&name)
}

/// `web_server` for nginx; None for what is no well-known server. `php-fpm8.2` counts as `php-fpm`.
pub fn server_kind(name: &str) -> Option<&'static str> {
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    SERVERS.iter().find_map(|(kind, names)| names.contains(&name).then_some(*kind))
}
