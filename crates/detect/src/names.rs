//! What kind of program or place a name tells of. A name proves nothing: each rule asks for an act besides.

use event::Process;

pub(crate) fn is_shell(name: &str) -> bool {
    matches!(name, "sh" | "bash" | "dash" | "zsh" | "ksh" | "ash" | "mksh" | "fish" | "busybox" | "tcsh" | "csh")
}

/// Programs that run what they are told, and those that are made to carry bytes.
pub(crate) fn is_interpreter_or_relay(name: &str) -> bool {
    const EXACT: [&str; 16] = [
        "perl",
        "node",
        "nodejs",
        "java",
        "nc",
        "ncat",
        "netcat",
        "nc.traditional",
        "nc.openbsd",
        "socat",
        "telnet",
        "openssl",
        "awk",
        "gawk",
        "mawk",
        "busybox",
    ];
    EXACT.contains(&name) || ["python", "ruby", "php", "lua", "perl5"].iter().any(|start| name.starts_with(start))
}

pub(crate) fn is_web_server(process: &Process) -> bool {
    const EXACT: [&str; 11] = [
        "nginx",
        "apache2",
        "httpd",
        "lighttpd",
        "caddy",
        "php-cgi",
        "litespeed",
        "openlitespeed",
        "gunicorn",
        "uwsgi",
        "haproxy",
    ];
    let name = process.name();
    EXACT.contains(&name)
        || name.starts_with("php-fpm")
        || (name == "java" && ["catalina", "jetty", "tomcat"].iter().any(|word| process.command_line.contains(word)))
        || (name.starts_with("python") && ["gunicorn", "uwsgi"].iter().any(|word| process.command_line.contains(word)))
}

/// People who read about coins go to the pools' pages.
pub(crate) fn is_browser(name: &str) -> bool {
    ["firefox", "chrom", "google-chrome", "brave", "opera", "vivaldi", "epiphany", "falkon", "konqueror"]
        .iter()
        .any(|start| name.starts_with(start))
}

/// Tools whose work is to fetch.
pub(crate) fn is_fetch_tool(name: &str) -> bool {
    matches!(name, "curl" | "wget" | "aria2c" | "ftp" | "lftp" | "tftp" | "ftpget" | "axel" | "nc" | "ncat" | "netcat")
}

/// Compilers, linkers and package tools: what they write is run all day.
pub(crate) fn is_toolchain(name: &str) -> bool {
    const EXACT: [&str; 38] = [
        "ld",
        "ld.bfd",
        "ld.gold",
        "ld.lld",
        "lld",
        "mold",
        "collect2",
        "cc1",
        "cc1plus",
        "as",
        "gcc",
        "g++",
        "cc",
        "c++",
        "clang",
        "rustc",
        "cargo",
        "rustup",
        "rustdoc",
        "go",
        "link",
        "compile",
        "make",
        "ninja",
        "cmake",
        "node",
        "npm",
        "tsc",
        "javac",
        "dpkg",
        "dpkg-deb",
        "dpkg-preconfigu",
        "dpkg-preconfigure",
        "apt",
        "apt-get",
        "rpm",
        "dnf",
        "snapd",
    ];
    EXACT.contains(&name)
        || ["x86_64-linux-gnu-", "aarch64-linux-gnu-", "clang-", "pip", "apt-extracttemp"]
            .iter()
            .any(|start| name.starts_with(start))
}

/// Folders that every user may write to.
pub(crate) fn is_world_writable(path: &str) -> bool {
    ["/tmp/", "/var/tmp/", "/dev/shm/", "/run/shm/"].iter().any(|folder| path.starts_with(folder))
}

/// Where build and package tools unpack what they run.
pub(crate) fn is_build_place(path: &str) -> bool {
    const MARKS: [&str; 12] = [
        "/go-build",
        "/rustdoctest",
        "/cargo-install",
        "/pip-",
        "/npm-",
        "/mkinitramfs",
        "/dracut",
        "/.mount_",
        "/_MEI",
        "/bazel",
        "/conftest",
        "/target/",
    ];
    MARKS.iter().any(|mark| path.contains(mark))
}

/// Where installed software lives.
pub fn is_installed(path: &str) -> bool {
    ["/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/", "/opt/", "/snap/", "/nix/"]
        .iter()
        .any(|folder| path.starts_with(folder))
        && !path.starts_with("/usr/local/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        assert!(is_installed("/usr/bin/ls") && !is_installed("/usr/local/bin/x") && !is_installed("/tmp/usr/bin/ls"));
        assert!(is_world_writable("/dev/shm/x") && !is_world_writable("/home/u/tmp/x"));
        assert!(is_build_place("/tmp/go-build12/b001/x") && !is_build_place("/tmp/x"));
    }
}
