//! Small systems of linear equations.

/// Solves a symmetric, positive definite system in place by Cholesky's method: `by` becomes the solution, the lower triangle of
/// `matrix`, which is row-major and all that is read of it, its factor.
pub fn solve_symmetric(matrix: &mut [f64], by: &mut [f64]) {
    let size = by.len();
    for row in 0..size {
        for column in 0..=row {
            let (upper, lower) = matrix.split_at_mut(row * size);
            let above = if column < row { &upper[column * size..] } else { &*lower };
            let dot: f64 = (0..column).map(|k| lower[k] * above[k]).sum();
            let value = lower[column] - dot;
            lower[column] = if column < row { value / above[column] } else { value.max(1e-30).sqrt() };
        }
        let done: f64 = (0..row).map(|k| matrix[row * size + k] * by[k]).sum();
        by[row] = (by[row] - done) / matrix[row * size + row];
    }
    for row in (0..size).rev() {
        let done: f64 = (row + 1..size).map(|k| matrix[k * size + row] * by[k]).sum();
        by[row] = (by[row] - done) / matrix[row * size + row];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_solution_solves_the_system() {
        let matrix = [4.0, f64::NAN, f64::NAN, 1.0, 3.0, f64::NAN, -0.5, 0.25, 2.0];
        let at = |row: usize, column: usize| matrix[row.max(column) * 3 + row.min(column)];
        let wanted = [1.0, -2.0, 3.0];
        let mut by = [0, 1, 2].map(|row| (0..3).map(|column| at(row, column) * wanted[column]).sum());
        solve_symmetric(&mut matrix.clone(), &mut by);
        assert!(by.iter().zip(wanted).all(|(b, w): (&f64, f64)| (b - w).abs() < 1e-12), "{by:?}");
    }
}
