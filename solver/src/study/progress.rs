//! How far a study is, and how long it will still take.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::{Begin, Cell, Configuration, Error, Event, Study};
use crate::search;

/// Follows a study's events.
///
/// Time left is that of the cell under way, as its search tells it, and that of the cells to come: as much for a unit of
/// work as those seen so far have taken. A unit is about one training step of one strip with all kinds of processors.
pub struct Progress {
    /// The work of every cell that has not ended, by song and configuration.
    todo: HashMap<(String, String), f64>,
    /// How many cells there are.
    cells: usize,
    current: Option<Current>,
    /// Work and time of the cells that are done.
    done: (f64, Duration),
}

struct Current {
    title: String,
    cell: (String, String),
    work: f64,
    begun: Instant,
    search: search::Progress,
}

/// Trials that a round by dry/wet weight is taken to need.
const DRY_WET_TRIALS: f64 = 25.0;
/// Steps that a trial is taken to cost.
const STEPS_PER_TRIAL: f64 = 3.0;
/// Share of the full console's processors that a round of pruning is taken to find.
const LEFT: f64 = 0.5;
/// What a cell costs even if nothing is fitted, in steps.
const LEAST: f64 = 5.0;

fn work(configuration: &Configuration, strips: usize) -> f64 {
    let settings = &configuration.settings;
    let (strips, kinds) = (strips as f64, settings.kinds.len() as f64);
    let console = if configuration.begin == Begin::Console { 0 } else { settings.steps };
    let rounds = if settings.method == search::Method::None { 0 } else { settings.prune_rounds };
    let trials = (1..=rounds).map(|round| {
        if settings.method.is_brute_force(round) { LEFT * strips * kinds } else { DRY_WET_TRIALS }
    });
    let steps = (console + rounds * settings.steps_per_round) as f64 + STEPS_PER_TRIAL * trials.sum::<f64>();
    (LEAST + steps) * strips * (1.0 + kinds) / 8.0
}

impl Progress {
    /// Nothing has happened yet; `done` is there already.
    ///
    /// # Errors
    /// If a setting is out of range.
    pub fn new(study: &Study, done: &[Cell]) -> Result<Self, Error> {
        let configurations = study.configurations()?;
        let cells = study.songs.iter().flat_map(|song| {
            let cell = |c: &Configuration| ((song.name.clone(), c.name.clone()), work(c, song.strips));
            configurations.iter().map(cell).collect::<Vec<_>>()
        });
        let mut todo: HashMap<_, _> = cells.collect();
        let cells = todo.len();
        todo.retain(|(song, name), _| !done.iter().any(|c| c.song == *song && c.configuration == *name));
        Ok(Self { cells, todo, current: None, done: (0.0, Duration::ZERO) })
    }

    /// Takes notice of an event.
    pub fn see(&mut self, event: &Event) {
        match event {
            Event::Opened { .. } | Event::Unkept { .. } => {}
            Event::Begun { song, configuration } => {
                let work = self.todo.get(&(song.clone(), configuration.name.clone()));
                let mut settings = configuration.settings.clone();
                if configuration.begin == Begin::Console {
                    settings.steps = 0;
                }
                self.current = Some(Current {
                    title: format!("{song}, {}", configuration.title),
                    cell: (song.clone(), configuration.name.clone()),
                    work: work.copied().unwrap_or(0.0),
                    begun: Instant::now(),
                    search: search::Progress::new(&settings),
                });
            }
            Event::Search(event) => {
                if let Some(current) = &mut self.current {
                    current.search.see(event);
                }
            }
            Event::Done { cell } => {
                self.todo.remove(&(cell.song.clone(), cell.configuration.clone()));
                if let Some(current) = self.current.take() {
                    self.done.0 += current.work;
                    self.done.1 += current.begun.elapsed();
                }
            }
            Event::Failed(failure) => {
                let current = self.current.take();
                match (&failure.configuration, current) {
                    (Some(_), Some(current)) => self.todo.remove(&current.cell).map_or((), |_| ()),
                    _ => self.todo.retain(|(song, _), _| *song != failure.song),
                }
            }
        }
    }

    /// The cell under way, such as `3/24 tiny mix_dense, dry/wet 0.01`.
    pub fn cell(&self) -> String {
        match &self.current {
            Some(current) => format!("{}/{} {}", self.cells - self.todo.len() + 1, self.cells, current.title),
            None => format!("{}/{}", self.cells - self.todo.len(), self.cells),
        }
    }

    /// The search of the cell under way.
    pub fn search(&self) -> Option<&search::Progress> {
        Some(&self.current.as_ref()?.search)
    }

    /// The share of the work that is done, 0…1.
    pub fn fraction(&self) -> f64 {
        let current = self.current.as_ref().map_or(0.0, |c| c.work * c.search.fraction());
        let left: f64 = self.todo.values().sum();
        (self.done.0 + current) / (self.done.0 + left).max(1e-9)
    }

    /// How long it will still take; none before the first step or trial.
    pub fn left(&self) -> Option<Duration> {
        let (mut work, mut time) = self.done;
        let (mut left, mut now) = (self.todo.values().sum::<f64>(), Duration::ZERO);
        if let Some(current) = &self.current {
            left -= current.work;
            match current.search.left() {
                Some(of_search) => {
                    now = of_search;
                    work += current.work;
                    time += current.begun.elapsed() + now;
                }
                None => left += current.work,
            }
        }
        (work > 0.0).then(|| now + time.mul_f64((left / work).max(0.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Experiment, Failure, Song};
    use super::*;
    use crate::search::{Preset, Settings};

    fn study(strips: &[usize]) -> Study {
        let song = |(i, &strips): (usize, &usize)| Song {
            session: format!("{i}").into(),
            mix: None,
            name: format!("song {i}"),
            slug: format!("song-{i}"),
            strips,
        };
        Study {
            experiment: Experiment::Pruning,
            settings: Settings::preset(Preset::Quick),
            rate: 30_000,
            songs: strips.iter().enumerate().map(song).collect(),
            failures: vec![],
            out: "out".into(),
            every: Duration::from_secs(60),
        }
    }

    fn begun(study: &Study, song: &str, configuration: usize) -> Event {
        let configuration = study.configurations().unwrap().swap_remove(configuration);
        Event::Begun { song: song.into(), configuration: Box::new(configuration) }
    }

    #[test]
    fn a_cell_is_counted_and_what_fails_leaves_the_count() {
        let study = study(&[3, 10]);
        let mut progress = Progress::new(&study, &[]).unwrap();
        assert_eq!((progress.cell(), progress.left()), ("0/12".into(), None));
        progress.see(&begun(&study, "song 0", 2));
        assert_eq!(progress.cell(), "1/12 song 0, dry/wet 0.01");
        let failed = |configuration| {
            let (song, reason) = ("song 0".into(), "so".into());
            Event::Failed(Failure { song, configuration, reason })
        };
        progress.see(&failed(Some("dry/wet 0.01".into())));
        assert_eq!(progress.cell(), "1/12");
        progress.see(&failed(None));
        assert_eq!(progress.cell(), "6/12");
        assert!(progress.todo.keys().all(|(song, _)| song == "song 1"));
    }

    #[test]
    fn a_song_of_more_strips_and_a_search_of_more_trials_are_more_work() {
        let study = study(&[3]);
        let of = |i: usize, strips| work(&study.configurations().unwrap()[i], strips);
        assert!(of(0, 10) > of(0, 3) && of(1, 10) > of(2, 10));
        assert!(of(4, 10) > of(2, 10) && of(4, 10) < of(1, 10), "a hybrid lies between what it is made of");
    }
}
