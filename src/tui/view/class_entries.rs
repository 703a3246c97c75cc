//! Classes, labels or slices as lines of one table: what each column is, and in which order they come.

use std::cmp::Ordering;

use crate::analysis::{Class, Group, GroupSide, Groups, LabelFigures};
use crate::fit::{FitStatus, TemperatureFit};

use super::super::state::Session;
use super::format;

/// With fewer rows a share says next to nothing: such lines are drawn dim, and come last where shares are compared.
const FEW_ROWS: u64 = 20;

/// Which table is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Classes by prediction.
    Classes,
    /// The labels of multi-label data.
    Labels,
    /// The values of a carried column, by its place among the slices.
    Slice(usize),
}

/// One line. Undefined numbers are NaN.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Its place in the order of the file.
    pub(super) idx: usize,
    /// What it is called, printable.
    pub(super) name: String,
    /// Rows of the class or label.
    pub(super) n: u64,
    /// Rows that the figures describe: of a class those predicted so.
    pub(super) count: u64,
    /// Precision of a class, accuracy of a slice, rate of a label.
    pub(super) rate: f64,
    /// Recall of a class.
    pub(super) recall: f64,
    /// Mean confidence at the cursor's temperature.
    pub(super) confidence: f64,
    /// Rate minus confidence there.
    pub(super) gap: f64,
    /// True if chance does not explain it.
    pub(super) is_found: bool,
    /// Gap after scaling.
    pub(super) gap_star: f64,
    /// The same of it.
    pub(super) is_found_star: bool,
    /// ECE at T = 1 and after scaling: of a class that of its probability over all rows.
    pub(super) ece: [f64; 2],
    /// NLL of a label at T = 1 and after scaling.
    pub(super) nll: [f64; 2],
    /// Its own temperature.
    pub(super) own: f64,
    /// The interval of it.
    pub(super) own_ends: Option<[f64; 2]>,
    /// Whether it has one.
    pub(super) status: FitStatus,
    /// What a class is taken for most often, and how often.
    pub(super) taken_for: Option<(String, u64)>,
}

impl Entry {
    /// True if its shares say next to nothing.
    pub(super) fn is_small(&self) -> bool {
        self.count < FEW_ROWS
    }
}

/// The tables there are.
pub(super) fn kinds(session: &Session) -> Vec<Kind> {
    let analysis = &session.study.analysis;
    let first = if analysis.labels.is_some() { Kind::Labels } else { Kind::Classes };
    let details = session.extras.further.details.as_deref();
    let n_slices = details.map_or(0, |d| d.slices.len());
    std::iter::once(first).chain((0..n_slices).map(Kind::Slice)).collect()
}

/// The table that is shown.
pub(super) fn kind(session: &Session) -> Kind {
    let kinds = kinds(session);
    kinds[session.place.classes.table % kinds.len()]
}

/// The lines of the table, in the order of the file; none before they are known.
pub(super) fn entries(session: &Session, kind: Kind) -> Vec<Entry> {
    let details = session.extras.further.details.as_deref();
    match kind {
        Kind::Classes => details
            .and_then(|d| d.classes.as_ref())
            .map(|classes| class_entries(session, classes))
            .unwrap_or_default(),
        Kind::Labels => session
            .study
            .analysis
            .labels
            .as_ref()
            .map(|all| {
                let labels = all.labels.iter().enumerate();
                labels.map(|(idx, l)| label_entry(session, idx, l)).collect()
            })
            .unwrap_or_default(),
        Kind::Slice(place) => details
            .and_then(|d| d.slices.get(place))
            .map(|slice| slice_entries(session, &slice.groups))
            .unwrap_or_default(),
    }
}

fn class_entries(session: &Session, classes: &Groups<Class>) -> Vec<Entry> {
    let further = &session.extras.further;
    let live = session
        .measures()
        .map(|m| m.confidence_of_class.as_slice())
        .filter(|_| !session.is_at_one());
    let entry = |(idx, group): (usize, &Group<Class>)| {
        let live = live.and_then(|live| live.get(idx)).copied();
        let of = &group.of;
        let classwise = further.classwise.as_deref().map(|c| &c.classes);
        let after = classwise.and_then(|c| c.after.as_ref());
        let ece = [classwise.map(|c| &c.before), after].map(|classes| {
            let class = classes.and_then(|classes| classes.get(of.class_idx));
            class.map_or(f64::NAN, |class| class.ece)
        });
        let view = further.classes.as_deref().and_then(|v| v.get(of.class_idx));
        let taken_for = view.and_then(|view| view.taken_for.first());
        Entry {
            n: of.labelled,
            recall: of.recall,
            ece,
            taken_for: taken_for.map(|(class, n)| (session.class_name(*class), *n)),
            ..group_entry(
                session,
                (idx, session.class_name(of.class_idx)),
                group,
                classes.level,
                live,
            )
        }
    };
    classes.groups.iter().enumerate().map(entry).collect()
}

