//! Several files or steps: the Run and the Compare screen, and going from member to member.

use super::models::comparison;
use super::screens::{SIZES, snapshot};
use super::*;
use crate::data::Guess;
use crate::diagnosis::{Rule, Severity, departures, diagnose_run, step_stats};
use crate::tui::event::Order;
use crate::tui::group_event::{GroupJob, GroupNews};
use crate::tui::services::Failure;
use crate::tui::state::{Activity, CompareView, Gathered, MemberState, Metric, Screen};
use crate::tui::update::start_with;

/// The rows of [`source`], their logits times `factor`; the labels of the first `n_other` rows are others.
fn scaled(factor: f64, n_other: usize) -> MemorySource {
    let mut random = Pcg64Mcg::seed_from_u64(7);
    let (mut scores, mut labels) = (Vec::new(), Vec::new());
    for row in 0..N_ROWS {
        let logits: Vec<f64> = (0..N_CLASSES)
            .map(|_| 4.0 * (random.random::<f64>() + random.random::<f64>() - 1.0))
            .collect();
        let label = draw(&logits, random.random());
        labels.push(if row < n_other { Label::class(0).unwrap() } else { label });
        scores.extend(logits.iter().map(|z| factor * z));
    }
    MemorySource::new(N_CLASSES, Kind::Logits, Values::F64(scores), labels).unwrap()
}

pub(super) fn studied(factor: f64, n_other: usize, info: SourceInfo) -> Study {
    let sources = Sources { info, fit: Arc::new(scaled(factor, n_other)), test: None };
    let options = AnalysisOptions { families: true, ..analysis_options() };
    pipeline::study(sources, &options, &mut |_| true).unwrap()
}

pub(super) fn step_study(factor: f64) -> Arc<Study> {
    Arc::new(studied(factor, 0, info(N_CLASSES)))
}

pub(super) fn gathered(step: Option<u64>, study: Study, with_study: bool) -> Arc<Gathered> {
    let name = step.map_or("model".into(), |step| format!("step {step}"));
    let mut of_step = step_stats(&study.subject(), name, study.sha256_labels.clone());
    of_step.step = step;
    of_step.findings.clone_from(&study.findings);
    Arc::new(Gathered { step: of_step, study: with_study.then(|| Arc::new(study)) })
}

const STEPS: [u64; 4] = [10, 200, 3000, 40_000];
const FACTORS: [f64; 4] = [0.5, 1.0, 2.0, 4.0];

fn step_path(step: u64) -> PathBuf {
    PathBuf::from(format!("runs/step_{step}.npz"))
}

pub(super) fn news(app: &mut App, news: GroupNews) -> Vec<Effect> {
    let number = app.group.as_ref().unwrap().number;
    update(app, Message::Group(number, news))
}

pub(super) fn jobs(effects: &[Effect]) -> Vec<&GroupJob> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Group(_, job) => Some(job),
            _ => None,
        })
        .collect()
}

pub(super) fn order(effects: &[Effect]) -> Option<&Order> {
    effects.iter().find_map(|effect| match effect {
        Effect::Load(_, order) => Some(order),
        _ => None,
    })
}

pub(super) fn loaded(app: &mut App, study: Arc<Study>) -> Vec<Effect> {
    let number = app.load_number;
    let effects = update(app, Message::Loaded(number, Ok(study)));
    answer(app, &effects);
    effects
}

pub(super) fn failure(message: &str) -> Failure {
    Failure { name: "x".into(), message: message.into(), hint: None, cancelled: false }
}

/// An app that has opened four steps and shows the last one; none is gathered yet.
fn begun(columns: u16, rows: u16) -> App {
    let mut app = empty_app(columns, rows);
    let effects = start_with(&mut app, STEPS.map(step_path).to_vec());
    assert_eq!(order(&effects).unwrap().target, Target::Path(step_path(40_000)));
    let effects = loaded(&mut app, step_study(4.0));
    let [GroupJob::Gather(orders, false), GroupJob::Follow(first, known)] = jobs(&effects)[..]
    else {
        panic!("{effects:?}");
    };
    assert_eq!((orders.len(), known.len()), (4, 4));
    assert_eq!(*first, step_path(10));
    app
}

