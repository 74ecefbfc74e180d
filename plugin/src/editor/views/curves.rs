//! How a search goes, as curves.

use egui::{Align2, Rangef, Sense, Ui, Vec2b, vec2};
use egui_plot::{AxisHints, GridInput, GridMark, HoverPosition, Line, Plot, PlotPoints, Points};

use crate::editor::snapshot::Snapshot;
use crate::editor::{text, theme, widgets};

/// Points of a curve beyond which it looks no better.
const POINTS: usize = 800;

/// Draws the match over steps, the whole song's as dots.
pub fn matches(ui: &mut Ui, shot: &Snapshot) {
    let view = &shot.worker;
    plot_title(
        ui,
        "Match over steps",
        "lower is closer; dots are the whole song",
        latest(&view.evaluated, &view.steps),
    );
    if view.steps.is_empty() && view.evaluated.is_empty() {
        return nothing(ui);
    }
    let log = |points: &[[f64; 2]]| -> Vec<[f64; 2]> {
        points.iter().filter(|p| p[1] > 0.0).map(|p| [p[0], p[1].log10()]).collect()
    };
    let line = log(&thinned(&view.steps, POINTS));
    let dots = log(&view.evaluated);
    plot("match", "step", |power| short(10f64.powf(power))).y_grid_spacer(log_marks).show(ui, |plot| {
        plot.line(
            Line::new("one window", PlotPoints::from(line))
                .color(theme::ACCENT.gamma_multiply(0.75))
                .width(1.2),
        );
        plot.points(Points::new("whole song", PlotPoints::from(dots)).color(theme::TEXT).radius(3.5));
    });
}

/// Draws how many processors are left after each trial.
pub fn processors(ui: &mut Ui, shot: &Snapshot) {
    let view = &shot.worker;
    let left = view.processors.last().map(|p| text::grouped(p[1] as u64));
    plot_title(ui, "Processors left over trials", "", left);
    if view.processors.is_empty() {
        return nothing(ui);
    }
    let line = thinned(&view.processors, POINTS);
    plot("processors", "trial", whole).include_y(0.0).y_grid_spacer(even_marks).show(ui, |plot| {
        plot.line(Line::new("processors", PlotPoints::from(line)).color(theme::GREEN).width(1.6));
    });
}

fn nothing(ui: &mut Ui) {
    ui.add_space(theme::GAP);
    ui.label(widgets::quiet("Appears while a solve runs."));
}

fn latest(evaluated: &[[f64; 2]], steps: &[[f64; 2]]) -> Option<String> {
    evaluated.last().or(steps.last()).map(|p| short(p[1]))
}

fn plot_title(ui: &mut Ui, title: &str, told: &str, value: Option<String>) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 16.0), Sense::hover());
    let title =
        widgets::write(ui, rect.left_center(), Align2::LEFT_CENTER, title, theme::small(), theme::TEXT);
    let at = title.right_center() + vec2(12.0, 0.0);
    widgets::write(ui, at, Align2::LEFT_CENTER, told, theme::small(), theme::QUIET);
    if let Some(value) = value {
        widgets::write(ui, rect.right_center(), Align2::RIGHT_CENTER, &value, theme::numbers(), theme::TEXT);
    }
}

fn plot<'a>(id: &'static str, across: &'static str, up: fn(f64) -> String) -> Plot<'a> {
    let axis = |axis: AxisHints<'a>| axis.tick_label_color(theme::QUIET).tick_label_font(theme::tiny());
    Plot::new(id)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .auto_bounds(Vec2b::TRUE)
        .set_margin_fraction(vec2(0.01, 0.06))
        .grid_color(theme::LINE)
        .grid_fade(0.0)
        .grid_spacing(Rangef::new(36.0, 200.0))
        .show_background(false)
        .show_crosshair(false)
        .label_formatter(move |near| match near {
            HoverPosition::NearDataPoint { plot_name, position, .. } => {
                Some(format!("{plot_name}, {across} {}: {}", whole(position.x), up(position.y)))
            }
            HoverPosition::Elsewhere { .. } => None,
        })
        .custom_x_axes(vec![axis(AxisHints::new_x()).formatter(|mark, _| whole(mark.value))])
        .custom_y_axes(vec![
            axis(AxisHints::new_y()).formatter(move |mark, _| up(mark.value)).min_thickness(36.0),
        ])
}

/// A whole number; nothing between two of them.
fn whole(value: f64) -> String {
    if value >= 0.0 && value.fract().abs() < 1e-9 { text::grouped(value as u64) } else { String::new() }
}