fn slice_entries(session: &Session, groups: &Groups<String>) -> Vec<Entry> {
    let entry = |(idx, group): (usize, &Group<String>)| {
        group_entry(session, (idx, group.of.clone()), group, groups.level, None)
    };
    // Mostly no row is without a value: the group of those is then none to look at.
    let groups = groups.groups.iter().enumerate();
    groups.filter(|(_, group)| group.count > 0).map(entry).collect()
}

/// A group of rows; `live` is its confidence at the cursor's temperature where that is neither 1 nor known.
fn group_entry<T>(
    session: &Session,
    (idx, name): (usize, String),
    group: &Group<T>,
    level: f64,
    live: Option<f64>,
) -> Entry {
    let is_found = |side: &GroupSide| side.adjusted_p_value <= 1.0 - level;
    let [confidence, gap] = match live {
        Some(confidence) => [confidence, group.accuracy - confidence],
        None if session.is_at_one() => [group.before.mean_confidence, group.before.gap],
        None => [f64::NAN; 2],
    };
    Entry {
        idx,
        name,
        n: group.count,
        count: group.count,
        rate: group.accuracy,
        recall: f64::NAN,
        confidence,
        gap,
        is_found: session.is_at_one() && is_found(&group.before),
        gap_star: group.after.map_or(f64::NAN, |side| side.gap),
        is_found_star: group.after.as_ref().is_some_and(is_found),
        ece: [f64::NAN; 2],
        nll: [f64::NAN; 2],
        taken_for: None,
        ..of_fit(&group.fit)
    }
}

fn label_entry(session: &Session, idx: usize, label: &LabelFigures) -> Entry {
    let of = |of: fn(&crate::metrics::Metrics) -> f64| {
        [Some(&label.before), label.after.as_ref()].map(|m| m.map_or(f64::NAN, of))
    };
    let names = session.study.info.label_names.as_ref();
    Entry {
        idx,
        name: names.map_or_else(|| idx.to_string(), |names| names.get(idx)),
        n: label.count as u64,
        count: label.count as u64,
        rate: label.positives as f64 / label.count as f64,
        ece: of(|m| m.ece),
        nll: of(|m| m.nll),
        ..of_fit(&label.fit)
    }
}

/// What is known of the temperature alone.
fn of_fit(fit: &TemperatureFit) -> Entry {
    Entry {
        idx: 0,
        name: String::new(),
        n: 0,
        count: 0,
        rate: f64::NAN,
        recall: f64::NAN,
        confidence: f64::NAN,
        gap: f64::NAN,
        is_found: false,
        gap_star: f64::NAN,
        is_found_star: false,
        ece: [f64::NAN; 2],
        nll: [f64::NAN; 2],
        own: fit.temperature.unwrap_or(f64::NAN),
        own_ends: fit.interval.as_ref().map(|i| [i.low, i.high]),
        status: fit.status,
        taken_for: None,
    }
}

/// One column of figures.
pub(super) struct Column {
    /// Its heading.
    pub(super) head: &'static str,
    /// Cells that it takes, the blank before it counted.
    pub(super) width: u16,
    /// What it is sorted by.
    pub(super) value: fn(&Entry) -> f64,
    /// What stands in it.
    pub(super) text: fn(&Entry) -> String,
    /// True if the largest comes first.
    pub(super) is_descending: bool,
    /// True for shares, which small groups cannot tell.
    pub(super) is_share: bool,
}

const fn column(
    head: &'static str,
    width: u16,
    value: fn(&Entry) -> f64,
    text: fn(&Entry) -> String,
) -> Column {
    Column { head, width, value, text, is_descending: true, is_share: false }
}

const fn share(
    head: &'static str,
    width: u16,
    value: fn(&Entry) -> f64,
    text: fn(&Entry) -> String,
) -> Column {
    Column { is_share: true, is_descending: false, ..column(head, width, value, text) }
}

fn starred(gap: f64, is_found: bool) -> String {
    format::signed(gap) + if is_found { "*" } else { " " }
}

fn ends(entry: &Entry) -> String {
    match entry.own_ends {
        Some(ends) => {
            let [low, high] = ends.map(format::temperature);
            format!("[{low}, {high}]")
        }
        None => status(entry.status).to_owned(),
    }
}

/// Why there is no temperature, in a word or two.
fn status(status: FitStatus) -> &'static str {
    match status {
        FitStatus::Converged => "",
        FitStatus::Separable => "separable",
        FitStatus::WorseThanUniform => "worse than none",
        FitStatus::Flat => "flat",
        FitStatus::Unresolved => "unresolved",
        FitStatus::NoRows => "no rows",
    }
}

const N: Column = column("n", 7, |e| e.n as f64, |e| format::count(e.n));
const OWN: Column = column("own T", 8, |e| e.own, |e| format::temperature(e.own));
const OWN_ENDS: Column =
    column("interval", 17, |e| e.own_ends.map_or(f64::NAN, |[low, high]| high - low), ends);
