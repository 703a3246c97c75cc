//! The app in a real terminal: what no buffer can show.

use std::path::{Path, PathBuf};

use crate::terminal::Terminal;

/// A small file to open: the bundled sample.
fn sample_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data")
}

const SAMPLE: &str = "digits_overconfident.parquet";

fn opened(env: &[(&str, &str)]) -> Terminal {
    let mut terminal = Terminal::start(&sample_folder(), &[SAMPLE], env);
    terminal.wait_for("OVERCONFIDENT");
    terminal
}

#[test]
fn starts_and_quits() {
    let mut terminal = opened(&[]);
    terminal.wait_for("q quit");
    assert!(!terminal.is_cooked());
    terminal.send("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    assert!(terminal.gave_modes_back());
    assert!(terminal.is_cooked());
    assert!(!terminal.screen().contains("OVERCONFIDENT"));
}

#[test]
fn quits_and_leaves_the_screen_behind() {
    let mut terminal = opened(&[]);
    terminal.send("Q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    assert!(terminal.gave_modes_back());
    assert!(terminal.screen().contains("q quit"), "{}", terminal.screen());
}

#[test]
fn the_home_screen_opens_the_sample_with_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path(), &[], &[]);
    terminal.wait_for("bundled sample");
    terminal.send("d");
    terminal.wait_for("OVERCONFIDENT");
    terminal.send("3");
    terminal.wait_for("NLL (nats per row)");
    terminal.send("*");
    terminal.wait_until("T at T*", |s| !s.contains("T 1.000 "));
}

#[test]
fn the_home_screen_lists_and_opens_files() {
    let mut terminal = Terminal::start(&sample_folder(), &[], &[]);
    terminal.wait_for(SAMPLE);
    terminal.send("o");
    terminal.wait_for("5 of 5");
    terminal.send("overc");
    terminal.wait_for("1 of 5");
    terminal.send("\t");
    terminal.wait_for("> digits_overconfident.parquet");
    terminal.send("\r");
    terminal.wait_for("OVERCONFIDENT");
}

