//! Which tracepoints this kernel has, read from its BTF once: a program for one that is not there is refused at once and
//! not by trying, which would load its whole object anew for each of its programs.

use libbpf_rs::btf::types::{FuncProto, Typedef};
use libbpf_rs::btf::{Btf, BtfType};

/// `trace_io_uring_complete` before 6.12, with the callback's own first parameter.
const WIDE_COMPLETE: usize = 8;

pub(crate) struct Tracepoints(Option<Btf<'static>>);

impl Tracepoints {
    pub fn of_this_kernel() -> Tracepoints {
        Tracepoints(Btf::from_vmlinux().ok())
    }

    /// Whether `program` may be tried; true where the kernel does not tell.
    pub fn suit(&self, program: &str, section: &str) -> bool {
        let Some(tracepoint) = section.strip_prefix("tp_btf/") else { return true };
        let Some(btf) = &self.0 else { return true };
        let Some(parameters) = parameters(btf, tracepoint) else { return false };
        match program {
            "uring_complete" => parameters != WIDE_COMPLETE,
            "uring_complete_wide" => parameters == WIDE_COMPLETE,
            _ => true,
        }
    }
}

/// A tracepoint's callback is the type behind `btf_trace_NAME`: a pointer to a function.
fn parameters(btf: &Btf<'_>, tracepoint: &str) -> Option<usize> {
    let callback: Typedef<'_> = btf.type_by_name(&format!("btf_trace_{tracepoint}"))?;
    let function: BtfType<'_> = callback.next_type()?.next_type()?;
    Some(FuncProto::try_from(function).ok()?.len())
}