/// A match for an axis: `0.37`, `1.2`, `12`.
fn short(value: f64) -> String {
    let decimals = match value {
        v if v < 1.0 => 3,
        v if v < 10.0 => 2,
        _ => 1,
    };
    let text = format!("{value:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').into()
}

/// Marks at 1, 2 and 5 times the powers of ten; `input` is in powers of ten. None on an axis without an end.
fn log_marks(input: GridInput) -> Vec<GridMark> {
    let (low, high) = input.bounds;
    if !(low.abs() < 300.0 && high.abs() < 300.0) {
        return vec![];
    }
    let decades = low.floor() as i32..=high.ceil() as i32;
    let steps: &[f64] = if high - low > 2.5 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let marks = decades.flat_map(|decade| steps.iter().map(move |step| f64::from(decade) + step.log10()));
    marks.filter(|v| (low..=high).contains(v)).map(|value| GridMark { value, step_size: 1.0 }).collect()
}

/// A few marks at round whole numbers; none on an axis without an end.
fn even_marks(input: GridInput) -> Vec<GridMark> {
    let (low, high) = input.bounds;
    if !(low.is_finite() && high.is_finite() && high - low < 1e9) {
        return vec![];
    }
    let rough = ((high - low) / 4.0).max(0.25);
    let power = 10f64.powf(rough.log10().floor());
    let step =
        [1.0, 2.0, 5.0, 10.0].map(|f| f * power).into_iter().find(|s| *s >= rough).unwrap_or(rough).max(1.0);
    let marks = (0..).map(|i| step * f64::from(i)).skip_while(|v| *v < low).take_while(|v| *v <= high);
    marks.map(|value| GridMark { value, step_size: high - low }).collect()
}

/// A curve of at most `most` points or so: the lowest and the highest of each run, in order.
fn thinned(points: &[[f64; 2]], most: usize) -> Vec<[f64; 2]> {
    let run = (2 * points.len()).div_ceil(most.max(2));
    if run <= 2 {
        return points.to_vec();
    }
    let ends = |run: &[[f64; 2]]| {
        let low = run.iter().copied().min_by(|a, b| a[1].total_cmp(&b[1]));
        let high = run.iter().copied().max_by(|a, b| a[1].total_cmp(&b[1]));
        let mut ends: Vec<_> = [low, high].into_iter().flatten().collect();
        ends.sort_by(|a, b| a[0].total_cmp(&b[0]));
        ends
    };
    points.chunks(run).flat_map(ends).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thinned_curve_keeps_its_extremes_and_its_order() {
        let points: Vec<[f64; 2]> =
            (0..12_000).map(|i| [f64::from(i), f64::from((i * 7919) % 12_007)]).collect();
        let thin = thinned(&points, 800);
        assert!(thin.len() <= 802, "{}", thin.len());
        assert!(thin.windows(2).all(|w| w[0][0] <= w[1][0]));
        let extremes = |p: &[[f64; 2]]| {
            p.iter().fold((f64::MAX, f64::MIN), |(low, high), p| (low.min(p[1]), high.max(p[1])))
        };
        assert_eq!(extremes(&thin), extremes(&points));
        assert_eq!(thinned(&points[..100], 800), points[..100]);
    }

    #[test]
    fn a_linear_axis_is_marked_at_round_values() {
        let marks = |high| {
            let marks = even_marks(GridInput { bounds: (-1.0, high), base_step_size: 1.0 });
            marks.iter().map(|m| m.value).collect::<Vec<_>>()
        };
        assert_eq!(marks(56.0), [0.0, 20.0, 40.0]);
        assert_eq!(marks(3.2), [0.0, 2.0]);
        assert_eq!(marks(0.5), [0.0]);
        assert_eq!(marks(252.0).len(), 3);
    }

    #[test]
    fn a_logarithmic_axis_is_marked_at_round_values() {
        let marks = log_marks(GridInput { bounds: (-0.6, 0.4), base_step_size: 0.1 });
        let shown: Vec<String> = marks.iter().map(|m| short(10f64.powf(m.value))).collect();
        assert_eq!(shown, ["0.5", "1", "2"]);
    }

    #[test]
    fn an_axis_without_an_end_has_no_marks() {
        for bounds in [(f64::NEG_INFINITY, f64::INFINITY), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
            assert!(even_marks(GridInput { bounds, base_step_size: 1.0 }).is_empty());
            assert!(log_marks(GridInput { bounds, base_step_size: 1.0 }).is_empty());
        }
    }
}
