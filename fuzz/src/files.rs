//! Files: archives, models, the package managers' databases.

use crate::text;

/// All containers, by what the bytes begin with; small limits, which must hold.
pub fn fuzz_unpack(data: &[u8]) {
    let limits = unpack::Limits {
        members: 300,
        total_bytes: 8 << 20,
        member_bytes: 4 << 20,
        memory_bytes: 64 << 20,
        ..unpack::Limits::default()
    };
    let mut bytes = 0u64;
    unpack::walk(&data, Some("fuzz"), &limits, &mut |member| {
        bytes += member.bytes.len() as u64;
        unpack::Flow::Open
    });
    assert!(bytes <= limits.total_bytes + (1 << 20), "{bytes} bytes came out");
}

pub fn fuzz_model_text(data: &[u8]) {
    let Some(text) = text(data) else { return };
    if let Ok(ensemble) = model::Ensemble::from_lightgbm(text) {
        predict(&ensemble);
        let compact = ensemble.to_compact(b"{}").expect("what was read can be written");
        model::Ensemble::from_compact(&compact).expect("and read again");
    }
}

pub fn fuzz_model_file(data: &[u8]) {
    if let Ok((ensemble, _)) = model::Ensemble::from_compact(data) {
        predict(&ensemble);
    }
    if let Ok(model) = model::Model::load(data) {
        drop(model);
    }
}

fn predict(ensemble: &model::Ensemble) {
    if ensemble.features() > 1 << 20 || ensemble.outputs() > 1 << 10 {
        return;
    }
    let row = vec![0.5f32; ensemble.features()];
    let mut out = vec![0.0; ensemble.outputs()];
    ensemble.predict(&row, &mut out).expect("the shapes are its own");
}

/// Features of any file: as many as the layout has, each a number.
pub fn fuzz_ember(data: &[u8]) {
    for layout in model::layouts() {
        let mut row = Vec::new();
        layout.extract(data, &mut row);
        assert_eq!(row.len(), layout.width());
        assert!(row.iter().all(|value| value.is_finite()), "a feature is no number");
    }
}

/// rpm's database and its headers, where the reader looks for them.
pub fn fuzz_sqlite(data: &[u8]) {
    let root = crate::scratch();
    let folder = root.path().join("usr/lib/sysimage/rpm");
    std::fs::create_dir_all(&folder).expect("the scratch folder takes folders");
    std::fs::write(folder.join("rpmdb.sqlite"), data).expect("the scratch folder takes files");
    enrich::fuzzing::owned_paths(root.path());
}

/// One package header, without the database around it: it names at most as many files as it has bytes.
pub fn fuzz_rpm_header(data: &[u8]) {
    assert!(enrich::fuzzing::rpm_header(data) <= data.len(), "more files than bytes");
}

/// dpkg's status, diversions and one list; the input is all three.
pub fn fuzz_package_list(data: &[u8]) {
    let root = crate::scratch();
    let folder = root.path().join("var/lib/dpkg");
    std::fs::create_dir_all(folder.join("info")).expect("the scratch folder takes folders");
    for name in ["status", "diversions", "info/bash.list"] {
        std::fs::write(folder.join(name), data).expect("the scratch folder takes files");
    }
    enrich::fuzzing::owned_paths(root.path());
}

/// The first byte says whether the rest is an index, a block, or what a block is when it is decompressed.
pub fn fuzz_baseline(data: &[u8]) {
    match data.split_first() {
        Some((b'i', rest)) => integrity::fuzzing::baseline_index(rest),
        Some((b'b', rest)) => integrity::fuzzing::baseline_block(rest),
        Some((_, rest)) => integrity::fuzzing::baseline_block(&zstd::bulk::compress(rest, 1).unwrap_or_default()),
        None => {}
    }
}