/// The same once all steps are gathered and judged.
pub(super) fn run(columns: u16, rows: u16) -> App {
    let mut app = begun(columns, rows);
    for (id, (step, factor)) in STEPS.into_iter().zip(FACTORS).enumerate() {
        let study = studied(factor, 0, info(N_CLASSES));
        let read = gathered(Some(step), study, false);
        assert!(news(&mut app, GroupNews::Read(id, Ok(read))).is_empty());
    }
    let effects = news(&mut app, GroupNews::AllRead);
    let [GroupJob::Judge(steps)] = jobs(&effects)[..] else {
        panic!("{effects:?}");
    };
    let judged = GroupNews::Judged(diagnose_run(steps), departures(steps));
    news(&mut app, judged);
    app
}

fn header(app: &App) -> String {
    screen(app).lines().next().unwrap().to_owned()
}

#[test]
fn the_run_and_the_comparison_at_all_sizes() {
    let mut steps = run(120, 36);
    let mut app = comparison(120, 36);
    for (columns, rows) in SIZES {
        steps.size = Size::new(columns, rows);
        snapshot(&steps, &format!("run_{columns}x{rows}"));
        app.size = steps.size;
        app.group.as_mut().unwrap().compare.metric = Metric::Nll;
        for (view, name) in [
            (CompareView::Gaps, "compare_gaps"),
            (CompareView::Reliability, "compare"),
            (CompareView::Nll, "compare_nll"),
        ] {
            app.group.as_mut().unwrap().compare.view = Some(view);
            if view == CompareView::Nll {
                press(&mut app, "m");
            }
            snapshot(&app, &format!("{name}_{columns}x{rows}"));
        }
    }
}

#[test]
fn the_step_cursor_is_followed_by_every_screen() {
    let mut app = run(120, 36);
    assert!(screen(&app).contains("9 Run"));
    assert!(header(&app).contains("step 4/4"), "{}", header(&app));
    let effects = update(&mut app, event(KeyCode::Left));
    assert_eq!(order(&effects).unwrap().target, Target::Path(step_path(3000)));
    assert!(!app.is_covered(), "the figures stay on screen");
    assert!(header(&app).contains("reading step 3000"), "{}", header(&app));
    let effects = loaded(&mut app, step_study(2.0));
    assert!(!effects.iter().any(|e| matches!(e, Effect::AddRecent(_))));
    assert_eq!(app.shown().unwrap().place.screen, Screen::Run);
    assert!(header(&app).contains("step 3/4"), "{}", header(&app));
    press(&mut app, "3.");
    let session = app.shown().unwrap();
    assert_eq!(app.activity, Activity::Idle, "a visited step is at hand");
    assert_eq!(session.target, Target::Path(step_path(40_000)));
    assert_eq!(session.place.screen, Screen::Temperature);
    let effects = press(&mut app, ",,");
    assert_eq!(order(&effects).unwrap().target, Target::Path(step_path(200)));
    press(&mut app, "9");
    update(&mut app, event(KeyCode::Home));
    assert_eq!(app.group.as_ref().unwrap().cursor, 0);
    assert!(update(&mut app, event(KeyCode::Left)).is_empty());
    update(&mut app, event(KeyCode::Enter));
    assert_eq!(app.shown().unwrap().place.screen, Screen::Overview);
}

#[test]
fn t_star_is_followed_and_any_other_temperature_stays() {
    let mut app = run(120, 36);
    press_and_wait(&mut app, "*");
    let last = app.shown().unwrap().t();
    update(&mut app, event(KeyCode::Left));
    loaded(&mut app, step_study(2.0));
    let session = app.shown().unwrap();
    assert_eq!(session.star(), Some(session.place.temperature));
    assert!((session.t() - last / 2.0).abs() < 1e-6 * last, "half the scale");
    press_and_wait(&mut app, "0");
    press_and_wait(&mut app, "}");
    update(&mut app, event(KeyCode::Right));
    assert!((app.shown().unwrap().t() - 1.1).abs() < 1e-12);
}

