//! What several kinds of processors share: stereo buffers, transforms, filters, fast maths.

mod five_smooth;
mod math;
mod pool;
mod stereo;
mod zero_phase;

pub use five_smooth::five_smooth_at_least;
pub use math::{dot, exp, ln, sum_of_squares};
pub use pool::Pool;
pub use stereo::Stereo;
pub use zero_phase::ZeroPhase;
