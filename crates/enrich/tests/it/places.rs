//! Units and containers from a made /proc.

use crate::{SECOND, actor, at, config, enricher, exec};
use event::Observed;

const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn a_container_is_known_by_its_first_exec() {
    let host = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = host.path().join(path.replace("ID", ID));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text.replace("ID", ID)).unwrap();
    };
    write("proc/70/cgroup", "0::/system.slice/docker-ID.scope\n");
    write("proc/80/cgroup", "0::/system.slice/nginx.service\n");
    write("cgroup/system.slice/docker-ID.scope/x", "");
    write("var/lib/docker/containers/ID/config.v2.json", r#"{"Name":"/web","Config":{"Image":"nginx:1"}}"#);
    let mut config = config(host.path());
    config.cgroup2 = Some(host.path().join("cgroup"));
    let enricher = enricher(config);
    let cgroup = std::fs::metadata(host.path().join("cgroup/system.slice").join(format!("docker-{ID}.scope"))).unwrap();
    let mut who = actor((70, 5), (1, 0));
    who.cgroup_id = std::os::unix::fs::MetadataExt::ino(&cgroup);
    let told = |event: event::Event| {
        let container = event.process.unwrap().container.clone().unwrap();
        (container.id.to_string(), container.runtime.to_string(), container.name.clone(), container.image.clone())
    };
    let expected = (ID.to_owned(), "docker".to_owned(), Some("web".into()), Some("nginx:1".into()));
    assert_eq!(told(enricher.observe(at(SECOND, who.clone(), exec("/bin/sh")))), expected);
    // Another process of the cgroup, gone from /proc already: the id alone tells.
    who.tgid = 71;
    assert_eq!(told(enricher.observe(at(SECOND, who.clone(), exec("/bin/ls")))), expected);

    let mut service = actor((80, 5), (1, 0));
    service.cgroup_id = 4711;
    let process = enricher.observe(at(SECOND, service.clone(), exec("/usr/sbin/nginx"))).process.unwrap();
    assert_eq!((process.unit.as_deref(), process.container.is_none()), (Some("nginx.service"), true));
    // A child without a cgroup id of its own runs where its parent does.
    let mut child = actor((81, 6), (80, 5));
    child.credentials = service.credentials;
    let process = enricher.observe(at(SECOND, child, Observed::Exit { status: 0 })).process.unwrap();
    assert_eq!(process.unit.as_deref(), Some("nginx.service"));
}
