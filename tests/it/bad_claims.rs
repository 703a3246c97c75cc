//! Files that claim more than they hold: refused before memory is asked for, and never the end of the process.

use std::fs;

use logitscope::io::{OpenOptions, open_bytes};

use crate::forms::{archive, bytes, npy};

fn said(bytes: &[u8]) -> String {
    let error = open_bytes("x", bytes, &OpenOptions::default()).expect_err("refused");
    format!("{error}\n{}", error.hint.as_ref().expect("a hint"))
}

/// Polars ended the process on such a line: its reader calls itself for every bracket.
#[test]
fn brackets_without_end_are_an_error() {
    let row = "{\"logits\": [1.5, 2], \"label\": 0}\n";
    let deep = |open: &str, close: &str| {
        let n = 100_000;
        format!(
            "{{\"logits\": [1.5, 2], \"label\": 0, \"x\": {}{}}}\n",
            open.repeat(n),
            close.repeat(n)
        )
    };
    for line in [deep("[", "]"), deep("{\"a\":", "}"), "[".repeat(1000), "{\"a\":".repeat(100_000)]
    {
        for text in [format!("{row}{line}"), line.clone(), format!("{}{line}", row.repeat(2000))] {
            if text.starts_with('[') {
                continue;
            }
            let said = said(text.as_bytes());
            assert!(said.contains("row "), "{said}");
            assert!(said.contains("deep") || said.contains("not a JSON object"), "{said}");
        }
    }
}

#[test]
fn a_message_of_arrow_that_cannot_be_is_damage() {
    let stream = [&b"\xff\xff\xff\xff"[..], &i32::MAX.to_le_bytes(), b"abc"].concat();
    let said_of_stream = said(&stream);
    assert!(
        said_of_stream.contains("the Arrow stream is damaged or truncated"),
        "{said_of_stream}"
    );
    assert!(!said_of_stream.contains('{'), "no innards of the library: {said_of_stream}");
    let parquet = bytes("list.parquet", &[vec![0.5; 2], vec![1.5; 2]], &[0, 1]);
    let mut wrong = parquet[..parquet.len() - 8].to_vec();
    let length = u32::try_from(wrong.len() - 4).expect("small");
    wrong.extend(length.to_le_bytes());
    wrong.extend(b"PAR1");
    let said_of_parquet = said(&wrong);
    assert!(
        said_of_parquet.contains("the Parquet file is damaged or truncated"),
        "{said_of_parquet}"
    );
}

/// Labels that cannot belong to the logits are not unpacked to find that out.
#[test]
fn counts_are_compared_before_anything_is_read() {
    let logits = ("logits.npy", npy("<f4", "(2, 3)", &[0; 24]));
    // As many bytes as claimed, so that the header alone gives no reason.
    let labels = ("labels.npy", npy("|u1", "(100000,)", &vec![7; 100_000]));
    let file = archive(&[logits, labels], zip::CompressionMethod::Deflated);
    let said = said(&file);
    assert!(said.contains("2 rows of logits in logits (f32, 2 x 3) and 100000 labels"), "{said}");
}

/// A member that claims 300 MB in 600 kB: more tightly packed than anything but repetition.
#[test]
fn a_bomb_is_refused_by_its_sizes() {
    let noise: Vec<u8> =
        (0u32..600_000).map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect();
    let shape = "(100000000, 3)";
    let mut file =
        archive(&[("logits.npy", npy("|u1", shape, &noise))], zip::CompressionMethod::Deflated);
    // The size of the member, in the central directory.
    let entry = file.windows(4).position(|w| w == b"PK\x01\x02").expect("a directory");
    file[entry + 24..entry + 28].copy_from_slice(&300_000_100u32.to_le_bytes());
    let said = said(&file);
    assert!(said.contains("nothing but repetition, which costs memory"), "{said}");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.npz");
    fs::write(&path, file).expect("written");
    let opened = logitscope::io::open(&path, &OpenOptions::default(), &mut |_| true);
    assert!(opened.is_err_and(|error| error.message.contains("repetition")));
}
