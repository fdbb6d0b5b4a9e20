//! What the node publishes, fetched by agents and by nobody else.

use crate::world::World;
use std::io::{ErrorKind, Read as _};
use transport::{Publication, Standing};

fn publishing(folder: &std::path::Path) -> World {
    World::with(|config| config.publication = Some(folder.to_path_buf()))
}

#[test]
fn an_agent_fetches_what_is_published_whole_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let large: Vec<u8> = (0..3_000_000u32).flat_map(|n| n.to_le_bytes()).collect();
    std::fs::create_dir(folder.path().join("files")).unwrap();
    std::fs::write(folder.path().join("files/large.zst"), &large).unwrap();
    std::fs::write(folder.path().join("manifest.json"), "{}").unwrap();
    let world = publishing(folder.path());
    let publication = Publication::open(&world.address(), &world.enrolled()).unwrap();
    let fetch = |name: &str| {
        let mut bytes = Vec::new();
        publication.fetch(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    assert_eq!(fetch("manifest.json"), b"{}");
    assert!(fetch("files/large.zst") == large);
    let refused = |name: &str| publication.fetch(name).err().unwrap().kind();
    assert_eq!(refused("files/other.zst"), ErrorKind::NotFound);
    assert_eq!(refused("files"), ErrorKind::NotFound);
    assert_eq!(refused("../ca.key"), ErrorKind::Other);
}

#[test]
fn nothing_is_handed_out_without_a_folder_nor_to_a_revoked_agent() {
    let none = World::new();
    let publication = Publication::open(&none.address(), &none.enrolled()).unwrap();
    assert_eq!(publication.fetch("manifest.json").err().unwrap().kind(), ErrorKind::NotFound);

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("manifest.json"), "{}").unwrap();
    let world = publishing(folder.path());
    let identity = world.enrolled();
    let revoked = Standing::Revoked { reason: "lost".into() };
    world.desk.agents.lock().insert(identity.agent().clone(), revoked);
    let publication = Publication::open(&world.address(), &identity).unwrap();
    assert_eq!(publication.fetch("manifest.json").err().unwrap().kind(), ErrorKind::PermissionDenied);
}
