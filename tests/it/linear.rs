//! Twice the columns or keys take twice the work: counted as the bytes that opening a file asks for, as every list, name
//! and map that is built again for each column shows there.

use std::path::Path;

use logitscope::io::{OpenOptions, open};

use crate::allocations::Counting;

/// One row of `n` scores and a label, as each kind of text has it.
fn text(ending: &str, n: usize) -> String {
    let each = |of: &dyn Fn(usize) -> String| (0..n).map(of).collect::<Vec<_>>().join(",");
    let number = |idx: usize| (idx * 7919 % 1009) as f64 / 100.0 - 5.0;
    if ending == "csv" {
        let names = each(&|idx| format!("logit_{idx}"));
        let numbers = each(&|idx| format!("{:.2}", number(idx)));
        return format!("{names},label\n{numbers},3\n");
    }
    let pairs = each(&|idx| format!("\"logit_{idx}\":{:.2}", number(idx)));
    let row = format!("{{{pairs},\"label\":3}}");
    if ending == "json" { format!("[{row}]") } else { format!("{row}\n") }
}

/// Bytes that this thread asks for while it opens the file.
fn work(path: &Path) -> f64 {
    let before = Counting::asked();
    open(path, &OpenOptions::default(), &mut |_| true).expect("a file of our own");
    Counting::asked().wrapping_sub(before) as f64
}

#[test]
fn twice_the_columns_take_twice_the_work() {
    const N: usize = 5000;
    let folder = tempfile::tempdir().expect("a folder");
    for ending in ["csv", "json", "jsonl"] {
        let [once, twice] = [N, 2 * N].map(|n| {
            let path = folder.path().join(format!("{n}.{ending}"));
            std::fs::write(&path, text(ending, n)).expect("written");
            work(&path)
        });
        let times = twice / once;
        assert!((1.0..=2.2).contains(&times), "{ending}: {once} bytes, then {times} times");
        println!("{ending}: {times:.3} times the bytes for twice the columns");
    }
}