#[test]
fn a_step_that_cannot_be_read_is_listed_and_the_others_work() {
    let mut app = begun(120, 36);
    let why = "the file ends early";
    news(&mut app, GroupNews::Read(1, Err(failure(why))));
    assert!(screen(&app).contains("step 200 cannot be read: the file ends early"));
    press(&mut app, ",");
    loaded(&mut app, step_study(2.0));
    assert!(order(&press(&mut app, ",")).is_none(), "it is not tried again");
    assert!(app.notice.as_deref().unwrap().contains(why));
    assert!(header(&app).contains("not step 200"), "{}", header(&app));
    let effects = press(&mut app, ",");
    assert_eq!(order(&effects).unwrap().target, Target::Path(step_path(10)));
    let number = app.load_number;
    update(&mut app, Message::Loaded(number, Err(failure("gone"))));
    assert!(!app.is_covered());
    assert!(matches!(app.group.as_ref().unwrap().members[0].state, MemberState::Failed(_)));
    press(&mut app, "9");
    let effects = press(&mut app, "r");
    assert!(matches!(jobs(&effects)[..], [GroupJob::Gather(orders, _), ..] if orders.len() == 4));
}

#[test]
fn if_the_first_one_fails_another_is_shown_and_at_last_the_message() {
    let mut app = empty_app(100, 30);
    start_with(&mut app, STEPS.map(step_path).to_vec());
    let fail = |app: &mut App| {
        let number = app.load_number;
        update(app, Message::Loaded(number, Err(failure("broken"))))
    };
    let effects = fail(&mut app);
    assert_eq!(order(&effects).unwrap().target, Target::Path(step_path(3000)));
    for _ in 0..3 {
        fail(&mut app);
    }
    assert!(matches!(app.activity, Activity::Failed(..)));
    assert!(app.group.is_none());
}

#[test]
fn escape_stops_the_reading_and_r_goes_on() {
    let mut app = begun(120, 36);
    let read = gathered(Some(10), studied(0.5, 0, info(N_CLASSES)), false);
    news(&mut app, GroupNews::Read(0, Ok(read)));
    assert!(screen(&app).contains("reading: 1 of 4 steps · Esc stops"));
    let old = app.group.as_ref().unwrap().number;
    let effects = update(&mut app, event(KeyCode::Esc));
    assert!(matches!(jobs(&effects)[..], [GroupJob::Stop, GroupJob::Follow(..)]));
    assert!(screen(&app).contains("1 of 4 steps are read"));
    let late = GroupNews::Read(1, Err(failure("late")));
    update(&mut app, Message::Group(old, late));
    assert!(!screen(&app).contains("late"));
    let effects = press(&mut app, "r");
    assert!(matches!(jobs(&effects)[..], [GroupJob::Gather(orders, _), ..] if orders.len() == 3));
    update(&mut app, event(KeyCode::Esc));
    update(&mut app, event(KeyCode::Esc));
    assert_eq!(app.shown().unwrap().place.screen, Screen::Overview);
}

#[test]
fn new_steps_are_added_and_followed_from_the_last_one() {
    let mut app = run(120, 36);
    let appeared = |step| GroupNews::Appeared(vec![step_path(step)]);
    let effects = news(&mut app, appeared(500_000));
    assert_eq!(order(&effects).unwrap().target, Target::Path(step_path(500_000)));
    assert!(matches!(jobs(&effects)[..], [GroupJob::Gather(orders, _), ..] if orders.len() == 1));
    assert!(screen(&app).contains("step 500000 has appeared"));
    loaded(&mut app, step_study(1.0));
    assert_eq!(app.group.as_ref().unwrap().cursor, 4);
    press(&mut app, ",");
    let effects = news(&mut app, appeared(300));
    assert!(order(&effects).is_none(), "the cursor stays");
    let group = app.group.as_ref().unwrap();
    let steps: Vec<_> = group.members.iter().map(|m| m.step.unwrap()).collect();
    assert_eq!(steps, [10, 200, 300, 3000, 40_000, 500_000]);
    assert_eq!(group.current().unwrap().step, Some(40_000));
    let effects = news(&mut app, appeared(300));
    assert!(order(&effects).is_none());
    assert_eq!(app.group.as_ref().unwrap().members.len(), 6, "once is enough");
}

/// The study of a step of a file that holds three.
fn contained(step: u64) -> Arc<Study> {
    let guess = Guess {
        what: "step".into(),
        chosen: step.to_string(),
        evidence: "the last".into(),
        choices: ["1", "2", "30"].map(str::to_owned).to_vec(),
    };
    let info = SourceInfo { guesses: vec![guess], ..info(N_CLASSES) };
    Arc::new(studied(1.0, 0, info))
}

