//! Which figures an experiment's table has, and what is told of them.

use super::table::{Column, Shown};
use super::{Cell, Experiment};
use crate::graph::legend;
use crate::processors::Kind;

/// What is told of an experiment's figures.
pub struct Words {
    /// The heading of the page.
    pub title: &'static str,
    /// What the figures are.
    pub about: String,
}

/// What is told of an experiment's figures.
pub fn words_on(experiment: Experiment) -> Words {
    let letters = legend(&Kind::ALL);
    let consoles = format!(
        "How close a console comes whose strips have only these kinds of processors: {letters}. Base is the plain sum of \
         the stems."
    );
    let (title, about) = match experiment {
        Experiment::Consoles => ("Consoles", consoles.as_str()),
        Experiment::Pruning => (
            "Pruning",
            "What each way of pruning removes from the same fitted console, with the tolerance behind its name. ρ is \
             the share of processors that was removed.",
        ),
        Experiment::Tolerance => (
            "Tolerance",
            "What a tolerance costs in match and saves in processors, all from the same fitted console. The match \
             increase is that over the console; ρ is the share of processors that was removed.",
        ),
        Experiment::Seeds { .. } => (
            "Seeds",
            "The same song solved with several seeds. ρ is the share of processors that was removed.",
        ),
    };
    Words { title, about: about.into() }
}

/// A column, and where its figures come from.
pub struct Figure {
    /// The column.
    pub column: Column,
    /// Its figure for a cell.
    pub of: Box<Of>,
}

/// What a cell says.
pub type Of = dyn Fn(&Cell) -> Option<f64>;

fn figure(key: &str, title: &str, shown: Shown, of: impl Fn(&Cell) -> Option<f64> + 'static) -> Figure {
    Figure { column: Column { key: key.into(), title: title.into(), shown }, of: Box::new(of) }
}

/// The columns of an experiment's table.
pub fn figures(experiment: Experiment) -> Vec<Figure> {
    use Shown::{Count, Decimals, Percent};
    let matched = || {
        vec![
            figure("full", "match", Decimals(4), |c| Some(c.pruned.full)),
            figure("lr", "left/right", Decimals(4), |c| Some(c.pruned.lr)),
            figure("mid", "mid", Decimals(4), |c| Some(c.pruned.mid)),
            figure("side", "side", Decimals(4), |c| Some(c.pruned.side)),
        ]
    };
    let increase =
        || figure("increase", "match increase", Decimals(4), |c| Some(c.pruned.full - c.console.full));
    let ratio = || figure("rho", "ρ", Percent, Cell::ratio);
    let left = || figure("processors", "processors", Count, |c| Some(c.after.values().sum::<usize>() as f64));
    let cost = || {
        vec![
            figure("prune_s", "trials in s", Decimals(1), |c| Some(c.timing.prune_s)),
            figure("fit_s", "training in s", Decimals(1), |c| Some(c.timing.fit_s)),
            figure("evaluations", "evaluations", Count, |c| Some(c.timing.evaluations as f64)),
        ]
    };
    let ratios = Kind::ALL.map(|kind| {
        let (key, title) = (format!("rho_{kind}"), format!("ρ {}", kind.look().title.to_lowercase()));
        figure(&key, &title, Percent, move |c| c.ratio_of(kind))
    });
    let chosen: Vec<Vec<Figure>> = match experiment {
        Experiment::Consoles => vec![matched(), vec![left(), cost().swap_remove(1)]],
        Experiment::Pruning => vec![matched(), vec![ratio()], ratios.into(), cost()],
        Experiment::Tolerance => vec![vec![matched().swap_remove(0), increase(), ratio(), left()], cost()],
        Experiment::Seeds { .. } => vec![
            vec![figure("console_full", "console's match", Decimals(4), |c| Some(c.console.full))],
            matched(),
            vec![ratio(), left()],
            cost(),
        ],
    };
    chosen.into_iter().flatten().collect()
}
