//! A header of JSON behind its length: no byte is fixed, so that nothing is rejected.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| -> libfuzzer_sys::Corpus {
    logitscope_fuzz::check(data, &[b""])
});
