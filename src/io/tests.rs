//! Small inputs built here, one for each rule by which data are understood.

use super::{Loaded, OpenOptions, Source, open_bytes};
use crate::data::{BatchSource, Kind, Label, Task, ValuesRef};

fn load_with(bytes: &[u8], options: &OpenOptions) -> Loaded {
    open_bytes("test", bytes, options).unwrap_or_else(|e| panic!("{e}\nhint: {:?}", e.hint))
}

fn load(text: &str) -> Loaded {
    load_with(text.as_bytes(), &OpenOptions::default())
}

fn options(change: impl FnOnce(&mut OpenOptions)) -> OpenOptions {
    let mut options = OpenOptions::default();
    change(&mut options);
    options
}

fn labels(source: &Source) -> Vec<i64> {
    source.labels().iter().map(|l| l.as_i64()).collect()
}

fn numbers(source: &Source) -> Vec<f64> {
    let mut all = Vec::new();
    let read = source.read(&mut |batch| {
        assert_eq!(batch.first_row * batch.n_classes, all.len());
        match batch.values {
            ValuesRef::F32(v) => all.extend(v.iter().map(|v| f64::from(*v))),
            ValuesRef::F64(v) => all.extend(v),
        }
        Ok(())
    });
    read.unwrap();
    all
}

fn class_names(loaded: &Loaded) -> Option<String> {
    Some(loaded.info.class_names.as_ref()?.as_slice().join(" "))
}

/// Bit for bit, with NaN equal to NaN.
fn assert_same(found: &[f64], expected: &[f64]) {
    let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
    assert!(
        found.len() == expected.len() && found.iter().zip(expected).all(same),
        "{found:?} is not {expected:?}"
    );
}

#[test]
fn csv_dialects_give_the_same_table() {
    let plain = "a,b,label\n1.5,-2,1\n0.25,nan,0\n";
    let expected = load_with(plain.as_bytes(), &options(|o| o.logits = Some("a,b".to_owned())));
    assert_same(&numbers(&expected.fit), &[1.5, -2.0, 0.25, f64::NAN]);
    let dialects = [
        "\u{feff}z0,z1,label\n1.5,-2,1\n0.25,nan,0\n".to_owned(),
        plain.replace("a,b", "z0,z1").replace('\n', "\r\n"),
        plain.replace("a,b", "z0,z1").replace(',', "\t"),
        plain.replace("a,b", "z0,z1").replace(',', ";"),
        "\"z0\",\"z1\",\"label\"\n\"1.5\",\"-2\",\"1\"\n\"0.25\",\"NaN\",\"0\"\n".to_owned(),
        "z0, z1, label\n1.5, -2, 1\n0.25, NAN, 0".to_owned(),
        // Without a header; and with the header that pandas makes of numbered columns.
        "1.5,-2,1\n0.25,nan,0\n".to_owned(),
        "0,1,label\n1.5,-2,1\n0.25,nan,0\n".to_owned(),
    ];
    for text in &dialects {
        let loaded = load(text);
        assert_same(&numbers(&loaded.fit), &[1.5, -2.0, 0.25, f64::NAN]);
        assert_eq!(labels(&loaded.fit), [1, 0], "{text}");
    }
}

#[test]
fn infinities_and_nan_are_data_in_every_spelling() {
    let loaded = load(
        "z0,z1,label\ninf,-inf,0\nInfinity,-Infinity,1\nNaN,nan,1\n1e400,-1e-400,0\n1.5,2,1\n",
    );
    let inf = f64::INFINITY;
    let expected = [inf, -inf, inf, -inf, f64::NAN, f64::NAN, inf, -0.0, 1.5, 2.0];
    assert_same(&numbers(&loaded.fit), &expected);
}

#[test]
fn ndjson_of_python_holds_nan_and_infinity() {
    let loaded = load(
        "{\"logits\": [NaN, 1.5, -Infinity], \"label\": 2, \"text\": \"a NaN \\\" Infinity\"}\n\
         {\"logits\": [0.1, Infinity, 3], \"label\": 0, \"text\": \"b\"}\n",
    );
    let inf = f64::INFINITY;
    assert_same(&numbers(&loaded.fit), &[f64::NAN, 1.5, -inf, 0.1, inf, 3.0]);
    assert_eq!(labels(&loaded.fit), [2, 0]);
}

