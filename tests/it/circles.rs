//! Files that import each other in a circle are one thing that is spread over several places: the circles stay small.

use std::collections::{BTreeMap, BTreeSet};

use crate::layering::{code, sources};

/// Files in a circle, at most.
const MAX_FILES: usize = 7;

/// A module or an item by its names from the crate on.
type Names = Vec<String>;

/// What each file imports and passes on.
struct House {
    /// The text of every module without comments and tests.
    texts: BTreeMap<Names, String>,
    /// For each module the items that it only passes on, and where they come from.
    passed_on: BTreeMap<Names, BTreeMap<String, Names>>,
}

fn names(path: &str) -> Names {
    path.split("::").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// Every path of a tree such as `super::{a::B, c}`.
fn leaves(tree: &str) -> Vec<Names> {
    let Some(at) = tree.find('{') else {
        return vec![names(tree.split(" as ").next().unwrap_or_default())];
    };
    let (head, inner) = (names(&tree[..at]), &tree[at + 1..tree.rfind('}').unwrap_or(tree.len())]);
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(leaves).map(|leaf| [head.clone(), leaf].concat()).collect()
}

/// The trees of all `use` in a text, and whether they are passed on.
fn uses(text: &str) -> Vec<(bool, &str)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("use ") {
        let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let before = text[line..at].trim();
        if before.is_empty() || before.starts_with("pub") {
            let end = text[at..].find(';').map_or(text.len(), |end| at + end);
            found.push((!before.is_empty(), &text[at + "use ".len()..end]));
        }
    }
    found
}

/// Paths that are written out where they are needed.
fn written_out(text: &str) -> Vec<Names> {
    let starts = ["crate::", "super::", "self::"].into_iter();
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let starts = starts.flat_map(|start| text.match_indices(start));
    let paths = starts.map(|(at, _)| {
        let rest = &text[at..];
        let path = &rest[..rest.find(|c| !is_path(c)).unwrap_or(rest.len())];
        // Not the head of a tree, which `uses` has, not a visibility, and not the rest of a path.
        let before = &text[..at];
        let is_whole = !path.ends_with("::") && !before.ends_with("in ") && !before.ends_with("::");
        if is_whole { names(path) } else { Names::new() }
    });
    paths.filter(|path| path.len() > 1).collect()
}

impl House {
    fn new() -> Self {
        let texts = sources().into_iter().filter_map(|(path, text)| {
            let mut module: Names =
                path.with_extension("").iter().map(|p| p.to_string_lossy().into_owned()).collect();
            let last = module.last().cloned().unwrap_or_default();
            if ["mod", "lib", "main"].contains(&last.as_str()) {
                module.pop();
            }
            let is_test = module.iter().any(|name| name == "tests" || name.ends_with("_test"));
            (!is_test && last != "main").then(|| (module, code(&text, false)))
        });
        let mut house = Self { texts: texts.collect(), passed_on: BTreeMap::new() };
        for (module, text) in &house.texts {
            let passed_on = uses(text).into_iter().filter(|(is_passed_on, _)| *is_passed_on);
            let leaves = passed_on.flat_map(|(_, tree)| leaves(tree));
            let pairs = leaves.filter_map(|leaf| {
                let name = leaf.last()?.clone();
                Some((name, house.absolute(module, leaf)?))
            });
            let pairs = pairs.collect();
            house.passed_on.insert(module.clone(), pairs);
        }
        house
    }

    fn absolute(&self, here: &Names, mut path: Names) -> Option<Names> {
        let mut base = here.clone();
        match path.first()?.as_str() {
            "crate" => return Some(path.split_off(1)),
            "super" | "self" => {}
            first => {
                base.push(first.to_owned());
                return self.texts.contains_key(&base).then(|| [here.clone(), path].concat());
            }
        }
        while let Some("super" | "self") = path.first().map(String::as_str) {
            if path.remove(0) == "super" {
                base.pop();
            }
        }
        Some([base, path].concat())
    }

    /// The file that defines what a path leads to.
    fn owner(&self, path: &Names, depth: usize) -> Option<Names> {
        let lengths = (0..=path.len()).rev();
        let mut modules = lengths.map(|n| (n, path[..n].to_vec()));
        let (n, module) = modules.find(|(_, module)| self.texts.contains_key(module))?;
        let from = path.get(n).and_then(|item| self.passed_on[&module].get(item));
        match from.filter(|_| depth > 0) {
            Some(from) => self.owner(from, depth - 1),
            None => Some(module),
        }
    }

    /// The files that a file imports from.
    fn arrows(&self, module: &Names) -> BTreeSet<Names> {
        let text = &self.texts[module];
        let imported = uses(text).into_iter().filter(|(is_passed_on, _)| !is_passed_on);
        let imported = imported.flat_map(|(_, tree)| leaves(tree)).chain(written_out(text));
        let absolute = imported.filter_map(|path| self.absolute(module, path));
        let owners = absolute.filter_map(|path| self.owner(&path, 8));
        owners.filter(|owner| owner != module && !owner.is_empty()).collect()
    }
}

/// Everything that can be reached from `start`.
fn reached<'a>(
    arrows: &'a BTreeMap<Names, BTreeSet<Names>>,
    start: &'a Names,
) -> BTreeSet<&'a Names> {
    let (mut found, mut open) = (BTreeSet::new(), vec![start]);
    while let Some(module) = open.pop() {
        for to in &arrows[module] {
            if found.insert(to) {
                open.push(to);
            }
        }
    }
    found
}

#[test]
fn no_circle_is_large() {
    let house = House::new();
    let arrows: BTreeMap<Names, BTreeSet<Names>> =
        house.texts.keys().map(|module| (module.clone(), house.arrows(module))).collect();
    let n_arrows: usize = arrows.values().map(BTreeSet::len).sum();
    assert!(n_arrows > 4 * arrows.len(), "{n_arrows} arrows: imports were not understood");
    let reached: BTreeMap<&Names, BTreeSet<&Names>> =
        arrows.keys().map(|module| (module, self::reached(&arrows, module))).collect();
    let circles: BTreeSet<Vec<String>> = arrows
        .keys()
        .map(|module| {
            let circle = reached[module].iter().filter(|other| reached[**other].contains(module));
            circle.map(|names| names.join("/")).collect()
        })
        .collect();
    let large: Vec<_> = circles.iter().filter(|circle| circle.len() > MAX_FILES).collect();
    assert!(large.is_empty(), "these files import each other: {large:#?}");
    assert!(circles.iter().any(|circle| circle.len() > 1), "small ones are there");
}
