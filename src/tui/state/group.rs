//! Several files or steps that are open together: a training run, or models to compare.

use std::path::Path;
use std::sync::Arc;

use crate::diagnosis::{Departure, Finding, RunStep};
use crate::pipeline::{Paired, Study, are_steps, step_number};

use super::super::choice::{Choice, Field, Pick};
use super::super::event::{Order, Target};
use super::{How, Screen, Session};

/// Bytes of studies of visited members that are kept where nobody says how much memory may be used.
const KEPT_BYTES: u64 = 1 << 29;

/// Bytes of a row's summaries and of what is carried beside them, roughly.
const ROW_BYTES: u64 = 500;

/// How the members are looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::tui) enum GroupKind {
    /// Steps of one training run, in order.
    Run,
    /// Models, side by side.
    Comparison,
}

impl GroupKind {
    /// The screen that shows all members.
    pub(in crate::tui) fn screen(self) -> Screen {
        match self {
            Self::Run => Screen::Run,
            Self::Comparison => Screen::Compare,
        }
    }

    /// What a member is called.
    pub(in crate::tui) fn noun(self) -> &'static str {
        match self {
            Self::Run => "step",
            Self::Comparison => "model",
        }
    }
}

/// What the screens that show all members know of one.
#[derive(Debug)]
pub(in crate::tui) struct Gathered {
    /// Its numbers and findings.
    pub(in crate::tui) step: RunStep,
    /// Its study without the logits, for a comparison.
    pub(in crate::tui) study: Option<Arc<Study>>,
}

/// How far a member has come.
#[derive(Clone, Debug)]
pub(in crate::tui) enum MemberState {
    /// It is yet to be read.
    Waiting,
    /// It was read.
    Read(Arc<Gathered>),
    /// Why it cannot be; printable.
    Failed(String),
}

/// One file or step.
#[derive(Clone, Debug)]
pub(in crate::tui) struct Member {
    /// Tells it from the others, whatever its place.
    pub(in crate::tui) id: usize,
    /// What loads it.
    pub(in crate::tui) order: Order,
    /// `step 600`, or the name of its file; printable.
    pub(in crate::tui) name: String,
    /// Its number.
    pub(in crate::tui) step: Option<u64>,
    /// True for a step within a file of several.
    pub(in crate::tui) is_within: bool,
    /// How far it has come.
    pub(in crate::tui) state: MemberState,
}

impl Member {
    /// What was read of it.
    pub(in crate::tui) fn read(&self) -> Option<&Gathered> {
        match &self.state {
            MemberState::Read(gathered) => Some(gathered),
            _ => None,
        }
    }

    /// True if `session` shows this member.
    fn is_shown_by(&self, session: &Session) -> bool {
        let step = session.study.info.step().and_then(|step| step.parse().ok());
        session.target == self.order.target && (!self.is_within || self.step == step)
    }
}

/// A figure that models are compared by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::tui) enum Metric {
    #[default]
    Nll,
    Ece,
    Brier,
    Accuracy,
}

impl Metric {
    /// The next one, the first after the last.
    pub(in crate::tui) fn next(self) -> Self {
        match self {
            Self::Nll => Self::Ece,
            Self::Ece => Self::Brier,
            Self::Brier => Self::Accuracy,
            Self::Accuracy => Self::Nll,
        }
    }
}

/// What stands below the tables of the Compare screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::tui) enum CompareView {
    /// The gap of every bin, at T = 1 and at the T* of each model.
    Gaps,
    /// Reliability curves at T = 1.
    Reliability,
    /// The NLL over the temperature.
    Nll,
}

impl CompareView {
    /// The view after this one.
    pub(in crate::tui) fn next(self) -> Self {
        match self {
            Self::Gaps => Self::Reliability,
            Self::Reliability => Self::Nll,
            Self::Nll => Self::Gaps,
        }
    }
}

