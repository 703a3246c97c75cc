//! The HTML report: what it shows, that it is well formed, and that nothing from a file becomes markup.

use insta::assert_snapshot;

use super::examples::{Labels, all_states, options, simple};
use crate::analysis::{Details, Group, Groups, Slice, SliceKind};
use crate::data::ClassNames;
use crate::pipeline::Study;
use crate::report::{ComparedRun, Comparison, compare_html, html};

/// Every tag that a page or a figure may have.
const TAGS: [&str; 30] = [
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "strong", "div",
    "table", "thead", "tbody", "tr", "th", "td", "figure", "svg", "line", "path", "rect", "circle",
    "desc", "text", "pre", "ul", "li", "!doctype",
];

/// Tags that have no end.
const EMPTY: [&str; 2] = ["meta", "!doctype"];

/// Fails unless `page` is a tree of known tags that loads and runs nothing.
pub(super) fn check(name: &str, page: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        let end = rest[start..].find('>').expect("a tag ends") + start;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        let word = tag.trim_start_matches('/');
        let word = word.split([' ', '/']).next().expect("a name");
        assert!(TAGS.contains(&word), "{name}: <{tag}>");
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(word), "{name}: </{word}>");
        } else if !tag.ends_with('/') && !EMPTY.contains(&word) {
            open.push(word);
        }
        for quoted in tag.split('"').step_by(2) {
            let mut attributes = quoted.split(' ').filter_map(|a| a.strip_suffix('='));
            assert!(
                attributes.all(|a| !a.starts_with("on") && a != "href" && a != "src"),
                "{name}: <{tag}>"
            );
        }
    }
    assert!(open.is_empty(), "{name}: {open:?} stays open");
    for word in ["<script", "url(", "@import", "NaN", "None", "Some("] {
        let figures = page.split("<h2>Notes</h2>").next().expect("a first part");
        assert!(!figures.contains(word), "{name}: {word}");
    }
}

#[test]
fn a_page_of_an_overconfident_model() {
    let page = html(&simple(400, Labels::AtTemperature(2.0)));
    check("overconfident", &page);
    let (head, body) = page.split_once("</head>").expect("a head");
    assert!(head.contains("prefers-color-scheme: dark"));
    assert_snapshot!(body);
}

#[test]
fn pages_of_all_states_are_well_formed() {
    for (name, mut study) in all_states() {
        // What a finding says of broken numbers may be called so.
        study.findings.clear();
        check(name, &html(&study));
    }
}

pub(super) const HOSTILE: &str =
    "</title></pre><script>alert(1)</script><img src=x onerror=\"y\">'\u{1b}[31m&lt;";

pub(super) fn hostile() -> Study {
    let mut study = simple(400, Labels::AtTemperature(2.0));
    let names = std::iter::repeat_n(HOSTILE, study.info.n_classes);
    study.info.class_names = Some(ClassNames::new(names));
    study.info.path = HOSTILE.to_owned();
    study.info.label_names = study.info.class_names.clone();
    study.analysis.notes.push(HOSTILE.to_owned());
    for finding in &mut study.findings {
        finding.message = HOSTILE.to_owned();
    }
    let details: &mut Details = study.analysis.details.as_mut().expect("asked for");
    let classes = details.classes.as_ref().expect("few classes");
    let groups = Groups {
        level: classes.level,
        is_clustered: false,
        one_temperature: None,
        groups: classes
            .groups
            .iter()
            .map(|group| Group {
                of: HOSTILE.to_owned(),
                count: group.count,
                accuracy: group.accuracy,
                before: group.before,
                after: group.after,
                fit: group.fit.clone(),
            })
            .collect(),
    };
    details.slices.push(Slice { column: HOSTILE.to_owned(), kind: SliceKind::Values, groups });
    study
}

#[test]
fn names_from_files_do_not_become_markup() {
    let page = html(&hostile());
    check("hostile", &page);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!page.contains('\u{1b}') && !page.contains("<img"));
    let run = |against| ComparedRun { study: hostile(), against };
    let comparison = Comparison::new(vec![run(None), run(None)], &options());
    let page = compare_html(&comparison);
    check("compared", &page);
    assert!(page.contains("&lt;script&gt;") && !page.contains("<img"));
}