#[test]
fn ndjson_objects_keyed_by_class_name_carry_the_names() {
    let loaded = load(
        "{\"logits\": {\"cat\": 1.5, \"dog\": 2.5, \"eel\": 0.1}, \"label\": \"eel\"}\n\
         {\"logits\": {\"cat\": 1, \"dog\": 0.5, \"eel\": 0.2}, \"label\": \"cat\"}\n",
    );
    assert_same(&numbers(&loaded.fit), &[1.5, 2.5, 0.1, 1.0, 0.5, 0.2]);
    assert_eq!(labels(&loaded.fit), [2, 0]);
    assert_eq!(class_names(&loaded).as_deref(), Some("cat dog eel"));
}

#[test]
fn numbered_columns_are_sorted_by_number_and_strangers_are_left_alone() {
    let header: Vec<String> = (0..12).rev().map(|i| format!("logit_{i}")).collect();
    let row: Vec<String> = (0..12).rev().map(|i| format!("{i}.5")).collect();
    let text = format!("id,loss,{},pred,label\n7,0.5,{},3,11\n", header.join(","), row.join(","));
    let loaded = load(&text);
    let expected: Vec<f64> = (0..12).map(|i| f64::from(i) + 0.5).collect();
    assert_same(&numbers(&loaded.fit), &expected);
    assert_eq!(labels(&loaded.fit), [11]);
    assert_eq!(class_names(&loaded), None);
}

#[test]
fn one_score_is_read_as_two_logits() {
    let text = "score,label\n-1.5,neg\n2.5,pos\n";
    let loaded = load(text);
    assert_eq!(loaded.info.task, Task::Binary);
    assert_same(&numbers(&loaded.fit), &[0.0, -1.5, 0.0, 2.5]);
    assert_eq!(
        (labels(&loaded.fit), class_names(&loaded)),
        (vec![0, 1], Some("neg pos".to_owned()))
    );
    let other = load_with(text.as_bytes(), &options(|o| o.positive = Some("neg".to_owned())));
    assert_same(&numbers(&other.fit), &[0.0, -1.5, 0.0, 2.5]);
    assert_eq!((labels(&other.fit), class_names(&other)), (vec![1, 0], Some("pos neg".to_owned())));
}

#[test]
fn one_probability_is_read_as_two_logarithms() {
    let loaded = load("prob,label\n0.25,False\n1,True\n1e-300,True\n");
    assert_eq!(loaded.info.kind, Kind::Probs);
    let ln = |p: f64| p.ln();
    let inf = f64::NEG_INFINITY;
    assert_same(
        &numbers(&loaded.fit),
        &[(-0.25f64).ln_1p(), ln(0.25), inf, 0.0, -1e-300, ln(1e-300)],
    );
    assert_eq!(labels(&loaded.fit), [0, 1, 1]);
}

#[test]
fn the_positive_class_is_always_class_one() {
    let text = "logit_ham,logit_spam,label\n1.5,-1,0\n0.5,2,1\n";
    let plain = load(text);
    assert_eq!((plain.info.task, class_names(&plain).as_deref()), (Task::Binary, Some("ham spam")));
    let swapped = load_with(text.as_bytes(), &options(|o| o.positive = Some("ham".to_owned())));
    assert_same(&numbers(&swapped.fit), &[-1.0, 1.5, 2.0, 0.5]);
    assert_eq!(
        (labels(&swapped.fit), class_names(&swapped)),
        (vec![1, 0], Some("spam ham".to_owned()))
    );
    let text = text.replace(",0\n", ",ham\n").replace(",1\n", ",spam\n");
    let named = load_with(text.as_bytes(), &options(|o| o.positive = Some("ham".to_owned())));
    assert_eq!(named.fit.labels(), swapped.fit.labels());
    assert_same(&numbers(&named.fit), &numbers(&swapped.fit));
}

#[test]
fn kinds_are_told_by_the_numbers() {
    let probs = load("a1,a2,a3,label\n0.5,0.25,0.25,0\n1,0,0,1\n");
    assert_eq!(probs.info.kind, Kind::Probs);
    let inf = f64::NEG_INFINITY;
    let quarter = 0.25f64.ln();
    assert_same(&numbers(&probs.fit), &[0.5f64.ln(), quarter, quarter, 0.0, inf, inf]);
    let logs = load("a1,a2,label\n-1.2039728043,-0.3566749439,0\n0,-inf,1\n");
    assert_eq!(logs.info.kind, Kind::LogProbs);
    assert_same(&numbers(&logs.fit), &[-1.203_972_804_3, -0.356_674_943_9, 0.0, inf]);
    let logits = load("a1,a2,label\n-0.7,-0.7,0\n0.1,0.2,1\n");
    assert_eq!(logits.info.kind, Kind::Logits);
    let forced = options(|o| o.kind = Some(Kind::Logits));
    let forced = load_with(b"a1,a2,label\n0.5,0.5,0\n", &forced);
    assert_same(&numbers(&forced.fit), &[0.5, 0.5]);
    let zeros = load("a1,a2,a3,label\n0.0,0,0,0\n0.0,0,0,1\n");
    assert_eq!(zeros.info.kind, Kind::Logits);
}

