//! Extended attributes: everything that the kernel shows to root, byte for byte.

use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};
use rustix::io::Errno;
use std::ffi::CString;
use std::os::fd::AsFd;

/// The kernel's own limit of a list and of a value.
const MAX: usize = 64 << 10;

pub fn read(file: impl AsFd) -> Result<Vec<(String, String)>, Errno> {
    let mut list = vec![0u8; MAX];
    let length = match flistxattr(&file, &mut list[..]) {
        Err(Errno::NOTSUP) => return Ok(Vec::new()),
        other => other?,
    };
    let mut value = vec![0u8; MAX];
    let mut all = Vec::new();
    for name in list[..length].split(|b| *b == 0).filter(|name| !name.is_empty()) {
        match fgetxattr(&file, name, &mut value[..]) {
            Ok(length) => all.push((hex::encode(name), hex::encode(&value[..length]))),
            // Removed since it was listed, or shown but not ours to read.
            Err(Errno::NODATA | Errno::NOTSUP) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

/// Names that could not be set come back; the file system may be another one than it came from.
pub fn write(file: impl AsFd, all: &[(String, String)]) -> Vec<String> {
    let set = |name: &str, value: &str| -> Option<()> {
        let name = CString::new(hex::decode(name).ok()?).ok()?;
        fsetxattr(&file, &*name, &hex::decode(value).ok()?, XattrFlags::empty()).ok()
    };
    let failed = all.iter().filter(|(name, value)| set(name, value).is_none());
    failed.map(|(name, _)| event::text::from_bytes(&hex::decode(name).unwrap_or_default()).into_owned()).collect()
}
