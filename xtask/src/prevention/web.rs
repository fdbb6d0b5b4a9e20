//! What a web server is attacked with, whichever it is: each is set up with the same things that people switch on by mistake.

use super::service::Attack;

pub const READY: &str = "curl -sf -m 2 -o /dev/null http://127.0.0.1/index.html";

/// `/shell` runs one, `/leak/` is `/etc`, `/put/` takes uploads, `/out` leads to somebody far away.
pub const ATTACKS: &[Attack] = &[
    Attack {
        what: "a shell from the web server",
        kind: "run",
        plant: None,
        script: "curl -s -m 5 http://127.0.0.1/shell | grep -q pwned",
    },
    Attack {
        what: "the file of password hashes is read",
        kind: "read",
        plant: None,
        script: "curl -s -m 5 http://127.0.0.1/leak/shadow | grep -q ^root:",
    },
    Attack {
        what: "a page is written into the web root",
        kind: "write",
        plant: None,
        script: "echo bad > /tmp/page; curl -s -m 5 -T /tmp/page http://127.0.0.1/put/page.php; \
                 sleep 1; test -s /var/www/html/put/page.php",
    },
    Attack {
        what: "a connection to somewhere else",
        kind: "connect",
        plant: None,
        script: "curl -s -m 5 -o /dev/null http://127.0.0.1/out; sleep 1; test -s /tmp/reached",
    },
];
