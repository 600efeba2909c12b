//! The one loop that takes the time: `out += weights · inputs`, with the instructions that the machine has.

/// `weights` holds a row of `out.len()` values for each input.
pub fn accumulate(out: &mut [f32], weights: &[f32], inputs: &[f32]) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
        // SAFETY: the processor has both.
        unsafe { wide(out, weights, inputs) };
        return;
    }
    plain(out, weights, inputs);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn wide(out: &mut [f32], weights: &[f32], inputs: &[f32]) {
    rows(out, weights, inputs, f32::mul_add);
}

/// Without the instruction `mul_add` would be a call of the C library.
fn plain(out: &mut [f32], weights: &[f32], inputs: &[f32]) {
    rows(out, weights, inputs, |weight, input, sum| weight * input + sum);
}

/// Outputs kept in registers while the inputs run by.
const TILE: usize = 32;

#[inline(always)]
fn rows(out: &mut [f32], weights: &[f32], inputs: &[f32], add: impl Fn(f32, f32, f32) -> f32) {
    let width = out.len();
    for (tile, out) in out.chunks_exact_mut(TILE).enumerate() {
        let mut sums = [0.0_f32; TILE];
        for (row, &input) in weights.chunks_exact(width).zip(inputs) {
            for (sum, &weight) in sums.iter_mut().zip(&row[tile * TILE..(tile + 1) * TILE]) {
                *sum = add(weight, input, *sum);
            }
        }
        out.iter_mut().zip(sums).for_each(|(out, sum)| *out += sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_give_the_product() {
        let weights: Vec<f32> = (0..64 * 5).map(|i| (i % 7) as f32 - 3.0).collect();
        let inputs = [1.0, -2.0, 0.5, 0.0, 4.0];
        let mut fast = vec![1.0; 64];
        accumulate(&mut fast, &weights, &inputs);
        let mut slow = vec![1.0; 64];
        plain(&mut slow, &weights, &inputs);
        for j in 0..64 {
            let true_: f32 = 1.0 + (0..5).map(|i| weights[i * 64 + j] * inputs[i]).sum::<f32>();
            assert!((fast[j] - true_).abs() < 1e-4 && (slow[j] - true_).abs() < 1e-4);
        }
    }
}
