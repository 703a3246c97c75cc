//! The JSON schemas in `docs/schema` are what the commands print: nothing that they do not name, of no other type.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::{run, stdout};

fn schema(name: &str) -> Value {
    let file = name.trim_start_matches("logitscope.").replace('/', "-") + ".json";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema").join(file);
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("JSON")
}

/// What `value` has that `schema` does not allow. Unlike a reader of the contract, which bears with new keys, this one
/// wants every key to be named.
fn faults(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.trim_start_matches("#/$defs/");
        assert!(root["$defs"][name].is_object(), "no definition {name}");
        return faults(root, &root["$defs"][name], value, at, found);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let least = any.iter().map(|schema| {
            let mut found = Vec::new();
            faults(root, schema, value, at, &mut found);
            found
        });
        found.extend(least.min_by_key(Vec::len).unwrap_or_default());
        return;
    }
    if schema.get("const").is_some_and(|wanted| wanted != value) {
        found.push(format!("{at} is {value}"));
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        Value::String(one) => vec![one.as_str()],
        _ => Vec::new(),
    };
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type"),
    };
    if !types.is_empty() && !types.into_iter().any(is) {
        found.push(format!("{at} is {value}"));
        return;
    }
    match value {
        Value::Array(items) => {
            for (idx, item) in items.iter().enumerate().filter(|_| schema["items"].is_object()) {
                faults(root, &schema["items"], item, &format!("{at}[{idx}]"), found);
            }
        }
        Value::Object(entries) => object(root, schema, entries, at, found),
        _ => {}
    }
}

fn object(
    root: &Value,
    schema: &Value,
    entries: &serde_json::Map<String, Value>,
    at: &str,
    found: &mut Vec<String>,
) {
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !entries.contains_key(name) {
            found.push(format!("{at}.{name} is missing"));
        }
    }
    for (key, value) in entries {
        let at = format!("{at}.{key}");
        match (schema["properties"].get(key), schema.get("additionalProperties")) {
            (Some(schema), _) | (None, Some(schema)) => faults(root, schema, value, &at, found),
            (None, None) => found.push(format!("{at} is not in the schema")),
        }
    }
}

/// Fails unless the document holds to the schema that it names.
fn hold(document: &Value, what: &str) {
    let name = document["schema"].as_str().unwrap_or_else(|| panic!("{what}: no schema"));
    let schema = schema(name);
    let mut found = Vec::new();
    faults(&schema, &schema, document, "", &mut found);
    found.truncate(20);
    assert!(found.is_empty(), "{what}: {found:#?}");
}

fn repository(path: &str) -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    path.to_string_lossy().into_owned()
}

/// Few rows of two classes with an id, a weight and a site; of one class; and rows that are all broken.
fn tables(folder: &Path) {
    let rows = (0..240).map(|i| {
        let z = f64::from(i * 37 % 101) / 20.0 - 2.5;
        let label = u8::from(f64::from(i * 53 % 97) / 97.0 < 1.0 / (1.0 + (-z / 1.5).exp()));
        format!("{z},{label},{},{},r{i}\n", ["a", "b"][usize::from(i % 3 == 0)], 1 + i % 3)
    });
    let binary = rows.collect::<String>();
    fs::write(folder.join("binary.csv"), format!("score,label,site,w,id\n{binary}"))
        .expect("written");
    let one: Vec<String> = (0..40).map(|i| format!("{},{},2,1\n", i % 7, i % 5)).collect();
    let one = one.concat();
    fs::write(folder.join("one.csv"), format!("logit_0,logit_1,logit_2,label\n{one}"))
        .expect("written");
    let none = "nan,1,2,1\n".repeat(4);
    fs::write(folder.join("none.csv"), format!("logit_0,logit_1,logit_2,label\n{none}"))
        .expect("written");
}

#[test]
fn every_document_holds_to_its_schema() {
    let folder = tempfile::tempdir().expect("a folder");
    tables(folder.path());
    let [val, test] =
        ["val", "test"].map(|p| repository(&format!("sample_data/digits_small_{p}.csv")));
    let broken = repository("sample_data/digits_fp16_overflow.npz");
    let labels = repository("tests/fixtures/absent/multilabel_150.npz");
    let (val, test, broken, labels) =
        (val.as_str(), test.as_str(), broken.as_str(), labels.as_str());
    // `-20` and `-0` stand for draws of the bootstrap.
    let commands = [
        "report VAL -20",
        "report VAL --test TEST -0",
        "report VAL --compare-methods --thresholds --parity sklearn -0",
        "report BROKEN -0",
        "report LABELS -20",
        "report binary.csv --slice site --weight w --id id -20",
        "report binary.csv --group site -20",
        "report one.csv -20",
        "report none.csv",
        "doctor VAL",
        "doctor VAL TEST",
        "doctor VAL --test TEST",
        "doctor BROKEN",
        "doctor LABELS",
        "doctor none.csv",
        "inspect VAL TEST",
        "inspect binary.csv",
        "inspect LABELS",
        "compare binary.csv binary.csv -20",
        "compare VAL VAL -0",
        "check VAL --max-ece 0.5 --min-accuracy 0.99 --temperature-within 0.1,9",
        "check BROKEN --max-nll 5",
    ];
    let word = |word: &'static str| match word {
        "VAL" => val,
        "TEST" => test,
        "BROKEN" => broken,
        "LABELS" => labels,
        "-20" => "--bootstrap=20",
        "-0" => "--bootstrap=0",
        other => other,
    };
    for command in commands {
        let words: Vec<&str> = command.split(' ').map(word).chain(["--format", "json"]).collect();
        let output = run(folder.path(), &words);
        let document: Value = serde_json::from_str(&stdout(&output)).unwrap_or_else(|error| {
            panic!("{command}: {error}: {}", String::from_utf8_lossy(&output.stderr))
        });
        hold(&document, command);
    }
    for (idx, file) in [val, "binary.csv", labels, broken].into_iter().enumerate() {
        let card = format!("card{idx}.json");
        run(folder.path(), &["fit", file, "--out", &card, "--despite-failures", "--bootstrap=20"]);
        let text = fs::read_to_string(folder.path().join(card)).expect("a card");
        hold(&serde_json::from_str(&text).expect("JSON"), &format!("the card of {file}"));
    }
}

#[test]
fn a_slip_is_found() {
    let schema = schema("logitscope.check/1");
    let found = |document: &str| {
        let document = serde_json::from_str(document).expect("JSON");
        let mut found = Vec::new();
        faults(&schema, &schema, &document, "", &mut found);
        found
    };
    let sound = r#"{"schema": "logitscope.check/1", "program": {"name": "logitscope", "version": "1"}, "path": "a",
        "rows_used": 3, "judged_at": 1.0, "met": true, "limits": [], "failures": []}"#;
    assert!(found(sound).is_empty(), "{:?}", found(sound));
    for (from, to) in [
        ("\"rows_used\": 3", "\"rows_used\": 3.5"),
        ("\"met\": true", "\"meet\": true"),
        ("check/1", "check/2"),
        ("\"limits\": []", "\"limits\": [{\"figure\": \"ece\"}]"),
    ] {
        assert!(!found(&sound.replace(from, to)).is_empty(), "{to}");
    }
}
