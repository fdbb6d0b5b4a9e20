//! Programs that unpack themselves, made here of a few bytes of code: what they write is what comes out.

use super::*;
use crate::Limits;
use std::time::Duration;

const BASE: u32 = 0x40_0000;
const HIDDEN: &[u8] = b"what was packed, long enough to be no variable of a program: ";

/// One section with `code` at its beginning and `data` behind, and an empty one in which something is to come out.
fn program(code: &[u8], data: &[u8]) -> Vec<u8> {
    let mut out = b"MZ".to_vec();
    out.resize(60, 0);
    out.extend(64u32.to_le_bytes());
    out.extend(b"PE\0\0\x4c\x01\x02\0");
    out.resize(out.len() + 12, 0);
    out.extend([224, 0, 0x0f, 1]);
    let optional = out.len();
    out.resize(optional + 224, 0);
    let mut put = |at: usize, value: u32| out[optional + at..optional + at + 4].copy_from_slice(&value.to_le_bytes());
    put(0, 0x10b);
    put(16, 0x1000);
    put(28, BASE);
    put(56, 0x4000);
    put(60, 0x200);
    for (at, raw, raw_at) in [(0x1000u32, 0x1000u32, 0x200u32), (0x2000, 0, 0)] {
        out.extend(b".one\0\0\0\0");
        for word in [0x1000, at, raw, raw_at, 0, 0, 0, 0xe000_0020] {
            out.extend(word.to_le_bytes());
        }
    }
    out.resize(0x200, 0);
    out.extend(code);
    out.resize(0x200 + 0x800, 0);
    out.extend(data);
    out.resize(0x200 + 0x1000, 0);
    out
}

fn run_it(code: &[u8], data: &[u8]) -> Run {
    let limits = Limits { deadline: Some(Instant::now() + Duration::from_secs(300)), ..Limits::default() };
    let bytes = program(code, data);
    let pe = Pe::read(&&bytes[..]).unwrap();
    let meter = Meter::new(limits);
    // A million steps are left.
    meter.steps.set(MOST_STEPS - 1_000_000);
    run(&meter, &&bytes[..], &pe).unwrap()
}

fn word(value: u32) -> [u8; 4] {
    value.to_le_bytes()
}

/// mov esi, data; mov edi, second section; mov ecx, length.
fn begin(length: usize) -> Vec<u8> {
    [&[0xbe][..], &word(BASE + 0x1800), &[0xbf], &word(BASE + 0x2000), &[0xb9], &word(length as u32)].concat()
}

#[test]
fn a_loop_that_decodes_and_jumps_there() {
    let plain: Vec<u8> = HIDDEN.iter().copied().cycle().take(400).collect();
    let hidden: Vec<u8> = plain.iter().map(|byte| byte.rotate_left(3) ^ 0x5a).collect();
    // lodsb; xor al, 5a; ror al, 3; stosb; loop; ret
    let code = [begin(hidden.len()), vec![0xac, 0x34, 0x5a, 0xc0, 0xc8, 3, 0xaa, 0xe2, 0xf7, 0xc3]].concat();
    let run = run_it(&code, &hidden);
    assert!(run.through, "{}", run.why);
    assert_eq!(&run.stretches[0].1[0x2000..0x2000 + plain.len()], &plain[..]);
}

#[test]
fn a_fault_goes_to_the_program_s_own_handler() {
    // push handler; push fs:[0]; mov fs:[0], esp; xor eax, eax; mov eax, [eax]: the handler moves EIP on by two.
    let handler = BASE + 0x1000 + 0x40;
    let mut code =
        [&[0x68][..], &word(handler), &[0x64, 0xff, 0x35, 0, 0, 0, 0, 0x64, 0x89, 0x25, 0, 0, 0, 0]].concat();
    code.extend([0x31, 0xc0, 0x8b, 0x00]);
    code.extend([begin(400), vec![0xb0, b'A', 0xf3, 0xaa, 0x83, 0xc4, 8, 0xc3]].concat());
    code.resize(0x40, 0x90);
    // mov ecx, [esp+12]; add dword [ecx+b8], 2; xor eax, eax; ret
    code.extend([0x8b, 0x4c, 0x24, 12, 0x83, 0x81, 0xb8, 0, 0, 0, 2, 0x31, 0xc0, 0xc3]);
    let run = run_it(&code, b"");
    assert!(run.through, "{}", run.why);
    assert_eq!(run.stretches[0].1[0x2000..0x2190], [b'A'; 400]);
}

#[test]
fn what_never_ends_is_ended_and_said() {
    let run = run_it(&[0xeb, 0xfe], b"");
    assert!(!run.through && run.why.contains("steps"), "{}", run.why);
    let run = run_it(&[0x0f, 0xff, 0xff], b"");
    assert!(!run.through && run.why.contains("stopped"), "{}", run.why);
}

#[test]
fn what_the_processor_computes() {
    // Each piece of code leaves its result in eax, which is then written to the second section.
    let check = |code: &[u8], expected: u32| {
        let store = [&[0xa3][..], &word(BASE + 0x2000), &[0xc3]].concat();
        let run = run_it(&[code, &store].concat(), b"");
        let found = u32::from_le_bytes(run.stretches[0].1[0x2000..0x2004].try_into().unwrap());
        assert_eq!(found, expected, "{code:x?}: {}", run.why);
    };
    // mov eax, 7fffffff; inc eax
    check(&[0xb8, 0xff, 0xff, 0xff, 0x7f, 0x40], 0x8000_0000);
    // mov eax, 1; neg eax; sbb eax, eax
    check(&[0xb8, 1, 0, 0, 0, 0xf7, 0xd8, 0x19, 0xc0], u32::MAX);
    // mov eax, 12345678; rol eax, 8; bswap eax
    check(&[0xb8, 0x78, 0x56, 0x34, 0x12, 0xc1, 0xc0, 8, 0x0f, 0xc8], 0x1278_5634);
    // mov eax, -7; cdq; mov ecx, 2; idiv ecx
    check(&[0xb8, 0xf9, 0xff, 0xff, 0xff, 0x99, 0xb9, 2, 0, 0, 0, 0xf7, 0xf9], (-3i32) as u32);
    // mov eax, -8; sar eax, 1
    check(&[0xb8, 0xf8, 0xff, 0xff, 0xff, 0xd1, 0xf8], (-4i32) as u32);
    // mov ax, 80ff; movsx eax, al
    check(&[0x66, 0xb8, 0xff, 0x80, 0x0f, 0xbe, 0xc0], u32::MAX);
    // push 2; pop eax; stc; adc al, ff
    check(&[0x6a, 2, 0x58, 0xf9, 0x14, 0xff], 2);
    // mov eax, 3; cmp eax, 4; setl al; imul eax, eax, 5
    check(&[0xb8, 3, 0, 0, 0, 0x83, 0xf8, 4, 0x0f, 0x9c, 0xc0, 0x6b, 0xc0, 5], 5);
    // mov eax, 80000001; mov ecx, 10; shld eax, ecx, 4
    check(&[0xb8, 1, 0, 0, 0x80, 0xb9, 0, 0, 0, 0x70, 0x0f, 0xa4, 0xc8, 4], 0x17);
    // mov eax, -1; mul eax; mov eax, edx
    check(&[0xb8, 0xff, 0xff, 0xff, 0xff, 0xf7, 0xe0, 0x89, 0xd0], 0xffff_fffe);
}
