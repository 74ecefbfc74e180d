//! The golden vectors in `tests/golden`, for the kernels' tests.

use safetensors::SafeTensors;

/// One file of golden vectors.
pub struct Golden(Vec<u8>);

impl Golden {
    /// Opens `tests/golden/NAME.safetensors`.
    pub fn open(name: &str) -> Self {
        let path = format!("{}/../tests/golden/{name}.safetensors", env!("CARGO_MANIFEST_DIR"));
        Self(std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}")))
    }

    /// All values of a tensor, row-major.
    pub fn f32(&self, name: &str) -> Vec<f32> {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        let tensor = file.tensor(name).unwrap_or_else(|e| panic!("{name}: {e}"));
        let bytes = tensor.data().chunks_exact(4);
        bytes.map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
    }

    /// All values of an index tensor, row-major.
    pub fn i32(&self, name: &str) -> Vec<i32> {
        self.f32(name).iter().map(|v| v.to_bits() as i32).collect()
    }
}

/// `‖found − wanted‖₂ / ‖wanted‖₂`, the measure of `tests/golden/precision.json`.
pub fn relative_error(found: &[f32], wanted: &[f32]) -> f64 {
    assert_eq!(found.len(), wanted.len());
    let mut error = 0.0;
    let mut norm = 0.0;
    for (&f, &w) in found.iter().zip(wanted) {
        error += (f as f64 - w as f64).powi(2);
        norm += (w as f64).powi(2);
    }
    (error / norm.max(1e-300)).sqrt()
}

/// Asserts that `found` is `wanted` within a relative error, and says by how much it is not.
#[track_caller]
pub fn assert_close(what: &str, found: &[f32], wanted: &[f32], tolerance: f64) {
    let error = relative_error(found, wanted);
    assert!(error <= tolerance, "{what}: relative error {error:.3e}, allowed {tolerance:.1e}");
}
