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
printf '#!/bin/sh\nsleep 3\ntouch /tmp/ran\n' > /tmp/evil
chmod 755 /tmp/evil
mkdir -p /tmp/box/bin /tmp/box/tmp
cp /bin/busybox /tmp/box/bin/busybox
ln -s busybox /tmp/box/bin/sh
"#,
    server: "rm -rf /run/docker.pid /run/docker/containerd; exec /usr/sbin/dockerd -H unix:///run/dockerd.sock --bridge=none --iptables=false --ip6tables=false",
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
    // What the daemon writes no path can tell: it unpacks images from roots of their own.
    attacks: &[
        // A script: where nothing can refuse it, it is ended after its interpreter has started.
        Attack {
            what: "another run time out of /tmp",
            kind: "run",
            plant: Some(
                "echo \"{\\\"runtimes\\\": {\\\"evil\\\": {\\\"path\\\": \\\"/tmp/evil\\\"}}, \
                 \\\"default-runtime\\\": \\\"evil\\\"}\" > /etc/docker/daemon.json",
            ),
            script: docker!("info; sleep 5; test -e /tmp/ran"),
        },
    ],
};