#[test]
fn ignored_rows_and_offsets_follow_the_flags() {
    let loaded = load("z0,z1,z2,label\n0.5,1,2,-100\n0.5,1,2,2\n");
    assert_eq!(loaded.fit.labels(), [Label::IGNORED, Label::class(2).unwrap()]);
    let one_based = options(|o| o.label_offset = 1);
    let loaded = load_with(b"z1,z2,z3,label\n0.5,1,2,1\n0.5,1,2,3\n", &one_based);
    assert_eq!(labels(&loaded.fit), [0, 2]);
    let ignore = options(|o| o.ignore_index = Some(255));
    let loaded = load_with(b"z1,z2,z3,label\n0.5,1,2,255\n0.5,1,2,0\n", &ignore);
    assert_eq!(labels(&loaded.fit), [-100, 0]);
}

#[test]
fn classes_that_are_called_by_numbers_are_found_by_name() {
    let loaded = load("logit_3,logit_5,label\n1.5,2,3\n2,0.5,5\n2,3,5\n");
    assert_eq!(
        (labels(&loaded.fit), class_names(&loaded)),
        (vec![0, 1, 1], Some("3 5".to_owned()))
    );
}

#[test]
fn sorted_labels_name_the_classes_only_if_there_are_as_many() {
    let loaded = load("z0,z1,z2,label\n0.5,1,2,b\n0.5,1,2,c\n1,2,3,a\n");
    assert_eq!(
        (labels(&loaded.fit), class_names(&loaded)),
        (vec![1, 2, 0], Some("a b c".to_owned()))
    );
    let guess = loaded.info.guesses.iter().find(|g| g.what == "class names").unwrap();
    assert!(guess.evidence.contains("--class-names"), "{}", guess.evidence);
}

#[test]
fn a_split_column_makes_two_parts() {
    let text = "split,z0,z1,z2,y\ntrain,9.5,9,9,0\ndev,1.5,1,1,1\ntest,2,2.5,2,2\ndev,3,3,3.5,0\n";
    let loaded = load(text);
    assert_same(&numbers(&loaded.fit), &[1.5, 1.0, 1.0, 3.0, 3.0, 3.5]);
    assert_eq!(loaded.test.as_ref().map(labels), Some(vec![2]));
    let parts = loaded.info.guesses.iter().find(|g| g.what == "parts").unwrap();
    assert!(parts.evidence.contains("1 rows of other parts"), "{}", parts.evidence);
}

#[test]
fn every_guess_names_the_flag_that_overrides_it() {
    let loaded = load("score,split,label\n0.5,val,a\n-1.5,val,b\n0.5,test,a\n0.7,test,b\n");
    let whats: Vec<&str> = loaded.info.guesses.iter().map(|g| g.what.as_str()).collect();
    assert_eq!(whats, ["logits", "labels", "parts", "kind", "task", "class names", "positive"]);
    for guess in &loaded.info.guesses {
        assert!(guess.evidence.contains("--"), "{guess:?}");
    }
    assert_eq!(loaded.fit.n_rows(), 2);
}

#[test]
fn names_that_polars_would_read_as_patterns_are_plain_names() {
    let loaded = load("*,^a.*$,label\n1.5,2.5,*\n0.5,1.5,^a.*$\n");
    assert_eq!(
        (labels(&loaded.fit), class_names(&loaded)),
        (vec![0, 1], Some("* ^a.*$".to_owned()))
    );
    assert_same(&numbers(&loaded.fit), &[1.5, 2.5, 0.5, 1.5]);
}

fn unlabelled(change: impl FnOnce(&mut OpenOptions)) -> OpenOptions {
    options(|o| {
        o.unlabelled = true;
        change(o);
    })
}

