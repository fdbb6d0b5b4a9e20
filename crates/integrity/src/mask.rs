//! Secrets in texts: replaced by a mark that is the same for the same secret on this host, so that a diff still shows that
//! one changed. What is nothing but secret (password files, private keys) is known by its path.

use crate::SealKey;
use regex::{Captures, Regex};
use std::sync::LazyLock;

pub struct Mask<'a> {
    key: &'a SealKey,
}

/// `NAME = value`, `NAME: value`, `<name>value`, `--name value`, also within quotes. The names end in what people call secrets.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    let name = "(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key(?:[_-]?id)?|private[_-]?key|\
                credential|auth(?:orization)?[_-]?key|psk|community)";
    let ascii = format!(r#"(?i-u:[A-Z0-9_.-]*{name}s?["']?[ \t]*(?:[:=>]+|[ \t])[ \t]*["']?)"#);
    compiled(&format!(r#"({ascii})([^ \t\r\n"'<>#;,]{{3,}})"#))
});
/// `scheme://user:password@host`.
static IN_ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"([A-Za-z0-9+.-]+://[^/ \t\r\n:@]*:)([^/ \t\r\n@]+)(@)"));
/// Digests of crypt(3) wherever they stand: `$6$salt$…`.
static CRYPT: LazyLock<Regex> = LazyLock::new(|| compiled(r"\$(?:1|2[aby]?|5|6|y|gy|7|sha1)\$[./A-Za-z0-9$=,]+"));
static BEARER: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"((?i-u:\b(?:bearer|basic)[ \t]+))([A-Za-z0-9+/=._~-]{8,})"));
static PEM: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"(?s)(-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----)(.*?)(-----END [A-Z0-9 ]*PRIVATE KEY-----|\z)")
});

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern; the tests run each")
}

/// The second field of each line, between colons, is a password's digest.
const COLON_FILES: [&str; 6] =
    ["/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/passwd", "/etc/group"];

impl<'a> Mask<'a> {
    pub fn new(key: &'a SealKey) -> Self {
        Mask { key }
    }

    /// Files of which not a line is for anyone's eyes.
    pub fn hides_all(path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let private = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "krb5.keytab", ".pgpass", ".netrc"];
        (name.starts_with("ssh_host_") && name.ends_with("_key"))
            || private.contains(&name)
            || [".key", ".p12", ".pfx", ".jks", ".keytab", ".kdbx"].iter().any(|ending| name.ends_with(ending))
            || path.contains("/ssl/private/")
            || path.contains("/pki/tls/private/")
    }

    pub fn text(&self, path: &str, text: &str) -> String {
        let mut out = if COLON_FILES.contains(&path) { self.colon_file(text) } else { text.to_owned() };
        out = PEM
            .replace_all(&out, |c: &Captures<'_>| format!("{}\n{}\n{}", &c[1], self.mark(&c[2]), &c[3]))
            .into_owned();
        out = CRYPT.replace_all(&out, |c: &Captures<'_>| self.mark(&c[0])).into_owned();
        out = IN_ADDRESS
            .replace_all(&out, |c: &Captures<'_>| format!("{}{}{}", &c[1], self.mark(&c[2]), &c[3]))
            .into_owned();
        out = BEARER.replace_all(&out, |c: &Captures<'_>| format!("{}{}", &c[1], self.mark(&c[2]))).into_owned();
        // There `password` is a kind of service, and what follows no secret.
        if path.starts_with("/etc/pam.d/") || path == "/etc/pam.conf" {
            return out;
        }
        NAMED
            .replace_all(&out, |c: &Captures<'_>| match c[2].starts_with("«") {
                true => c[0].to_owned(),
                false => format!("{}{}", &c[1], self.mark(&c[2])),
            })
            .into_owned()
    }

    fn colon_file(&self, text: &str) -> String {
        let line = |line: &str| {
            let mut fields: Vec<String> = line.split(':').map(str::to_owned).collect();
            match fields.get_mut(1) {
                // Locked, none, or kept elsewhere: that says something and tells nothing.
                Some(secret) if !matches!(secret.as_str(), "" | "x" | "*" | "!" | "!!" | "!*") => {
                    *secret = self.mark(secret)
                }
                _ => {}
            }
            fields.join(":")
        };
        let mut out: String = text.lines().map(line).collect::<Vec<_>>().join("\n");
        if text.ends_with('\n') {
            out.push('\n');
        }
        out
    }

    fn mark(&self, secret: &str) -> String {
        format!("«secret {}»", self.key.mark(secret.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let key = SealKey::load_or_create(&folder.path().join("key")).unwrap();
        let mask = Mask::new(&key);
        let check = |path: &str, text: &str, secret: &str, stays: &str| {
            let masked = mask.text(path, text);
            assert!(!masked.contains(secret) && masked.contains(stays), "{text:?} became {masked:?}");
            assert!(masked.contains("«secret "), "{masked:?}");
            assert_eq!(mask.text(path, text), masked, "the same secret has the same mark");
        };
        check("/etc/app.conf", "db_password = hunter22\nport = 5432\n", "hunter22", "port = 5432");
        check("/etc/app.yml", "apiKey: \"abcdef123\"\nname: x", "abcdef123", "name: x");
        check("/etc/app.conf", "url = postgres://app:s3cr3t@db/x", "s3cr3t", "postgres://app:");
        check("/etc/shadow", "root:$y$j9T$abc$def:19000:0\ndaemon:*:1:\n", "j9T", "daemon:*:1:");
        check("/etc/x", "Authorization: Bearer abcdefgh12345678", "abcdefgh12345678", "Bearer");
        check("/etc/x.pem", "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n", "MIIE", "BEGIN PRIVATE");
        check("/etc/x.pem", "-----BEGIN RSA PRIVATE KEY-----\nMIIE", "MIIE", "BEGIN RSA");
        check("/root/.mylogin", "aws_secret_access_key = wJalrXUtn", "wJalrXUtn", "aws_secret_access_key");
        let pam = "password requisite pam_pwquality.so retry=3\n";
        assert_eq!(mask.text("/etc/pam.d/common-password", pam), pam);
        let plain = "PermitRootLogin no\n# passwords are not allowed\nPort 22\n";
        assert!(mask.text("/etc/ssh/sshd_config", plain).contains("PermitRootLogin no"));
    }

    #[test]
    fn keys_are_never_kept() {
        let check = |path: &str, expected: bool| assert_eq!(Mask::hides_all(path), expected, "{path}");
        check("/etc/ssh/ssh_host_ed25519_key", true);
        check("/etc/ssh/ssh_host_ed25519_key.pub", false);
        check("/etc/ssl/private/web.pem", true);
        check("/root/.ssh/id_rsa", true);
        check("/etc/hosts", false);
    }
}