/// Where the user is on the Compare screen.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct ComparePlace {
    /// The chosen model, by its place.
    pub(in crate::tui) row: usize,
    /// The model that the others are compared with, by its id.
    pub(in crate::tui) reference: usize,
    /// What they are compared by.
    pub(in crate::tui) metric: Metric,
    /// What stands below the tables; `None` until it is chosen: what there is room for.
    pub(in crate::tui) view: Option<CompareView>,
    /// The first column of the table that is wanted on screen, where not all fit.
    pub(in crate::tui) column: usize,
    /// What came of the comparisons with the reference, by id.
    pub(in crate::tui) pairs: Vec<(usize, Result<Paired, String>)>,
}

/// A study of a visited member.
#[derive(Clone, Debug)]
struct Kept {
    id: usize,
    study: Arc<Study>,
    how: How,
}

/// Several files or steps.
#[derive(Debug)]
pub(in crate::tui) struct Group {
    /// Number of this group and its reading; what belongs to another one is dropped.
    pub(in crate::tui) number: u64,
    /// How the members are looked at.
    pub(in crate::tui) kind: GroupKind,
    /// The members in order; at least one.
    pub(in crate::tui) members: Vec<Member>,
    /// The place of the member that the other screens show, or wait for.
    pub(in crate::tui) cursor: usize,
    /// True while members are read behind the screens.
    pub(in crate::tui) is_gathering: bool,
    /// True once reading has begun.
    pub(in crate::tui) is_begun: bool,
    /// What the order of the steps shows.
    pub(in crate::tui) findings: Vec<Finding>,
    /// Steps that leave their own past.
    pub(in crate::tui) departures: Vec<Departure>,
    /// The Compare screen.
    pub(in crate::tui) compare: ComparePlace,
    /// Studies of visited members, the newest last.
    kept: Vec<Kept>,
    n_ids: usize,
}

impl Group {
    fn new(number: u64, kind: GroupKind) -> Self {
        Self {
            number,
            kind,
            members: Vec::new(),
            cursor: 0,
            is_gathering: false,
            is_begun: false,
            findings: Vec::new(),
            departures: Vec::new(),
            compare: ComparePlace::default(),
            kept: Vec::new(),
            n_ids: 0,
        }
    }

    /// The group of `paths`, which are in order: a run if their names say so. The cursor is on the last step, or on the
    /// first model.
    pub(in crate::tui) fn of_files(number: u64, paths: &[std::path::PathBuf]) -> Self {
        let kind = if are_steps(paths) { GroupKind::Run } else { GroupKind::Comparison };
        let mut group = Self::new(number, kind);
        for path in paths {
            group.add_file(path);
        }
        if kind == GroupKind::Run {
            group.cursor = group.members.len().saturating_sub(1);
        }
        group
    }

    /// The group of the steps within one file, which is read by `choice`.
    pub(in crate::tui) fn of_steps(
        number: u64,
        target: &Target,
        choice: &Choice,
        steps: &[u64],
    ) -> Self {
        let mut group = Self::new(number, GroupKind::Run);
        for step in steps {
            let choice = choice.with(Field::Step, Pick::inside(step.to_string()));
            let order = Order { target: target.clone(), choice: Some(choice) };
            group.add(order, Some(*step), true);
        }
        group
    }

    /// Adds a file at the end, and gives its id.
    fn add_file(&mut self, path: &Path) -> usize {
        let order = Order { target: Target::Path(path.to_path_buf()), choice: None };
        self.add(order, step_number(path), false)
    }

    fn add(&mut self, order: Order, step: Option<u64>, is_within: bool) -> usize {
        let id = self.n_ids;
        self.n_ids += 1;
        let name = match (step, self.kind, &order.target) {
            (Some(step), GroupKind::Run, _) => format!("step {step}"),
            (_, _, Target::Path(path)) => short_name(path),
            (_, _, Target::Sample) => "sample".into(),
        };
        self.members.push(Member { id, order, name, step, is_within, state: MemberState::Waiting });
        id
    }

