//! Pickles that no library writes.

use super::super::blob::Blob;
use super::super::error::Problem;
use super::{Input, Named, load, name_arrays};

/// The arrays of a pickle of protocol 2 with these instructions.
fn arrays(body: &[u8]) -> Result<Vec<Named>, Problem> {
    let bytes = [b"\x80\x02", body, b"."].concat();
    let n_bytes = bytes.len() as u64;
    let pickled = load(&mut Input::new(Blob::held(bytes), 0))?;
    Ok(name_arrays(&pickled, n_bytes, "x")?.0)
}

fn error(body: &[u8]) -> String {
    let problem = arrays(body).expect_err("this is refused");
    problem.message().to_owned()
}

#[test]
fn every_other_name_is_refused_by_name() {
    for (module, name) in [
        ("os", "system"),
        ("builtins", "eval"),
        ("builtins", "getattr"),
        ("__builtin__", "exec"),
        ("subprocess", "Popen"),
        ("torch", "load"),
        ("torch.storage", "_load_from_bytes"),
        ("torch.hub", "load"),
        ("torch._utils", "_rebuild_qtensor"),
        ("numpy", "load"),
        ("numpy.core.multiarray", "fromfile"),
        ("_codecs", "decode"),
        ("collections", "namedtuple"),
        ("transformers.trainer_utils", "PredictionOutput"),
    ] {
        let call = format!("c{module}\n{name}\n)R");
        assert!(error(call.as_bytes()).contains(&format!("run {module}.{name},")));
        let text = |t: &str| [&[b'U', u8::try_from(t.len()).unwrap()], t.as_bytes()].concat();
        let by_stack = [text(module), text(name), vec![0x93]].concat();
        assert!(error(&by_stack).contains(&format!("run {module}.{name},")));
        let instance = format!("(i{module}\n{name}\n");
        assert!(error(instance.as_bytes()).contains(&format!("run {module}.{name},")));
    }
}

#[test]
fn names_are_shown_without_control_characters() {
    let said = error(b"cev\x1b]52il\na\x07b\n");
    assert!(!said.chars().any(char::is_control), "{said:?}");
    assert!(error(&[b"c".to_vec(), vec![b'a'; 100_000], b"\nb\n".to_vec()].concat()).len() < 400);
}

#[test]
fn lists_that_multiply_come_to_an_end() {
    // A pair of the same pair of the same pair ..: 2^64 items in 130 bytes.
    assert!(error(&[&b"]"[..], &b"2\x86".repeat(64)].concat()).contains("without end"));
    // The same with a long name for each.
    let named = b"U\x40".iter().chain(&[b'n'; 64]).copied().collect::<Vec<u8>>();
    let entry = [&b"}"[..], &named, b"K\x00s"].concat();
    assert!(arrays(&[&entry[..], &b"2\x86".repeat(64)].concat()).is_err());
    // A list that holds itself, and one in one in one.
    assert!(error(b"]2a").contains("without end"));
    assert!(arrays(&[&b"]"[..], &b"\x85".repeat(100_000)].concat()).unwrap().is_empty());
}

#[test]
fn lengths_are_checked_before_allocating() {
    for body in [
        &b"\x8e\xff\xff\xff\xff\xff\xff\xff\xff"[..],
        b"\x96\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x8d\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"T\xff\xff\xff\xff",
        b"\x8b\xff\xff\xff\xff",
        b"\x95\xff",
    ] {
        assert!(arrays(body).is_err(), "{body:?}");
    }
}

#[test]
fn a_stack_that_is_too_short_is_an_error() {
    for body in [
        &b"0"[..],
        b"1",
        b"2",
        b"a",
        b"e",
        b"s",
        b"u",
        b"t",
        b"R",
        b"b",
        b"Q",
        b"\x85",
        b"\x93",
        b"K\x01(0\x86",
        b"h\x07",
        b"(K\x01d",
        b"NNR",
        b"]K\x01s",
        b"K\x01(\x85",
    ] {
        assert!(arrays(body).is_err(), "{body:?}");
    }
}
