//! The axis of a plot: its range, its ticks and where a value lies on it.

/// A range that begins and ends at a tick.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    /// Both in steps.
    first: i64,
    last: i64,
    step: f64,
    /// Where the range begins and ends in the picture.
    pixels: (f64, f64),
}

/// Into so many steps an axis is divided, or few more.
const STEPS: f64 = 5.0;

impl Axis {
    /// An axis that holds all values, in steps of 1, 2 or 5 times a power of ten and of `finest` at least.
    pub fn over(values: impl Iterator<Item = f64>, finest: f64, pixels: (f64, f64)) -> Self {
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        let (low, high) = if low > high { (0.0, 0.0) } else { (low, high) };
        let wanted = ((high - low) / STEPS).max(finest);
        let power = 10f64.powf(wanted.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|s| *s > 0.999 * wanted);
        let step = step.unwrap_or(wanted);
        // What lies at a tick but for rounding should not open another step.
        let (first, last) = ((low / step + 1e-6).floor() as i64, (high / step - 1e-6).ceil() as i64);
        Self { first, last: last.max(first + 1), step, pixels }
    }

    /// Where a value lies.
    pub fn at(&self, value: f64) -> f64 {
        let share = (value / self.step - self.first as f64) / (self.last - self.first) as f64;
        self.pixels.0 + share * (self.pixels.1 - self.pixels.0)
    }

    /// The values of the ticks.
    pub fn ticks(&self) -> impl Iterator<Item = f64> + '_ {
        (self.first..=self.last).map(|i| i as f64 * self.step)
    }

    /// The decimals that tell ticks apart.
    pub fn decimals(&self) -> usize {
        (-self.step.log10() - 1e-6).ceil().max(0.0) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(values: &[f64], finest: f64) -> Vec<f64> {
        let axis = Axis::over(values.iter().copied(), finest, (0.0, 100.0));
        let shown = axis.ticks().map(|t| format!("{t:.*}", axis.decimals()).parse().unwrap());
        shown.collect()
    }

    #[test]
    fn an_axis_has_round_ticks_around_all_values() {
        assert_eq!(ticks(&[0.03, 0.98], 0.01), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        assert_eq!(ticks(&[-0.012, 0.031], 0.001), [-0.02, -0.01, 0.0, 0.01, 0.02, 0.03, 0.04]);
        assert_eq!(ticks(&[0.5], 0.1), [0.5, 0.6]);
        assert_eq!(ticks(&[], 0.1), [0.0, 0.1]);
        assert_eq!(ticks(&[0.0, 1.0], 0.01), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
    }

    #[test]
    fn the_first_and_last_tick_lie_at_the_ends_and_values_between() {
        let axis = Axis::over([0.13, 0.77].into_iter(), 0.01, (400.0, 20.0));
        let places: Vec<f64> = axis.ticks().map(|t| axis.at(t)).collect();
        assert!((places[0] - 400.0).abs() < 1e-9 && (places[places.len() - 1] - 20.0).abs() < 1e-9);
        assert!((20.0..=400.0).contains(&axis.at(0.13)) && (20.0..=400.0).contains(&axis.at(0.77)));
        assert!(axis.at(0.13) > axis.at(0.77));
    }
}
