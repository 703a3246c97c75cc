//! Files that begin with the mark of their format.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| -> libfuzzer_sys::Corpus {
    logitscope_fuzz::check(data, &[b"_logits_"])
});
