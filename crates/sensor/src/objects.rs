//! The compiled objects of `bpf/`, carried in the binary.

/// libbpf reads the ELF in place and wants it aligned.
#[repr(C, align(8))]
struct Aligned<T: ?Sized>(T);

macro_rules! object {
    ($name:literal) => {{
        static BYTES: &Aligned<[u8]> = &Aligned(*include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".bpf.o")));
        Object { name: $name, bytes: &BYTES.0 }
    }};
}

#[derive(Clone, Copy)]
pub(crate) struct Object {
    pub name: &'static str,
    pub bytes: &'static [u8],
}

/// The tracing tier, in the order of loading: the first makes the maps that the others share.
pub(crate) fn tracing() -> Vec<Object> {
    vec![
        object!("dispatch"),
        object!("process"),
        object!("file"),
        object!("name"),
        object!("network"),
        object!("privilege"),
        object!("kernel"),
        object!("module"),
        object!("uring"),
    ]
}

/// The LSM programs of the enforce tier.
pub(crate) fn enforce() -> Object {
    object!("enforce")
}

/// What the tier is chosen with.
pub(crate) fn probe() -> Object {
    object!("probe")
}
