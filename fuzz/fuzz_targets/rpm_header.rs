#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::fuzz_rpm_header(data));
