//! PHP behind its process manager, with a page that does what it is told.

use super::service::{Attack, Service};

/// One request to a page.
macro_rules! page {
    ($name:literal) => {
        concat!(
            "SCRIPT_FILENAME=/var/www/html/",
            $name,
            ".php REQUEST_METHOD=GET timeout 10 cgi-fcgi -bind -connect /run/php/test.sock"
        )
    };
}

pub static SERVICE: Service = Service {
    profile: "php-fpm",
    executable: &["/usr/sbin/php-fpm*"],
    setup: r#"
mkdir -p /run/php
mount -t tmpfs -o mode=1733 tmpfs /var/lib/php/sessions
cat > /run/php/test.conf <<'END'
[global]
pid = /run/php/test.pid
error_log = /var/log/php-test.log
daemonize = no
[www]
user = www-data
group = www-data
listen = /run/php/test.sock
pm = static
pm.max_children = 2
END
cat > /var/www/html/page.php <<'END'
<?php session_start(); $_SESSION["n"] = ($_SESSION["n"] ?? 0) + 1; $f = tempnam("/tmp", "page"); unlink($f); echo "served";
END
echo '<?php echo shell_exec("echo pwned");' > /var/www/html/shell.php
echo '<?php readfile("/etc/shadow");' > /var/www/html/leak.php
echo '<?php file_put_contents("/var/www/html/put/page.php", "bad");' > /var/www/html/put.php
echo '<?php $s = fsockopen("203.0.113.7", 8081, $n, $e, 3); echo fgets($s);' > /var/www/html/out.php
echo '<?php $s = stream_socket_client("unix:///run/docker.sock", $n, $e, 3); echo fgets($s);' > /var/www/html/sock.php
"#,
    server: "exec $(ls /usr/sbin/php-fpm* | tail -1) --nodaemonize --fpm-config /run/php/test.conf",
    ready: concat!(page!("page"), " | grep -q served"),
    load: concat!("for i in $(seq 400); do ", page!("page"), " | grep -q served || exit 1; done"),
    attacks: &[
        Attack {
            what: "a shell from a page",
            kind: "run",
            plant: None,
            script: concat!(page!("shell"), " | grep -q pwned"),
        },
        Attack {
            what: "the file of password hashes is read",
            kind: "read",
            plant: None,
            script: concat!(page!("leak"), " | grep -q root:"),
        },
        Attack {
            what: "a page is written into the web root",
            kind: "write",
            plant: None,
            script: concat!(page!("put"), "; sleep 1; test -s /var/www/html/put/page.php"),
        },
        Attack {
            what: "the container run time's socket is reached",
            kind: "sockets",
            plant: None,
            // Where no hook refuses it, it is ended when it has connected: whoever listens has seen it come, and heard nothing.
            script: concat!(page!("sock"), " | grep -q 200.OK"),
        },
        Attack {
            what: "a connection to somewhere else",
            kind: "connect",
            plant: None,
            script: concat!(page!("out"), "; sleep 1; test -s /tmp/reached"),
        },
    ],
};