#[test]
fn the_steps_of_one_file_are_a_run() {
    let mut app = empty_app(120, 36);
    start(&mut app, Some(PathBuf::from("runs/val.npz")));
    let effects = loaded(&mut app, contained(30));
    assert!(matches!(jobs(&effects)[..], [GroupJob::Gather(orders, false)] if orders.len() == 3));
    assert_eq!(app.shown().unwrap().place.screen, Screen::Overview);
    assert!(screen(&app).contains("9 Run") && header(&app).contains("step 3/3"));
    let effects = press(&mut app, ",");
    let order = order(&effects).unwrap();
    assert_eq!(order.target, target());
    assert_eq!(order.choice.as_ref().unwrap().words(), "step 2");
    loaded(&mut app, contained(2));
    assert_eq!(app.group.as_ref().unwrap().cursor, 1);
    assert!(header(&app).contains("step 2/3"), "{}", header(&app));
    let steps = app.group.as_ref().unwrap().members.len();
    press(&mut app, ".");
    assert_eq!((steps, app.group.as_ref().unwrap().cursor), (3, 2));
}

#[test]
fn another_file_closes_the_group() {
    let mut app = run(120, 36);
    press(&mut app, "o");
    press(&mut app, "b.csv");
    update(&mut app, event(KeyCode::Enter));
    let effects = loaded(&mut app, study());
    assert!(matches!(jobs(&effects)[..], [GroupJob::End]));
    assert!(app.group.is_none() && !screen(&app).contains("9 Run"));
    assert_eq!(app.shown().unwrap().place.screen, Screen::Overview);
    assert!(press(&mut app, ".9").is_empty());
}

#[test]
fn a_click_on_a_chart_is_a_step_and_y_copies_all_of_them() {
    let mut app = run(120, 36);
    let effects = press(&mut app, "y");
    let [Effect::Copy(text)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(text.lines().count(), 5);
    assert!(text.lines().nth(1).unwrap().starts_with("step 10\t3000\t0\t"));
    let mut hits: Vec<usize> = (0..120)
        .filter_map(|column| match view::hit(&app, column, 12) {
            Some(view::Click::Member(place)) => Some(place),
            _ => None,
        })
        .collect();
    hits.sort_unstable();
    hits.dedup();
    assert_eq!(hits, [0, 1, 2, 3]);
}

#[test]
fn a_finding_on_a_run_leads_to_its_step() {
    let mut app = run(120, 36);
    press(&mut app, "1");
    let findings = app.findings();
    let of_run = |f: &crate::diagnosis::Finding| f.rule == Rule::OverconfidenceGrowth;
    let at = findings.iter().position(of_run).expect("the last step is far too sure");
    assert_eq!(findings[at].number("least_step"), Some(200.0));
    press(&mut app, "f");
    (0..at).for_each(|_| {
        update(&mut app, event(KeyCode::Down));
    });
    let effects = press(&mut app, "g");
    assert_eq!(app.shown().unwrap().place.screen, Screen::Run);
    assert_eq!(app.group.as_ref().unwrap().cursor, 1);
    assert_eq!(order(&effects).unwrap().target, Target::Path(step_path(200)));
    assert!(header(&app).contains("reading step 200"), "{}", header(&app));
}

#[test]
fn an_onset_leads_to_the_step_at_which_it_begins() {
    let mut app = run(120, 36);
    let mut finding = app.group.as_ref().unwrap().findings[0].clone();
    // A failure of the run stands before what its step warns of.
    (finding.rule, finding.severity) = (Rule::ExplosionOnset, Severity::Failure);
    finding.evidence.0 = vec![("index", 2.0), ("step", 3000.0)];
    app.group.as_mut().unwrap().findings = vec![finding];
    assert_eq!(app.findings()[0].rule, Rule::ExplosionOnset);
    press(&mut app, "f");
    let effects = press(&mut app, "g");
    assert_eq!(app.group.as_ref().unwrap().cursor, 2);
    assert_eq!(order(&effects).unwrap().target, Target::Path(step_path(3000)));
}
