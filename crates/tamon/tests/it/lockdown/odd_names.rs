//! Names that the lock cannot read as others do: each is refused, since what cannot be told is not trusted.

use super::world::{Host, Ran, copy, run};
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;

const OK: Ran = Ran::Ended(Some(0));

/// No UTF-8, and longer than the kernel tells.
pub fn programs(host: &Host) {
    let folder = host.at("opt").into_os_string();
    let odd = [folder.as_bytes(), b"/\xff\xfe"].concat();
    let odd = copy(host.at("opt/tool"), OsStr::from_bytes(&odd).as_ref());
    assert_eq!(run(&mut Command::new(odd)), Ran::Denied, "a name that is no UTF-8");

    // The working folder is this thread's alone, as its mounts are.
    std::env::set_current_dir(host.at("opt")).unwrap();
    let part = "d".repeat(250);
    for _ in 0..20 {
        fs::create_dir(&part).unwrap();
        std::env::set_current_dir(&part).unwrap();
    }
    fs::copy(host.at("opt/tool"), "tool").unwrap();
    assert_eq!(run(&mut Command::new("./tool")), Ran::Denied, "a path longer than a page");
    std::env::set_current_dir("/").unwrap();
}

/// What means another file to everybody but the process itself, and what is no file.
pub fn scripts(host: &Host) {
    let shell = || Command::new(host.at("bin/sh"));
    let (good, evil) = (host.at("opt/good.sh"), host.file("opt/evil.sh", "exit 0\n"));
    let open = |path| fs::File::open(path).unwrap();
    for name in ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
        assert_eq!(run(shell().arg(name).stdin(open(&evil))), Ran::Denied, "{name}");
        assert_eq!(run(shell().arg(name).stdin(open(&good))), OK, "{name}");
    }
    let pipe = host.at("opt/pipe");
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, kind, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR, 0).unwrap();
    let mut writer = fs::File::options().read(true).write(true).open(&pipe).unwrap();
    writer.write_all(b"exit 0\n").unwrap();
    assert_eq!(run(shell().arg(&pipe)), Ran::Denied, "a pipe that has a name");

    // The interpreter itself under such a name: what it is told counts all the same.
    let interpreter = open(&host.at("bin/sh"));
    rustix::io::fcntl_setfd(&interpreter, rustix::io::FdFlags::empty()).unwrap();
    let itself = || Command::new(format!("/proc/self/fd/{}", interpreter.as_raw_fd()));
    assert_eq!(run(itself().arg(&evil)), Ran::Denied, "the interpreter by its descriptor");
    assert_eq!(run(itself().arg(&good)), OK);
}
