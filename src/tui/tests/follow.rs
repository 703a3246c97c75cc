//! Every screen's figures follow T: what `y` copies at T is what it copies at 1 of the logits divided by T.

use super::*;

fn copied(app: &mut App) -> Vec<String> {
    match &press(app, "y")[..] {
        [Effect::Copy(text)] => text.lines().map(str::to_owned).collect(),
        other => panic!("{other:?}"),
    }
}

/// [`source`] with its logits divided.
fn divided(by: f64) -> MemorySource {
    let whole = source();
    let Values::F64(scores) = whole.values() else {
        unreachable!("scores of 64 bits were put in");
    };
    let scores = scores.iter().map(|z| z / by).collect();
    MemorySource::new(N_CLASSES, Kind::Logits, Values::F64(scores), whole.labels().to_vec())
        .unwrap()
}

/// The app at a T above 1, the app of logits over that T at 1, and the app at 1.
fn apps() -> [App; 3] {
    let mut moved = app(120, 36);
    press_and_wait(&mut moved, "3}}}}}}}}}}");
    let t = moved.session.as_ref().unwrap().t();
    assert!(t > 1.2, "{t}");
    [moved, app_with(study_of(divided(t)), 120, 36), app(120, 36)]
}

/// What each copies after these keys.
fn after(apps: &mut [App; 3], keys: &str) -> [Vec<String>; 3] {
    for app in apps.iter_mut() {
        press_and_wait(app, keys);
    }
    let [moved, divided, at_one] = apps;
    [moved, divided, at_one].map(copied)
}

/// Numbers to the digits of the text, words to the letter.
fn same(a: &str, b: &str) -> bool {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= 1e-6 * b.abs().max(1.0),
        _ => a == b,
    }
}

/// The cells of a column of the tables among `lines`, by row: of the column whose head begins with `head`.
fn column(lines: &[String], head: &str) -> Vec<(String, String)> {
    let (mut at, mut all) = (None, Vec::new());
    for line in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        let heads = cells.iter().any(|cell| cell.starts_with("T = 1"));
        if heads {
            at = cells.iter().position(|cell| cell.starts_with(head));
        } else if let Some(cell) = at.and_then(|at| cells.get(at)) {
            all.push((cells[0].to_owned(), (*cell).to_owned()));
        }
    }
    all
}

#[test]
fn tables_at_t_are_those_of_logits_over_t() {
    let mut apps = apps();
    let head = format!("T {:.3}", apps[0].session.as_ref().unwrap().t());
    for keys in ["2", "3"] {
        let [is, want, before] = after(&mut apps, keys);
        let [is, want, before] =
            [column(&is, &head), column(&want, "T = 1"), column(&before, "T = 1")];
        assert!(is.len() > 8 && is.len() == want.len(), "screen {keys}: {is:?}\n{want:?}");
        let mut n_moved = 0;
        for ((is, want), before) in is.iter().zip(&want).zip(&before) {
            // Classwise figures and intervals are there for some temperatures only.
            assert!(is.1 == "-" || same(&is.1, &want.1), "screen {keys}: {is:?}, {want:?}");
            n_moved += usize::from(is.1 != "-" && !same(&is.1, &before.1));
        }
        assert!(n_moved > 5, "screen {keys}: {n_moved} of {} follow T", is.len());
    }
}

/// Bins, the steps of the isotonic curve, the ECE by the number of bins; the classes.
#[test]
fn lists_at_t_are_those_of_logits_over_t() {
    let mut apps = apps();
    for (keys, n_cells) in [("2", 6), ("vv", 4), ("v", 2), ("6", 7)] {
        let [is, want, before] = after(&mut apps, keys);
        let numbers = |lines: Vec<String>| -> Vec<Vec<String>> {
            let cells = |line: &String| -> Vec<String> {
                line.split('\t').take(n_cells).map(str::to_owned).collect()
            };
            let is_number = |cells: &Vec<String>| cells[0].parse::<f64>().is_ok();
            lines.iter().map(cells).filter(is_number).collect()
        };
        let [is, want, before] = [is, want, before].map(numbers);
        assert!(is.len() > 4 && is.len() == want.len(), "{keys}: {is:?}\n{want:?}");
        for (is, want) in is.iter().zip(&want) {
            assert!(
                is.iter().zip(want).all(|(is, want)| same(is, want)),
                "{keys}: {is:?} {want:?}"
            );
        }
        assert_ne!(is, before, "{keys} follows T");
    }
}

/// The histogram under the heading `confidence at T`, without what stands beside it.
fn confidences(app: &App) -> Vec<String> {
    let shown = screen(app);
    let lines = shown.lines().skip_while(|line| !line.contains("confidence at T"));
    let histogram = lines.skip(1).take_while(|line| !line.contains('└'));
    histogram.map(|line| line.chars().take(70).collect()).collect()
}

#[test]
fn the_histogram_of_confidences_follows() {
    let mut apps = apps();
    for app in &mut apps {
        press_and_wait(app, "4");
    }
    let [is, want, before] = apps.each_ref().map(confidences);
    assert!(is.len() > 5, "{}", screen(&apps[0]));
    assert_eq!(is, want);
    assert_ne!(is, before);
}