#[test]
fn a_missing_file_shows_why_and_the_app_goes_on() {
    let mut terminal = Terminal::start(&sample_folder(), &["nowhere.npz"], &[]);
    terminal.wait_for("Cannot load nowhere.npz");
    terminal.send("o");
    terminal.wait_for("Ctrl-R recent");
    terminal.send("\x1b");
    terminal.wait_until("closed picker", |s| !s.contains("Ctrl-R recent"));
    terminal.send("c");
    terminal.wait_for("nothing can be chosen: no such file");
    terminal.send("\x1b");
    terminal.wait_until("closed dialog", |s| !s.contains("nothing can be chosen"));
    terminal.send("\x1b");
    terminal.wait_until("closed message", |s| !s.contains("Cannot load"));
    terminal.send("d");
    terminal.wait_for("OVERCONFIDENT");
    terminal.send("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
}

/// A table of four classes in which two columns could be the labels.
fn ambiguous(path: &Path) {
    let mut text = "logit_0,logit_1,logit_2,logit_3,truth_a,truth_b\n".to_owned();
    for row in 0..200_usize {
        let z = |class: usize| ((row * 7 + class * 13) % 17) as f64 / 4.0;
        let best = (0..4).max_by(|a, b| z(*a).total_cmp(&z(*b))).expect("four classes");
        let label = if row % 3 == 0 { row % 4 } else { best };
        let scores: Vec<String> = (0..4).map(|class| format!("{:.2}", z(class))).collect();
        let other = (label + 1) % 4;
        text.extend([scores.join(","), format!(",{label},{other}\n")]);
    }
    std::fs::write(path, text).expect("written");
}

#[test]
fn an_ambiguous_table_is_opened_by_choosing_and_the_choice_is_remembered() {
    let folder = tempfile::tempdir().unwrap();
    ambiguous(&folder.path().join("first.csv"));
    ambiguous(&folder.path().join("second.csv"));
    let config = tempfile::tempdir().unwrap();
    let env = [("XDG_CONFIG_HOME", config.path().to_str().unwrap())];
    let mut terminal = Terminal::start(folder.path(), &["first.csv"], &env);
    terminal.wait_for("several columns could be the labels");
    terminal.send("c");
    terminal.wait_for("not clear");
    terminal.send("\x1b[C");
    terminal.wait_for("truth_a (integer) ▸");
    terminal.send("r");
    terminal.wait_for("remembered for files with the same 6 columns");
    terminal.send("\r");
    terminal.wait_for("ECE %");
    assert!(terminal.screen().contains("200 × 4"), "{}", terminal.screen());
    // Another file of the same columns is read the same way, and that is said.
    terminal.send("o");
    terminal.wait_for("2 of 2");
    terminal.send("second\r");
    terminal.wait_for("as remembered for files like this: labels truth_a");
    terminal.send("c");
    terminal.wait_for("read as remembered");
    terminal.send("x");
    terminal.wait_for("forgotten");
    terminal.send("\r");
    terminal.wait_for("several columns could be the labels");
    terminal.send("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    let kept = std::fs::read_dir(config.path().join("logitscope/columns")).unwrap();
    assert_eq!(kept.count(), 0);
}

#[test]
fn a_failed_load_leaves_the_open_file_on_screen_and_recent_files_at_hand() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.parquet");
    std::fs::copy(sample_folder().join(SAMPLE), &good).unwrap();
    std::fs::write(folder.path().join("empty.csv"), "").unwrap();
    let mut terminal = Terminal::start(folder.path(), &["good.parquet"], &[]);
    terminal.wait_for("OVERCONFIDENT");
    terminal.send("o");
    terminal.wait_for("2 of 2");
    terminal.send("empty\r");
    terminal.wait_for("Cannot load empty.csv");
    terminal.send("\x1b");
    terminal.wait_until("the figures", |s| s.contains("OVERCONFIDENT") && !s.contains("Cannot"));
    terminal.send("o");
    terminal.wait_for("Ctrl-R recent");
    terminal.send("\x12");
    terminal.wait_until("the file that was read", |s| {
        s.contains("1 of 1") && s.contains("good.parquet")
    });
    terminal.send("\r");
    terminal.wait_until("the file again", |s| {
        s.contains("OVERCONFIDENT") && !s.contains("Recent files")
    });
    terminal.send("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
}

#[test]
fn a_watched_file_is_read_again_when_it_has_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("val.csv");
    let rows = |n: usize| {
        let line = |row: usize| {
            format!("{}.5,{},{}\n", row % 7, row % 5, usize::from(row.is_multiple_of(3)))
        };
        "logit_0,logit_1,label\n".to_owned() + &(0..n).map(line).collect::<String>()
    };
    std::fs::write(&path, rows(300)).unwrap();
    let mut terminal = Terminal::start(folder.path(), &["val.csv"], &[]);
    terminal.wait_for("300 × 2");
    terminal.send("3}W");
    terminal.wait_for("watched");
    terminal.wait_for("T 1.100");
    std::fs::write(&path, rows(451)).unwrap();
    terminal.wait_until("the new rows", |s| s.contains("changed") && s.contains("451 × 2"));
    assert!(terminal.screen().contains("T 1.100"), "{}", terminal.screen());
    terminal.send("W");
    terminal.wait_for("no longer watched");
    terminal.send("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
}

/// A file of 300 rows whose logits are larger by `factor`.
fn write_step(folder: &Path, step: usize, factor: usize) {
    let line = |row: usize| {
        let (a, b) = (factor * (row % 7), factor * (row % 5));
        format!("{a}.5,{b},{}\n", usize::from(row.is_multiple_of(3)))
    };
    let rows: String = (0..300).map(line).collect();
    let path = folder.join(format!("step_{step}.csv"));
    std::fs::write(path, "logit_0,logit_1,label\n".to_owned() + &rows).expect("written");
}

#[test]
fn three_steps_are_a_run_whose_cursor_every_screen_follows() {
    let folder = tempfile::tempdir().unwrap();
    for (step, factor) in [(5, 1), (10, 2), (100, 3)] {
        write_step(folder.path(), step, factor);
    }
    let files = ["step_100.csv", "step_5.csv", "step_10.csv"];
    let mut terminal = Terminal::start(folder.path(), &files, &[]);
    terminal.wait_until("all steps", |s| {
        s.contains("9 Run") && s.contains("step 3/3") && s.contains("step 100: ")
    });
    terminal.send("\x1b[D");
    terminal.wait_until("the second step", |s| s.contains("step_10.csv") && s.contains("step 2/3"));
    terminal.send("3,");
    terminal.wait_until("the first step", |s| {
        s.contains("step_5.csv") && s.contains("NLL (nats per row)")
    });
    terminal.send("9..");
    terminal.wait_for("step 3/3");
    write_step(folder.path(), 1000, 4);
    terminal.wait_until("the new step", |s| s.contains("step 4/4") && s.contains("step_1000.csv"));
    terminal.send("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
}

#[test]
fn slices_of_a_column_stand_beside_the_classes() {
    let folder = tempfile::tempdir().unwrap();
    let line = |row: usize| {
        let site = ["north", "south"][usize::from(row.is_multiple_of(4))];
        let label = usize::from(row.is_multiple_of(3));
        format!("{}.5,{},{label},{site}\n", row % 7, row % 5)
    };
    let rows: String = (0..200).map(line).collect();
    let path = folder.path().join("sites.csv");
    std::fs::write(path, "logit_0,logit_1,label,site\n".to_owned() + &rows).expect("written");
    let mut terminal = Terminal::start(folder.path(), &["sites.csv", "--slice", "site"], &[]);
    terminal.wait_for("6 Class");
    terminal.send("6");
    terminal.wait_for("table 1 of 2");
    terminal.send("v");
    // The group of rows without a value has none, and is not there.
    terminal.wait_until("both sites", |s| {
        s.contains("north") && s.contains("south") && s.contains(" of 2 gaps")
    });
    assert!(!terminal.screen().contains("(missing)"));
    terminal.send("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
}

#[test]
fn two_models_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    for (step, name) in [(1, "small.csv"), (2, "large.csv")] {
        write_step(folder.path(), step, step);
        let from = folder.path().join(format!("step_{step}.csv"));
        std::fs::rename(from, folder.path().join(name)).unwrap();
    }
    let mut terminal = Terminal::start(folder.path(), &["small.csv", "large.csv"], &[]);
    terminal.wait_until("intervals", |s| s.contains("NLL minus small.csv") && s.contains(" to "));
    terminal.send("\x1b[B\r");
    terminal.wait_until("the other model", |s| s.contains("large.csv") && s.contains("model 2/2"));
    terminal.send("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
}

#[test]
fn follows_the_size_of_the_terminal() {
    let mut terminal = opened(&[]);
    terminal.resize(44, 12);
    terminal.wait_for("needs 50×14, is 44×12");
    terminal.resize(120, 36);
    terminal.wait_for("3 Temperature ──");
}

#[test]
#[cfg_attr(not(debug_assertions), ignore = "needs the hooks of a debug build")]
fn a_panic_leaves_a_sane_terminal() {
    let mut terminal = opened(&[("LOGITSCOPE_TEST_PANIC", "1")]);
    terminal.send("\x1b[24~");
    assert_eq!(terminal.wait_for_end().exit_code(), 101);
    assert!(terminal.gave_modes_back());
    assert!(terminal.is_cooked());
    let words = terminal.screen().replace('\n', " ");
    assert!(words.contains("LOGITSCOPE_TEST_PANIC"), "{words}");
    // Printed after the restore, or it would be lost with the alternate screen.
    let text = String::from_utf8_lossy(&terminal.bytes).into_owned();
    assert!(text.rfind("\x1b[?1049l") < text.rfind("this panic was asked for"));
}

#[test]
fn signals_end_the_app_with_their_status() {
    let all = [
        ("TERM", 143),
        ("HUP", 129),
        ("INT", 130),
        ("QUIT", 131),
        ("ABRT", 134),
        ("ALRM", 142),
        ("USR1", 138),
        ("USR2", 140),
    ];
    for (name, status) in all {
        let mut terminal = opened(&[]);
        terminal.signal(name);
        assert_eq!(terminal.wait_for_end().exit_code(), status, "{name}");
        assert!(terminal.gave_modes_back(), "{name}");
        assert!(terminal.is_cooked(), "{name}");
    }
}

#[test]
fn a_paste_without_an_end_does_not_take_ctrl_c() {
    let mut terminal = opened(&[]);
    terminal.send("\x1b[200~text that never ends");
    terminal.send("q");
    std::thread::sleep(std::time::Duration::from_millis(200));
    terminal.send("\x03");
    assert_eq!(terminal.wait_for_end().exit_code(), 130);
    assert!(terminal.gave_modes_back());
    assert!(terminal.is_cooked());
}

#[test]
fn a_hang_up_ends_it_quietly() {
    let mut terminal = opened(&[]);
    terminal.hang_up("2");
    let status = terminal.wait_for_end();
    assert_eq!(status.exit_code(), 129);
    let text = String::from_utf8_lossy(&terminal.bytes).into_owned();
    assert!(!text.contains("panicked"));
}

#[test]
fn suspends_and_comes_back() {
    let mut terminal = opened(&[]);
    terminal.send("\x1a");
    let text = |t: &Terminal| String::from_utf8_lossy(&t.bytes).into_owned();
    terminal.wait_until("the main screen", |s| !s.contains("OVERCONFIDENT"));
    assert!(terminal.gave_modes_back());
    terminal.wait_until_stopped();
    terminal.signal("CONT");
    terminal.wait_for("OVERCONFIDENT");
    assert!(text(&terminal).matches("\x1b[?1049h").count() >= 2);
    terminal.send("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    assert!(terminal.gave_modes_back());
}

/// Parameters of every SGR sequence that was written.
fn sgr_parameters(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    text.split("\x1b[")
        .skip(1)
        .filter_map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';')?;
            rest[end..].starts_with('m').then(|| rest[..end].to_owned())
        })
        .collect()
}

fn is_colour(parameters: &str) -> bool {
    parameters.split(';').any(|p| {
        let number: u32 = p.parse().unwrap_or(0);
        matches!(number, 30..=38 | 40..=48 | 90..=97 | 100..=107)
    })
}

#[test]
fn no_color_means_no_colour_and_selection_stays_visible() {
    let mut plain = opened(&[("NO_COLOR", "1")]);
    plain.send("2");
    plain.wait_for("Calibration");
    plain.send("q");
    plain.wait_for_end();
    let parameters = sgr_parameters(&plain.bytes);
    let coloured: Vec<_> = parameters.iter().filter(|p| is_colour(p)).collect();
    assert!(coloured.is_empty(), "{coloured:?}");
    assert!(parameters.iter().any(|p| p.split(';').any(|p| p == "7")));

    let mut colour = opened(&[]);
    colour.send("q");
    colour.wait_for_end();
    assert!(sgr_parameters(&colour.bytes).iter().any(|p| is_colour(p)));
}

#[test]
fn without_utf8_everything_is_ascii() {
    let mut terminal = opened(&[("LANG", "C")]);
    for keys in ["2", "3", "4", "5", "?"] {
        terminal.send(keys);
    }
    terminal.wait_for("Esc closes");
    terminal.send("q");
    terminal.wait_for_end();
    assert!(terminal.bytes.is_ascii());
}

#[test]
fn the_mouse_is_asked_for_without_motion_or_not_at_all() {
    let mut terminal = opened(&[]);
    terminal.send("\x1b[<0;20;2M\x1b[<0;20;2m");
    terminal.wait_for("Calibration");
    terminal.send("q");
    terminal.wait_for_end();
    let text = String::from_utf8_lossy(&terminal.bytes).into_owned();
    assert!(text.contains("\x1b[?1000h") && !text.contains("\x1b[?1003h"));

    let mut terminal = Terminal::start(&sample_folder(), &["--no-mouse", SAMPLE], &[]);
    terminal.wait_for("OVERCONFIDENT");
    terminal.send("q");
    terminal.wait_for_end();
    let text = String::from_utf8_lossy(&terminal.bytes).into_owned();
    assert!(!text.contains("\x1b[?1000h"));
}

/// An .npy file of f32 with its labels beside it, too large to be read at once.
fn many_rows(folder: &Path, n_rows: usize, n_classes: usize) {
    let header = |descr: &str, shape: &str| {
        let dict = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        let padded = format!("{dict:<117}\n");
        bytes.extend(u16::try_from(padded.len()).expect("short").to_le_bytes());
        bytes.extend(padded.as_bytes());
        bytes
    };
    let mut state = 1_u64;
    let mut uniform = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / 16_777_216.0
    };
    let mut logits = header("<f4", &format!("({n_rows}, {n_classes})"));
    let mut labels = header("<i8", &format!("({n_rows},)"));
    for row in 0..n_rows {
        let label = row % n_classes;
        labels.extend(i64::try_from(label).expect("few").to_le_bytes());
        for class in 0..n_classes {
            let z = 4.0 * uniform() + if class == label { 5.0 * uniform() } else { 0.0 };
            logits.extend(z.to_le_bytes());
        }
    }
    std::fs::write(folder.join("logits.npy"), logits).expect("a folder of our own");
    std::fs::write(folder.join("labels.npy"), labels).expect("a folder of our own");
}

const MANY: [&str; 3] = ["logits.npy", "--labels", "labels.npy"];

/// The app with the first of 20,000 rows on screen; the load is held until `hold` is gone.
fn held(folder: &Path) -> (Terminal, PathBuf) {
    let hold = folder.join("hold");
    std::fs::write(&hold, "").expect("a folder of our own");
    let env = [("LOGITSCOPE_TEST_HOLD", hold.to_str().expect("UTF-8"))];
    let mut terminal = Terminal::start(folder, &MANY, &env);
    terminal.wait_until("figures of the first rows", |s| {
        s.contains("so far") && s.contains(" of 20,000 rows")
    });
    (terminal, hold)
}

#[test]
#[cfg_attr(not(debug_assertions), ignore = "needs the hooks of a debug build")]
fn first_rows_are_shown_and_used_while_the_others_come() {
    let folder = tempfile::tempdir().unwrap();
    many_rows(folder.path(), 20_000, 400);
    let (mut terminal, hold) = held(folder.path());
    terminal.send("3]");
    terminal.wait_for("T 1.010   NLL ~");
    assert!(terminal.screen().contains("partial"), "{}", terminal.screen());
    std::fs::remove_file(hold).unwrap();
    terminal.wait_until("figures of all rows", |s| {
        !s.contains("partial") && !s.contains('~') && s.contains("T 1.010   NLL ")
    });
    terminal.send("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
}

#[test]
#[cfg_attr(not(debug_assertions), ignore = "needs the hooks of a debug build")]
fn escape_stops_a_load_and_keeps_its_first_rows() {
    let folder = tempfile::tempdir().unwrap();
    many_rows(folder.path(), 20_000, 400);
    let (mut terminal, hold) = held(folder.path());
    terminal.send("\x1b");
    terminal.wait_for("stopped at");
    terminal.send("2");
    terminal.wait_for("Calibration");
    assert!(terminal.screen().contains("partial"), "{}", terminal.screen());
    // The load is really over: nothing changes once it could go on, and `r` begins another one.
    std::fs::remove_file(hold).unwrap();
    terminal.send("r");
    terminal.wait_until("figures of all rows", |s| {
        s.contains("Calibration") && s.contains("out of fold") && !s.contains("partial")
    });
    terminal.send("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
}

#[test]
fn copies_through_the_terminal() {
    let mut terminal = opened(&[("TMUX", "socket,1,0")]);
    terminal.send("y");
    terminal.wait_for("clipboard (OSC 52)");
    let text = String::from_utf8_lossy(&terminal.bytes).into_owned();
    assert!(text.contains("\x1bPtmux;\x1b\x1b]52;c;"));
}

#[test]
fn writes_the_card_next_to_the_data() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("val.parquet");
    std::fs::copy(sample_folder().join(SAMPLE), &data).unwrap();
    let mut terminal = Terminal::start(folder.path(), &["val.parquet"], &[]);
    terminal.wait_for("OVERCONFIDENT");
    terminal.send("3w");
    terminal.wait_for("wrote val.parquet.temperature.json");
    let card = std::fs::read_to_string(folder.path().join("val.parquet.temperature.json")).unwrap();
    let card: serde_json::Value = serde_json::from_str(&card).unwrap();
    assert_eq!(card["schema"], "logitscope.temperature/1");
    assert!(card["temperature"].as_f64().unwrap() > 1.0);
}

#[test]
fn a_trace_tells_how_long_a_key_takes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.txt");
    let mut terminal = opened(&[("LOGITSCOPE_TRACE", path.to_str().unwrap())]);
    terminal.send("3]");
    terminal.wait_for("T 1.010   NLL 1.0");
    terminal.send("q");
    terminal.wait_for_end();
    let trace = std::fs::read_to_string(&path).unwrap();
    assert!(trace.lines().any(|l| l.contains("ms after")), "{trace}");
    assert!(trace.contains("exact"), "{trace}");
}

#[test]
fn row_summaries_open_like_the_file_they_were_made_from() {
    let folder = tempfile::tempdir().unwrap();
    let sample = sample_folder().join(SAMPLE);
    let loaded = crate::shared::open(&sample, &logitscope::io::OpenOptions::default());
    crate::summaries::write(loaded, &folder.path().join("rows.parquet"));
    let mut terminal = Terminal::start(folder.path(), &[], &[]);
    terminal.wait_for("row summaries");
    terminal.send("o");
    terminal.wait_for("1 of 1");
    terminal.send("rows.parquet\r");
    terminal.wait_for("OVERCONFIDENT");
    terminal.send("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
}
