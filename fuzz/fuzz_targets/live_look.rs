#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::fuzz_live_look(data));
