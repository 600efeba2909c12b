//! What networks are made of: linear layers, norms, products and the functions between them.
//!
//! A matrix is a flat slice, row by row.

use matrixmultiply::sgemm;

/// `inputs` numbers to `outputs`: a row of weights for each output.
pub struct Linear {
    pub inputs: usize,
    pub weights: Vec<f32>,
    pub bias: Vec<f32>,
}

impl Linear {
    pub fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// A row of [`Self::outputs`] numbers for each row of `inputs`.
    pub fn apply(&self, rows: &[f32]) -> Vec<f32> {
        let count = rows.len() / self.inputs;
        let mut out = self.bias.repeat(count);
        add_product(count, self.inputs, self.outputs(), rows, &self.weights, &mut out);
        out
    }
}

/// Mean 0 and deviation 1 over each row, then a scale and a shift for each column.
pub struct Norm {
    pub scale: Vec<f32>,
    pub shift: Vec<f32>,
}

impl Norm {
    pub fn apply(&self, rows: &mut [f32]) {
        let width = self.scale.len();
        for row in rows.chunks_exact_mut(width) {
            let mean = row.iter().sum::<f32>() / width as f32;
            let variance = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / width as f32;
            let inverse = 1.0 / (variance + 1e-12).sqrt();
            for ((x, scale), shift) in row.iter_mut().zip(&self.scale).zip(&self.shift) {
                *x = (*x - mean) * inverse * scale + shift;
            }
        }
    }
}

/// `out += a bᵀ`: `a` is `rows` by `inner`, `b` `columns` by `inner`, `out` `rows` by `columns`.
fn add_product(rows: usize, inner: usize, columns: usize, a: &[f32], b: &[f32], out: &mut [f32]) {
    assert!(a.len() >= rows * inner && b.len() >= columns * inner && out.len() >= rows * columns);
    // SAFETY: the three buffers are as long as the sizes and steps say (asserted above), and `out` is borrowed alone.
    unsafe {
        sgemm(
            rows,
            inner,
            columns,
            1.0,
            a.as_ptr(),
            inner as isize,
            1,
            b.as_ptr(),
            1,
            inner as isize,
            1.0,
            out.as_mut_ptr(),
            columns as isize,
            1,
        );
    }
}

pub fn add(to: &mut [f32], from: &[f32]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}

pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    // Eight sums side by side, so that the compiler can keep them in one register.
    let mut sums = [0.0; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum()
}

/// Turns scores into shares that sum to 1.
pub fn softmax(scores: &mut [f32]) {
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - most).exp();
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
}

pub fn gelu(rows: &mut [f32]) {
    rows.iter_mut().for_each(|x| *x *= 0.5 + 0.5 * erf(*x * std::f32::consts::FRAC_1_SQRT_2));
}

pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// The error function as a fraction of two polynomials, off by less than 5e-7; without a branch or a call, so that
/// the compiler can do several at once.
fn erf(x: f32) -> f32 {
    const ABOVE: [f32; 7] = [
        -2.726_142_3e-10,
        2.770_681_4e-8,
        -2.101_024e-6,
        -5.692_506_4e-5,
        -7.349_906_3e-4,
        -2.954_6e-3,
        -1.609_603_3e-2,
    ];
    const BELOW: [f32; 5] = [-1.456_607_2e-5, -2.133_740_6e-4, -1.682_827e-3, -7.373_329e-3, -1.426_473_9e-2];
    let x = x.clamp(-4.0, 4.0);
    let square = x * x;
    let above = ABOVE.iter().fold(0.0, |sum, term| sum * square + term);
    let below = BELOW.iter().fold(0.0, |sum, term| sum * square + term);
    x * above / below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_layer_is_a_product_with_rows_of_weights() {
        let layer =
            Linear { inputs: 2, weights: vec![1.0, 2.0, 0.0, -1.0, 0.5, 0.5], bias: vec![0.0, 1.0, 0.0] };
        assert_eq!(layer.apply(&[1.0, 1.0, 2.0, 4.0]), [3.0, 0.0, 1.0, 10.0, -3.0, 3.0]);
        assert!(layer.apply(&[]).is_empty());
    }

    #[test]
    fn the_error_function_is_close_enough() {
        // The integral of its derivative, in small steps.
        let (mut sum, step) = (0.0_f64, 1e-4_f64);
        for at in 0..60_000 {
            let x = f64::from(at) * step;
            if at % 500 == 0 {
                assert!((f64::from(erf(x as f32)) - sum).abs() < 2e-6, "{x}");
                assert!((f64::from(erf(-x as f32)) + sum).abs() < 2e-6, "-{x}");
            }
            let middle = x + step / 2.0;
            sum += (-middle * middle).exp() * step * std::f64::consts::FRAC_2_SQRT_PI;
        }
    }

    #[test]
    fn norms_and_shares() {
        let norm = Norm { scale: vec![2.0, 2.0], shift: vec![0.0, 1.0] };
        let mut rows = [1.0, 3.0];
        norm.apply(&mut rows);
        assert_eq!(rows, [-2.0, 3.0]);
        let mut scores = [1000.0, 1000.0];
        softmax(&mut scores);
        assert_eq!(scores, [0.5, 0.5]);
    }
}
