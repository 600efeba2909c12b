//! The one loop that takes the time: `out += weights · inputs`, with the instructions that the machine has.

/// Outputs kept in registers while the inputs run by.
const TILE: usize = 32;

/// `weights` holds a row of `out.len()` values, a multiple of 32, for each input.
pub fn accumulate(out: &mut [f32], weights: &[f32], inputs: &[f32]) {
    let fits = out.len().is_multiple_of(TILE) && weights.len() >= out.len() * inputs.len();
    debug_assert!(fits);
    #[cfg(target_arch = "x86_64")]
    if fits && std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
        // SAFETY: the processor has both, and the lengths were looked at.
        unsafe { wide(out, weights, inputs) };
        return;
    }
    plain(out, weights, inputs);
}

/// Written out, so that it is as fast in the builds of tests.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn wide(out: &mut [f32], weights: &[f32], inputs: &[f32]) {
    use std::arch::x86_64::{
        _mm256_add_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_storeu_ps,
    };
    let width = out.len();
    let mut tile = 0;
    while tile < width {
        let mut sums = [_mm256_set1_ps(0.0); 4];
        let mut input = 0;
        while input < inputs.len() {
            // SAFETY: `tile` + 32 is at most the width of a row, and there is a row for each input.
            unsafe {
                let row = weights.as_ptr().add(input * width + tile);
                let value = _mm256_set1_ps(*inputs.as_ptr().add(input));
                sums[0] = _mm256_fmadd_ps(_mm256_loadu_ps(row), value, sums[0]);
                sums[1] = _mm256_fmadd_ps(_mm256_loadu_ps(row.add(8)), value, sums[1]);
                sums[2] = _mm256_fmadd_ps(_mm256_loadu_ps(row.add(16)), value, sums[2]);
                sums[3] = _mm256_fmadd_ps(_mm256_loadu_ps(row.add(24)), value, sums[3]);
            }
            input += 1;
        }
        for (part, sum) in sums.into_iter().enumerate() {
            // SAFETY: as above.
            unsafe {
                let at = out.as_mut_ptr().add(tile + part * 8);
                _mm256_storeu_ps(at, _mm256_add_ps(_mm256_loadu_ps(at), sum));
            }
        }
        tile += TILE;
    }
}

fn plain(out: &mut [f32], weights: &[f32], inputs: &[f32]) {
    for (row, &input) in weights.chunks_exact(out.len().max(1)).zip(inputs) {
        out.iter_mut().zip(row).for_each(|(sum, weight)| *sum += weight * input);
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