#[test]
fn labels_are_missed_only_where_they_are_needed() {
    let cases = [
        // Columns that are called so, or are text, are neither labels nor logits.
        ("id,text,cat,dog,eel\n7,a,0.5,1,2.5\n8,b,3,4.5,5.5\n", "cat dog eel", 3),
        ("logit_cat,logit_dog\n0.5,1.5\n3,4\n", "cat dog", 2),
        // One of the logits happens to be whole in both rows.
        ("z0,z1,z2\n0.5,1,2.5\n3.5,4,5\n", "", 3),
        ("0.5,1.5,2.5\n3.5,4.5,5.5\n", "", 3),
        ("score\n0.5\n-3.5\n", "", 2),
        (
            "{\"logits\": [0.5, 1, 2], \"text\": \"a\"}\n{\"logits\": [3, 4, 5.5], \"text\": \"b\"}\n",
            "",
            3,
        ),
    ];
    for (text, names, n_classes) in cases {
        let error = open_bytes("test", text.as_bytes(), &OpenOptions::default());
        assert!(error.is_err_and(|e| e.hint.is_some()), "labels are needed: {text}");
        let loaded = load_with(text.as_bytes(), &unlabelled(|_| ()));
        assert_eq!(labels(&loaded.fit), [-100, -100], "{text}");
        assert_eq!(loaded.info.n_classes, n_classes, "{text}");
        assert_eq!(class_names(&loaded).unwrap_or_default(), names, "{text}");
        let guess = loaded.info.guesses.iter().find(|g| g.what == "labels");
        assert_eq!(guess.map(|g| g.chosen.as_str()), Some("none"), "{text}");
    }
}

#[test]
fn labels_that_are_there_are_read_without_being_needed() {
    let with_labels = [
        "z0,z1,label\n0.5,1,1\n3,4.5,0\n",
        "cat,dog,label\n0.5,1,dog\n3,4.5,cat\n",
        // No header says otherwise: the one column without fractions.
        "0.5,1.5,1\n3.5,4.5,0\n",
    ];
    for text in with_labels {
        let loaded = load_with(text.as_bytes(), &unlabelled(|_| ()));
        assert_eq!(labels(&loaded.fit), [1, 0], "{text}");
        assert_eq!(loaded.info.n_classes, 2, "{text}");
    }
    // What is asked for must be there.
    let named = unlabelled(|o| o.labels = Some("truth".to_owned()));
    let error = open_bytes("test", with_labels[0].as_bytes(), &named).unwrap_err();
    assert!(error.to_string().contains("truth"), "{error}");
}

#[test]
fn rows_without_labels_keep_to_the_flags_of_binary_data() {
    let score = "score\n0.5\n-3.5\n".as_bytes();
    let loaded = load_with(score, &unlabelled(|o| o.ignore_index = Some(1)));
    assert_eq!(labels(&loaded.fit), [-100, -100]);
    assert_same(&numbers(&loaded.fit), &[0.0, 0.5, 0.0, -3.5]);
    assert!(!loaded.swapped);
    let two = "logit_cat,logit_dog\n0.5,1.5\n3,4\n".as_bytes();
    let loaded = load_with(two, &unlabelled(|o| o.positive = Some("cat".to_owned())));
    assert!(loaded.swapped);
    assert_eq!(class_names(&loaded).as_deref(), Some("dog cat"));
    assert_same(&numbers(&loaded.fit), &[1.5, 0.5, 4.0, 3.0]);
}

#[test]
fn whole_numbers_beside_logits_without_labels_are_no_guess() {
    let text = "user,cat,dog\n7,0.5,1.5\n8,3,4.5\n".as_bytes();
    let error = open_bytes("test", text, &unlabelled(|_| ())).unwrap_err();
    assert!(error.to_string().contains("user (integer)"), "{error}");
    assert_eq!(error.hint.as_deref(), Some("--logits 'cat,dog'"));
    let named = unlabelled(|o| o.logits = Some("cat,dog".to_owned()));
    assert_eq!(class_names(&load_with(text, &named)).as_deref(), Some("cat dog"));
}

#[test]
fn lists_that_differ_are_named_by_their_rows() {
    let list = |items: &str| format!("{{\"logits\": {items}, \"label\": 1}}\n");
    let good = list("[0.5, 1.5, 2.5]");
    let cases = [
        ("[0.5, 1.5]", "the list holds 2 numbers and the first row 3"),
        ("[0.5, null, 2.5]", "item 2 of column logits: the value is missing"),
        ("null", "the list is missing"),
    ];
    for (items, words) in cases {
        let text = format!("{good}{good}{}{good}", list(items));
        let error = open_bytes("test", text.as_bytes(), &OpenOptions::default()).unwrap_err();
        let said = error.to_string();
        assert!(said.contains("row 3") && said.contains(words), "{said}");
    }
    let loaded = load(&good.repeat(3));
    assert_same(&numbers(&loaded.fit), &[0.5, 1.5, 2.5].repeat(3));
}
