//! What several kinds of processors share: stereo buffers, transforms, filters, fast maths.

mod cholesky;
mod complex;
mod five_smooth;
mod frame;
mod hann;
mod long_convolution;
mod math;
mod noise;
mod one_pole;
mod overlap_save;
mod pool;
mod real_fft;
mod recording;
mod regrid;
mod stereo;
#[cfg(test)]
pub(crate) mod testing;
mod zero_phase;

pub use cholesky::solve_symmetric;
pub use complex::{multiply, multiply_conjugate, multiply_conjugate_add};
pub use five_smooth::five_smooth_at_least;
pub use frame::FrameSpectrum;
pub use hann::{hann, hann_at};
pub use long_convolution::{LongConvolution, LongFilter, Mix, unit_energy_scale};
pub use math::{dot, exp, ln, sum_of_squares};
pub use noise::uniform_noise;
pub use one_pole::{smooth, smooth_backward, smoother_taps};
pub use overlap_save::OverlapSave;
pub use pool::Pool;
pub use recording::Recording;
pub use regrid::Regrid;
pub use stereo::Stereo;
pub use zero_phase::ZeroPhase;
