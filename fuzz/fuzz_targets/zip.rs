//! Files that begin with the mark of their format.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| -> libfuzzer_sys::Corpus {
    logitscope_fuzz::check(data, &[b"PK\x03\x04", b"PK\x05\x06"])
});
