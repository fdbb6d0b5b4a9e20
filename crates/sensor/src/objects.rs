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
        object!("flow"),
        object!("privilege"),
        object!("kernel"),
        object!("module"),
        object!("uring"),
    ]
}

/// Who is in which profile's domain, and what the network makes of it.
pub(crate) fn confine() -> Object {
    object!("confine")
}

/// What the kernel refuses of it, in the enforce tier.
pub(crate) fn confine_lsm() -> Object {
    object!("confine_lsm")
}

/// A lock in the enforce tier.
pub(crate) fn lockdown() -> Object {
    object!("lockdown")
}

/// The LSM programs of the enforce tier.
pub(crate) fn enforce() -> Object {
    object!("enforce")
}

/// What the tier is chosen with: one tracing program, one LSM program.
pub(crate) fn probe() -> Object {
    object!("probe")
}
pub(crate) fn probe_lsm() -> Object {
    object!("probe_lsm")
}

#[cfg(test)]
mod tests {
    use libbpf_rs::HasSize as _;
    use libbpf_rs::btf::Btf;
    use libbpf_rs::btf::types::{MemberAttr, Struct};

    /// Every struct that Rust and C share, as the compiler laid it out.
    #[test]
    fn rust_and_c_lay_records_out_alike() {
        let btf = Btf::from_path(concat!(env!("OUT_DIR"), "/layouts.bpf.o")).unwrap();
        for (c_name, size, fields) in kernel_abi::layouts() {
            let c: Struct<'_> = btf.type_by_name(c_name).unwrap_or_else(|| panic!("{c_name} is not in layouts.bpf.c"));
            assert_eq!(c.size(), size, "size of {c_name}");
            let c_fields: Vec<(String, usize)> = c.iter().map(|member| field(&member.name, &member.attr)).collect();
            let rust: Vec<(String, usize)> = fields.iter().map(|(n, o)| (n.to_string(), *o)).collect();
            assert_eq!(c_fields, rust, "{c_name}");
        }
    }

    fn field(name: &Option<&std::ffi::OsStr>, attr: &MemberAttr) -> (String, usize) {
        let MemberAttr::Normal { offset } = attr else { panic!("a bit field") };
        (name.unwrap_or_default().to_string_lossy().into_owned(), *offset as usize / 8)
    }
}
