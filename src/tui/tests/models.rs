//! The Compare screen.

use super::several::{failure, gathered, jobs, loaded, news, order, run, step_study, studied};
use super::*;
use crate::tui::group_event::{GroupJob, GroupNews};
use crate::tui::services::why_not;
use crate::tui::state::{GroupKind, Metric, Screen};
use crate::tui::update::start_with;

/// Three models, of which the last has other labels, gathered and compared.
pub(super) fn comparison(columns: u16, rows: u16) -> App {
    let mut app = empty_app(columns, rows);
    let names = ["resnet.npz", "vit.npz", "other.npz", "gone.npz"];
    let effects = start_with(&mut app, names.map(PathBuf::from).to_vec());
    assert_eq!(
        order(&effects).unwrap().target,
        Target::Path("resnet.npz".into())
    );
    let effects = loaded(&mut app, step_study(2.0));
    assert!(matches!(jobs(&effects)[..], [GroupJob::Gather(_, true)]));
    for (id, (factor, n_other)) in [(2.0, 0), (1.0, 0), (1.0, 900)].into_iter().enumerate() {
        let read = gathered(None, studied(factor, n_other, info(N_CLASSES)), true);
        let effects = news(&mut app, GroupNews::Read(id, Ok(read)));
        pair(&mut app, &effects);
    }
    let gone = Err(failure("there is no such file"));
    news(&mut app, GroupNews::Read(3, gone));
    news(&mut app, GroupNews::AllRead);
    app
}

/// Does what a worker would do about comparisons.
fn pair(app: &mut App, effects: &[Effect]) {
    let options = AnalysisOptions {
        n_draws: 50,
        ..analysis_options()
    };
    for job in jobs(effects) {
        let GroupJob::Pair((reference, first), models) = job else {
            continue;
        };
        for (model, study) in models {
            let paired = study.paired_with(first, &options);
            let outcome = paired.map(Box::new).map_err(|e| why_not(&e));
            let reference = *reference;
            let model = *model;
            news(
                app,
                GroupNews::Paired {
                    reference,
                    model,
                    outcome,
                },
            );
        }
    }
}

#[test]
fn models_are_compared_with_a_reference_that_can_be_changed() {
    let mut app = comparison(120, 36);
    let words = screen(&app);
    for piece in [
        "8 Compare",
        "resnet.npz",
        "cannot be read: there is no such file",
        "sha256",
    ] {
        assert!(words.contains(piece), "{piece}\n{words}");
    }
    assert!(words.contains("other labels: sha256"), "{words}");
    update(&mut app, event(KeyCode::Down));
    let effects = press(&mut app, "=");
    let [GroupJob::Pair((reference, _), models)] = jobs(&effects)[..] else {
        panic!("{effects:?}");
    };
    assert_eq!((*reference, models.len()), (1, 2));
    pair(&mut app, &effects);
    assert!(screen(&app).contains("NLL minus vit.npz"));
    press(&mut app, "m");
    assert_eq!(app.group.as_ref().unwrap().compare.metric, Metric::Ece);
    let effects = update(&mut app, event(KeyCode::Enter));
    assert_eq!(
        order(&effects).unwrap().target,
        Target::Path("vit.npz".into())
    );
    assert_eq!(app.shown().unwrap().place.screen, Screen::Overview);
}

#[test]
fn a_run_can_be_compared_and_the_other_way_round() {
    let mut app = run(120, 36);
    let effects = press(&mut app, "R");
    assert!(matches!(jobs(&effects)[..], [GroupJob::Gather(orders, true)] if orders.len() == 4));
    assert_eq!(app.group.as_ref().unwrap().kind, GroupKind::Comparison);
    assert!(screen(&app).contains("8 Compare"));
    press(&mut app, "R");
    assert!(screen(&app).contains("9 Run"));
}