    /// Adds files that have appeared, each at its place, and gives their ids. The cursor stays on its member.
    pub(in crate::tui) fn add_steps(&mut self, paths: &[std::path::PathBuf]) -> Vec<usize> {
        let at = self.members.get(self.cursor).map(|member| member.id);
        let is_new = |path: &&std::path::PathBuf| {
            let target = Target::Path((*path).clone());
            self.members.iter().all(|m| m.order.target != target)
        };
        let new: Vec<_> = paths.iter().filter(is_new).cloned().collect();
        let ids = new.iter().map(|path| self.add_file(path)).collect();
        if self.members.iter().all(|member| member.step.is_some()) {
            self.members.sort_by_key(|member| member.step);
        }
        self.cursor = at.and_then(|id| self.place_of(id)).unwrap_or(0);
        ids
    }

    /// Takes the member at `place` out. The cursors stay on their members, or go to the one behind.
    pub(in crate::tui) fn remove(&mut self, place: usize) {
        if place >= self.members.len() {
            return;
        }
        let id = self.members.remove(place).id;
        self.kept.retain(|kept| kept.id != id);
        self.compare.pairs.retain(|(model, _)| *model != id);
        let last = self.members.len().saturating_sub(1);
        let settled = |at: usize| at.saturating_sub(usize::from(at > place)).min(last);
        self.cursor = settled(self.cursor);
        self.compare.row = settled(self.compare.row);
    }

    /// The place of the member with this id.
    pub(in crate::tui) fn place_of(&self, id: usize) -> Option<usize> {
        self.members.iter().position(|member| member.id == id)
    }

    /// The member under the cursor.
    pub(in crate::tui) fn current(&self) -> Option<&Member> {
        self.members.get(self.cursor)
    }

    /// The place of the member that `session` shows.
    pub(in crate::tui) fn shown_by(&self, session: &Session) -> Option<usize> {
        self.members.iter().position(|m| m.is_shown_by(session))
    }

    /// Members that were read, with their places.
    pub(in crate::tui) fn read(&self) -> impl Iterator<Item = (usize, &Gathered)> {
        let members = self.members.iter().enumerate();
        members.filter_map(|(place, member)| Some((place, member.read()?)))
    }

    /// Members that are still to be read, as orders by id. A comparison needs the studies too.
    pub(in crate::tui) fn missing(&self) -> Vec<(usize, Order)> {
        let lacks = |member: &&Member| match &member.state {
            MemberState::Waiting => true,
            MemberState::Failed(_) => false,
            MemberState::Read(gathered) => {
                self.kind == GroupKind::Comparison && gathered.study.is_none()
            }
        };
        let order = |member: &Member| (member.id, member.order.clone());
        self.members.iter().filter(lacks).map(order).collect()
    }

    /// Keeps the study of a visited member; the oldest ones go where all take more than `budget` bytes.
    pub(in crate::tui) fn keep(
        &mut self,
        id: usize,
        study: Arc<Study>,
        how: How,
        budget: Option<u64>,
    ) {
        self.kept.retain(|kept| kept.id != id);
        self.kept.push(Kept { id, study, how });
        let budget = budget.unwrap_or(KEPT_BYTES);
        let all = |kept: &[Kept]| -> u64 { kept.iter().map(|kept| n_bytes(&kept.study)).sum() };
        while self.kept.len() > 1 && all(&self.kept) > budget {
            self.kept.remove(0);
        }
    }

    /// The kept study of a member.
    pub(in crate::tui) fn kept(&self, id: usize) -> Option<(Arc<Study>, How)> {
        let kept = self.kept.iter().find(|kept| kept.id == id)?;
        Some((Arc::clone(&kept.study), kept.how.clone()))
    }

    /// Lets go of everything that was read another way.
    pub(in crate::tui) fn forget(&mut self) {
        self.kept.clear();
        self.compare.pairs.clear();
        (self.findings, self.departures) = (Vec::new(), Vec::new());
        for member in &mut self.members {
            member.state = MemberState::Waiting;
        }
    }
}

/// The last part of a path, and the folder where that alone says little; printable.
fn short_name(path: &Path) -> String {
    let last = path.file_name().unwrap_or(path.as_os_str());
    crate::data::printable(&last.to_string_lossy())
}

/// What a study takes, roughly: the scores, if they are kept, and the summaries.
fn n_bytes(study: &Study) -> u64 {
    let row = 8 * study.info.n_scores() as u64 + ROW_BYTES;
    study.counts.read.saturating_mul(row)
}
