//! Whatever no other format claims.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| -> libfuzzer_sys::Corpus {
    logitscope_fuzz::check(data, &[b""])
});
