//! What UPX does to code before packing: the targets of x86 calls and jumps are made absolute, so that the same target
//! looks the same everywhere. Undone here.

/// False if the filter is not known; the bytes are as they were then.
pub(super) fn undo(code: &mut [u8], filter: u8, cto: u8) -> bool {
    match filter {
        0 => {}
        // One leading byte marks those that were changed; the rest is the target, big-endian.
        0x24 => marked(code, cto, |b, at, _| b[at] == 0xe8),
        0x25 => marked(code, cto, |b, at, _| b[at] == 0xe9),
        0x26 | 0x36 | 0x46 => marked(code, cto, |b, at, _| matches!(b[at], 0xe8 | 0xe9)),
        0x49 => marked(code, cto, |b, at, last| {
            matches!(b[at], 0xe8 | 0xe9) || at > 0 && at != last && b[at - 1] == 0x0f && matches!(b[at], 0x80..=0x8f)
        }),
        // All were changed.
        0x11 => all(code, |byte| byte == 0xe8, u32::from_le_bytes),
        0x12 => all(code, |byte| byte == 0xe9, u32::from_le_bytes),
        0x13 => all(code, |byte| matches!(byte, 0xe8 | 0xe9), u32::from_le_bytes),
        0x14 => all(code, |byte| byte == 0xe8, u32::from_be_bytes),
        0x15 => all(code, |byte| byte == 0xe9, u32::from_be_bytes),
        0x16 => all(code, |byte| matches!(byte, 0xe8 | 0xe9), u32::from_be_bytes),
        _ => return false,
    }
    true
}

fn target(code: &[u8], at: usize) -> [u8; 4] {
    code[at + 1..at + 5].try_into().expect("four bytes")
}

fn marked(code: &mut [u8], cto: u8, is_call: fn(&[u8], usize, usize) -> bool) {
    let (mut at, mut last) = (0, 0);
    while at + 5 < code.len() {
        if is_call(code, at, last) && code[at + 1] == cto {
            let absolute = u32::from_be_bytes(target(code, at));
            let relative = absolute.wrapping_sub(at as u32 + 1).wrapping_sub(u32::from(cto) << 24);
            code[at + 1..at + 5].copy_from_slice(&relative.to_le_bytes());
            at += 4;
            last = at + 1;
        }
        at += 1;
    }
}

fn all(code: &mut [u8], is_call: fn(u8) -> bool, read: fn([u8; 4]) -> u32) {
    let mut at = 0;
    while at + 5 < code.len() {
        if is_call(code[at]) {
            let relative = read(target(code, at)).wrapping_sub(at as u32 + 1);
            code[at + 1..at + 5].copy_from_slice(&relative.to_le_bytes());
            at += 4;
        }
        at += 1;
    }
}