const GAP: Column = share("gap", 9, |e| e.gap, |e| starred(e.gap, e.is_found));
const GAP_STAR: Column =
    share("gap T*", 9, |e| e.gap_star, |e| starred(e.gap_star, e.is_found_star));
const CONFIDENCE: Column = share("conf", 7, |e| e.confidence, |e| format::fixed(e.confidence, 3));

/// Columns of the table of classes; the first ones are shown where there is little room.
static CLASS_COLUMNS: [Column; 11] = [
    N,
    column("pred", 7, |e| e.count as f64, |e| format::count(e.count)),
    share("prec", 7, |e| e.rate, |e| format::fixed(e.rate, 3)),
    share("recall", 7, |e| e.recall, |e| format::fixed(e.recall, 3)),
    CONFIDENCE,
    GAP,
    OWN,
    GAP_STAR,
    OWN_ENDS,
    column("ECE %", 7, |e| e.ece[0], |e| format::percent(e.ece[0])),
    column("ECE T*", 7, |e| e.ece[1], |e| format::percent(e.ece[1])),
];

/// Columns of the table of labels.
static LABEL_COLUMNS: [Column; 8] = [
    N,
    column("rate", 7, |e| e.rate, |e| format::fixed(e.rate, 3)),
    column("ECE %", 8, |e| e.ece[0], |e| format::percent(e.ece[0])),
    column("at T*", 8, |e| e.ece[1], |e| format::percent(e.ece[1])),
    OWN,
    column("NLL", 8, |e| e.nll[0], |e| format::nats(e.nll[0])),
    column("at T*", 8, |e| e.nll[1], |e| format::nats(e.nll[1])),
    OWN_ENDS,
];

/// Columns of the table of slices.
static SLICE_COLUMNS: [Column; 7] = [
    column("rows", 8, |e| e.count as f64, |e| format::count(e.count)),
    share("right", 7, |e| e.rate, |e| format::fixed(e.rate, 3)),
    CONFIDENCE,
    GAP,
    OWN,
    GAP_STAR,
    OWN_ENDS,
];

/// The columns of a table.
pub(super) fn columns(kind: Kind) -> &'static [Column] {
    match kind {
        Kind::Classes => &CLASS_COLUMNS,
        Kind::Labels => &LABEL_COLUMNS,
        Kind::Slice(_) => &SLICE_COLUMNS,
    }
}

/// The column that the table is sorted by: of its own accord the one that says where it is worst.
pub(super) fn sorted_by(session: &Session, kind: Kind) -> &'static Column {
    let columns = columns(kind);
    let own = if kind == Kind::Labels { "ECE %" } else { "gap" };
    let chosen = session.place.classes.sort.map(|at| at % columns.len());
    let own = columns.iter().position(|column| column.head == own);
    &columns[chosen.or(own).unwrap_or(0)]
}

/// The lines on screen, in their order.
pub(super) fn ordered(session: &Session, kind: Kind) -> Vec<Entry> {
    let place = &session.place.classes;
    let wanted = place.filter.to_lowercase();
    let mut entries = entries(session, kind);
    entries.retain(|e| wanted.is_empty() || e.name.to_lowercase().contains(&wanted));
    let column = sorted_by(session, kind);
    let is_descending = column.is_descending != place.is_reversed;
    entries.sort_by(|a, b| {
        let small = |e: &Entry| column.is_share && e.is_small();
        let values = [a, b].map(column.value);
        let order = small(a).cmp(&small(b));
        let order = order.then(compare(values, is_descending));
        order.then(a.idx.cmp(&b.idx))
    });
    entries
}

/// Numbers before what is undefined, whichever way they are sorted.
fn compare([a, b]: [f64; 2], is_descending: bool) -> Ordering {
    let order = if is_descending { b.total_cmp(&a) } else { a.total_cmp(&b) };
    a.is_nan().cmp(&b.is_nan()).then(order)
}

/// Lines of the table on screen: how far the cursor can go.
pub(in crate::tui) fn n_lines(session: &Session) -> usize {
    ordered(session, kind(session)).len()
}

/// Tables to choose from.
pub(in crate::tui) fn n_tables(session: &Session) -> usize {
    kinds(session).len()
}

/// Columns to sort the table by.
pub(in crate::tui) fn n_columns(session: &Session) -> usize {
    columns(kind(session)).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_undefined_comes_last_both_ways() {
        for is_descending in [false, true] {
            assert_eq!(compare([f64::NAN, 1.0], is_descending), Ordering::Greater);
            assert_eq!(compare([1.0, f64::NAN], is_descending), Ordering::Less);
        }
        assert_eq!(compare([1.0, 2.0], true), Ordering::Greater);
        assert_eq!(compare([1.0, 2.0], false), Ordering::Less);
    }
}
