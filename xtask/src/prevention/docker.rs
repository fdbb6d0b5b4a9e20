//! Docker's daemon with containers that come and go; and with what a thief leaves in its settings.

use super::service::{Attack, Service};

/// Asked where it listens here.
macro_rules! docker {
    ($words:literal) => {
        concat!("docker -H unix:///run/dockerd.sock ", $words)
    };
}

pub static SERVICE: Service = Service {
    profile: "docker",
    executable: &["/usr/sbin/dockerd", "/usr/bin/containerd"],
    setup: r#"
for folder in /var/lib/docker /var/lib/containerd /etc/docker; do
    mkdir -p $folder
    mount -t tmpfs tmpfs $folder
done
printf '#!/bin/sh\ntouch /tmp/ran\necho runc version 1\n' > /tmp/evil
chmod 755 /tmp/evil
mkdir -p /tmp/box/bin /tmp/box/tmp
cp /bin/busybox /tmp/box/bin/busybox
ln -s busybox /tmp/box/bin/sh
"#,
    server: "exec /usr/sbin/dockerd -H unix:///run/dockerd.sock --bridge=none --iptables=false --ip6tables=false",
    ready: docker!("info"),
    load: concat!(
        "tar -C /tmp/box -c . | ",
        docker!("import - box && for i in $(seq 5); do "),
        docker!("run --rm --network none box /bin/sh -c \"echo hello > /tmp/f; /bin/busybox cat /tmp/f\""),
        " | grep -q hello || exit 1; done; ",
        docker!("run -d --name long --network none box /bin/busybox sleep 100"),
        " && ",
        docker!("exec long /bin/busybox id | grep -q uid=0"),
        " && ",
        docker!("cp long:/bin/busybox /tmp/out"),
        " && ",
        docker!("cp /tmp/out long:/tmp/in"),
        " && ",
        docker!("commit long other"),
        " && ",
        docker!("logs long"),
        " && ",
        docker!("rm -f long"),
        " && ",
        docker!("save other > /tmp/saved.tar"),
        " && ",
        docker!("rmi other"),
        " && ",
        docker!("load < /tmp/saved.tar")
    ),
    attacks: &[
        Attack {
            what: "another run time out of /tmp",
            kind: "run",
            plant: Some(
                "echo \"{\\\"runtimes\\\": {\\\"evil\\\": {\\\"path\\\": \\\"/tmp/evil\\\"}}, \
                 \\\"default-runtime\\\": \\\"evil\\\"}\" > /etc/docker/daemon.json",
            ),
            script: docker!("info; sleep 1; test -e /tmp/ran"),
        },
        // Last, since it may cost the daemon its life before it serves.
        Attack {
            what: "a page is written into the web root",
            kind: "write",
            plant: Some("echo \"{\\\"pidfile\\\": \\\"/var/www/html/page.php\\\"}\" > /etc/docker/daemon.json"),
            script: "test -s /var/www/html/page.php",
        },
    ],
};
