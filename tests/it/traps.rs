//! Small traps of single formats: each is an error that says what it is, or is read right.

use std::fs;

use logitscope::io::{OpenOptions, glimpse, open_bytes};

use crate::allocations::Counting;
use crate::forms::{archive, bytes, npy};

/// What is said of these bytes under this name, with the hint.
fn said(name: &str, bytes: &[u8]) -> String {
    let error = open_bytes(name, bytes, &OpenOptions::default()).expect_err(name);
    format!("{error}\n{}", error.hint.as_ref().expect("a hint"))
}

/// The library of archives would give the last of the two.
#[test]
fn two_members_of_one_name_are_refused() {
    let logits = npy("<f4", "(2, 3)", &[0; 24]);
    let members = [
        ("logits.npy", logits.clone()),
        ("labels.npy", npy("|u1", "(2,)", &[0, 1])),
        ("logitz.npy", logits),
    ];
    let mut file = archive(&members, zip::CompressionMethod::Stored);
    for at in 0..file.len() - 6 {
        if file[at..].starts_with(b"logitz") {
            file[at..at + 6].copy_from_slice(b"logits");
        }
    }
    assert_eq!(
        said("x.npz", &file),
        "x.npz: two members of the zip archive have the same name\n\
         `unzip -l FILE` lists them; save it again with each name once"
    );
}

/// A pickle of `{"logits": [[1.5, 1.5, ..], ..], "labels": [0, 1, ..]}` with lists of these lengths.
fn pickled_lists(lengths: &[usize]) -> Vec<u8> {
    let mut out = b"\x80\x02}(U\x06logits](".to_vec();
    for n in lengths {
        out.extend(b"](");
        out.extend([&b"G"[..], &1.5f64.to_be_bytes()].concat().repeat(*n));
        out.push(b'e');
    }
    out.extend(b"eU\x06labels](");
    for class in 0..lengths.len() {
        out.extend([b'K', u8::try_from(class % 2).expect("small")]);
    }
    out.extend(b"eu.");
    out
}

#[test]
fn ragged_lists_of_a_pickle_name_the_row() {
    let options = OpenOptions::default();
    assert!(open_bytes("x.pkl", &pickled_lists(&[3, 3, 3, 3]), &options).is_ok());
    assert_eq!(
        said("x.pkl", &pickled_lists(&[3, 3, 2, 3])),
        "x.pkl: logits: elements of type ragged list (row 1 has 3 numbers, row 3 has 2) cannot be read\n\
         save it as a plain array: `np.save(path, np.asarray(x, dtype=np.float32))`"
    );
}

#[test]
fn lines_that_end_in_a_carriage_return_alone_are_named() {
    let text = "logit_0,logit_1,label\r1.5,2,0\r2,1,1\r";
    assert_eq!(
        said("x.csv", text.as_bytes()),
        "x.csv: its lines end in a carriage return alone, as on a Mac of long ago\n\
         `tr '\\r' '\\n' < FILE > NEW` makes lines of them"
    );
    let text = text.replace('\r', "\r\n");
    assert!(open_bytes("x.csv", text.as_bytes(), &OpenOptions::default()).is_ok());
}

/// A list of files opens every file's head; none may ask for memory because the head says so.
#[test]
fn a_look_at_arrow_asks_for_no_more_than_the_file_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let z: Vec<Vec<f64>> = (0..4).map(|row| vec![f64::from(row), 1.5, -0.25]).collect();
    for form in ["wide.arrow", "list.arrows", "wide.parquet"] {
        let file = bytes(form, &z, &[0, 1, 2, 0]);
        let path = folder.path().join(form);
        // The length of the footer, or of the first message.
        let at = match form {
            "wide.arrow" => file.len() - 10,
            "list.arrows" => 4,
            _ => file.len() - 8,
        };
        let mut damaged = file.clone();
        damaged[at..at + 4].copy_from_slice(&0x7000_0000u32.to_le_bytes());
        fs::write(&path, damaged).expect("written");
        Counting::begin();
        let error = glimpse(&path).expect_err(form);
        assert!(Counting::own_peak() < 1 << 20, "{form}: {}", Counting::own_peak());
        assert!(error.to_string().contains("truncated"), "{error}");
        fs::write(&path, file).expect("written");
        assert!(glimpse(&path).is_ok_and(|seen| seen.has_logits), "{form}");
    }
}
