//! The reader of blocks and indexes against whatever bytes: what is read is written again as it was.

use integrity::fuzzing;
use integrity::{Content, Facts, Header, Kind, Writer};
use proptest::prelude::*;

fn facts() -> impl Strategy<Value = Facts> {
    let numbers = (any::<[u32; 4]>(), any::<[u64; 4]>(), any::<[i64; 2]>());
    let content = prop_oneof![Just(Content::None), Just(Content::Unread), any::<[u8; 32]>().prop_map(Content::Sha256)];
    let bytes = || proptest::collection::vec(any::<u8>(), 0..40);
    let xattrs = proptest::collection::vec((bytes(), bytes()), 0..4);
    (0..Kind::ALL.len(), numbers, content, bytes(), xattrs).prop_map(
        |(kind, (small, large, times), content, target, xattrs)| {
            let ([mode, uid, gid, links], [size, device, inode, node], [modified, changed]) = (small, large, times);
            Facts {
                kind: Kind::ALL[kind],
                mode,
                uid,
                gid,
                links,
                size,
                device,
                inode,
                node,
                modified,
                changed,
                content,
                target,
                xattrs,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn a_baseline_gives_back_what_was_put_in(
        files in proptest::collection::btree_map(proptest::collection::vec(any::<u8>(), 1..30), facts(), 0..1_200)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let key = integrity::SealKey::load_or_create(&folder.path().join("key")).unwrap();
        let path = folder.path().join("baseline");
        let header = Header { number: 3, ..Header::default() };
        let mut writer = Writer::create(&path, &header).unwrap();
        for (path, facts) in &files {
            writer.push(path.clone(), facts.clone()).unwrap();
        }
        let digest = writer.finish(&key).unwrap();
        let baseline = integrity::Baseline::open(&path, &key).unwrap();
        prop_assert_eq!((baseline.header(), baseline.digest()), (&header, digest));
        let all: Vec<_> = baseline.entries().map(Result::unwrap).collect();
        prop_assert_eq!(all, files.clone().into_iter().collect::<Vec<_>>());
        for (path, facts) in files.iter().step_by(97) {
            prop_assert_eq!(baseline.get(path).unwrap(), Some(facts.clone()));
        }
        prop_assert_eq!(baseline.get(b"no such path of thirty bytes and more").unwrap(), None);
    }

}

proptest! {
    /// Panics where a block is read and not written again as it was.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300), raw in any::<bool>()) {
        fuzzing::baseline_index(&bytes);
        let packed = if raw { bytes } else { zstd::bulk::compress(&bytes, 1).unwrap() };
        fuzzing::baseline_block(&packed);
    }
}
