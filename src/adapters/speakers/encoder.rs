//! The GE2E speaker encoder: three LSTM layers and a linear one, which turn speech into a voiceprint.
//!
//! ```text
//! mel frames ─→ LSTM ─→ LSTM ─→ LSTM ─→ (last frame) linear ─→ ReLU ─→ length 1
//!    40          256      256      256                  256
//! ```
//! Windows are run together, so that each step is one matrix product for all of them.

use std::path::Path;

use matrixmultiply::sgemm;

use super::spectrum::BANDS;
use crate::adapters::models::ModelError;
use crate::adapters::models::voices::{self, LAYERS, UNITS};

/// Gates of an LSTM, in the file's order: input, forget, cell, output.
const GATES: usize = 4;

pub struct Encoder {
    layers: Vec<Layer>,
    /// [`UNITS`] rows by [`UNITS`] columns: `out[j] += state[i] * linear[i][j]`.
    linear: Vec<f32>,
    linear_bias: Vec<f32>,
}

struct Layer {
    inputs: usize,
    /// `inputs + UNITS` rows of `GATES * UNITS` weights: first for what comes in, then for its own state.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Encoder {
    /// Reads the weights that `thinkaloud models pull voices` gets.
    ///
    /// # Errors
    /// [`ModelError`] names the file and what is wrong with it.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let mut numbers = voices::read(path)?.into_iter();
        let mut take = |count: usize| -> Vec<f32> { numbers.by_ref().take(count).collect() };
        let layers = (0..LAYERS)
            .map(|layer| {
                let inputs = if layer == 0 { BANDS } else { UNITS };
                let mut weights = transposed(&take(GATES * UNITS * inputs), inputs);
                weights.extend(transposed(&take(GATES * UNITS * UNITS), UNITS));
                let bias = take(GATES * UNITS);
                let own = take(GATES * UNITS);
                let bias = bias.iter().zip(&own).map(|(a, b)| a + b).collect();
                Layer { inputs, weights, bias }
            })
            .collect();
        let linear = transposed(&take(UNITS * UNITS), UNITS);
        Ok(Self { layers, linear, linear_bias: take(UNITS) })
    }

    /// A voiceprint of length 1 for each window of mel powers ([`BANDS`] a frame, any number of frames).
    /// One without a frame gives zeros.
    pub fn prints(&self, windows: &[Vec<f32>]) -> Vec<Vec<f32>> {
        // Longest first: those that have ended are then the last rows, and are left out of the products.
        let mut order: Vec<usize> = (0..windows.len()).collect();
        order.sort_by_key(|&index| std::cmp::Reverse(windows[index].len()));
        let frames: Vec<usize> = order.iter().map(|&index| windows[index].len() / BANDS).collect();
        let mut states: Vec<State> =
            self.layers.iter().map(|layer| State::new(windows.len(), layer.inputs)).collect();
        for frame in 0..frames.first().copied().unwrap_or(0) {
            let active = frames.partition_point(|&count| count > frame);
            for (row, &index) in order[..active].iter().enumerate() {
                let from = &windows[index][frame * BANDS..(frame + 1) * BANDS];
                states[0].input_mut(row).copy_from_slice(from);
            }
            for number in 0..self.layers.len() {
                states[number].step(&self.layers[number], active);
                if let [.., this, next] = &mut states[..(number + 2).min(LAYERS)]
                    && number + 1 < LAYERS
                {
                    (0..active).for_each(|row| next.input_mut(row).copy_from_slice(this.output(row)));
                }
            }
        }
        let mut prints = vec![vec![0.0; UNITS]; windows.len()];
        for (row, &index) in order.iter().enumerate().filter(|&(row, _)| frames[row] > 0) {
            prints[index] = self.project(states[LAYERS - 1].output(row));
        }
        prints
    }

    fn project(&self, state: &[f32]) -> Vec<f32> {
        let mut out = self.linear_bias.clone();
        for (value, row) in state.iter().zip(self.linear.chunks_exact(UNITS)) {
            out.iter_mut().zip(row).for_each(|(out, weight)| *out += value * weight);
        }
        out.iter_mut().for_each(|value| *value = value.max(0.0));
        let length = out.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-9);
        out.iter_mut().for_each(|value| *value /= length);
        out
    }
}

/// The file has a row for each output; here each input has one.
fn transposed(rows: &[f32], columns: usize) -> Vec<f32> {
    let count = rows.len() / columns;
    (0..columns).flat_map(|column| (0..count).map(move |row| rows[row * columns + column])).collect()
}

/// What a layer keeps for a batch of windows.
struct State {
    inputs: usize,
    /// A row a window: its input, then the layer's last output.
    joined: Vec<f32>,
    cells: Vec<f32>,
    gates: Vec<f32>,
}

impl State {
    fn new(rows: usize, inputs: usize) -> Self {
        Self {
            inputs,
            joined: vec![0.0; rows * (inputs + UNITS)],
            cells: vec![0.0; rows * UNITS],
            gates: vec![0.0; rows * GATES * UNITS],
        }
    }

    fn input_mut(&mut self, row: usize) -> &mut [f32] {
        let start = row * (self.inputs + UNITS);
        &mut self.joined[start..start + self.inputs]
    }

    fn output(&self, row: usize) -> &[f32] {
        let start = row * (self.inputs + UNITS) + self.inputs;
        &self.joined[start..start + UNITS]
    }

    fn step(&mut self, layer: &Layer, rows: usize) {
        let (width, gates) = (self.inputs + UNITS, GATES * UNITS);
        for row in self.gates.chunks_exact_mut(gates).take(rows) {
            row.copy_from_slice(&layer.bias);
        }
        product(rows, width, gates, &self.joined, &layer.weights, &mut self.gates);
        for row in 0..rows {
            let gates = &self.gates[row * gates..(row + 1) * gates];
            let cells = &mut self.cells[row * UNITS..(row + 1) * UNITS];
            let start = row * width + self.inputs;
            let out = &mut self.joined[start..start + UNITS];
            let (input, rest) = gates.split_at(UNITS);
            let (forget, rest) = rest.split_at(UNITS);
            let (new, output) = rest.split_at(UNITS);
            for unit in 0..UNITS {
                let kept = sigmoid(forget[unit]) * cells[unit];
                cells[unit] = kept + sigmoid(input[unit]) * tanh(new[unit]);
                out[unit] = sigmoid(output[unit]) * tanh(cells[unit]);
            }
        }
    }
}

/// `out += a b`, row by row: `a` is `rows` by `inner`, `b` `inner` by `columns`.
fn product(rows: usize, inner: usize, columns: usize, a: &[f32], b: &[f32], out: &mut [f32]) {
    assert!(a.len() >= rows * inner && b.len() >= inner * columns && out.len() >= rows * columns);
    let (inner_step, column_step) = (inner as isize, columns as isize);
    // SAFETY: the three buffers are as long as the sizes and steps say (asserted above), and `out` is
    // borrowed alone.
    unsafe {
        sgemm(
            rows,
            inner,
            columns,
            1.0,
            a.as_ptr(),
            inner_step,
            1,
            b.as_ptr(),
            column_step,
            1,
            1.0,
            out.as_mut_ptr(),
            column_step,
            1,
        );
    }
}

fn sigmoid(x: f32) -> f32 {
    0.5 + 0.5 * tanh(0.5 * x)
}

/// Rational approximation (continued fraction) of tanh, clamped where it reaches 1; off by less than 1.5e-4,
/// and without a branch or a call, so that the compiler can do several at once.
fn tanh(x: f32) -> f32 {
    let x = x.clamp(-4.97, 4.97);
    let s = x * x;
    x * (135_135.0 + s * (17_325.0 + s * (378.0 + s)))
        / (135_135.0 + s * (62_370.0 + s * (3_150.0 + 28.0 * s)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::models::voices::made_up;

    fn encoder() -> Encoder {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("voices.bin");
        made_up(&path);
        Encoder::load(&path).unwrap()
    }

    fn window(frames: usize, seed: usize) -> Vec<f32> {
        (0..frames * BANDS).map(|i| ((i * 7 + seed * 13) % 11) as f32 * 0.1).collect()
    }

    #[test]
    fn tanh_is_close_enough() {
        for step in -1000..=1000 {
            let x = step as f32 * 0.01;
            assert!((tanh(x) - x.tanh()).abs() < 1.5e-4, "{x}");
        }
    }

    /// The same network written down plainly, unit by unit.
    fn plainly(encoder: &Encoder, window: &[f32]) -> Vec<f32> {
        let mut sequence: Vec<Vec<f32>> = window.chunks(BANDS).map(<[f32]>::to_vec).collect();
        for layer in &encoder.layers {
            let (mut state, mut cell) = (vec![0.0_f32; UNITS], vec![0.0_f32; UNITS]);
            for frame in &mut sequence {
                let input: Vec<f32> = frame.iter().chain(&state).copied().collect();
                let gate = |gate: usize, unit: usize| -> f32 {
                    let column = gate * UNITS + unit;
                    let sum: f32 = input
                        .iter()
                        .enumerate()
                        .map(|(row, value)| value * layer.weights[row * GATES * UNITS + column])
                        .sum();
                    sum + layer.bias[column]
                };
                let squash = |x: f32| 1.0 / (1.0 + (-x).exp());
                for unit in 0..UNITS {
                    cell[unit] =
                        squash(gate(1, unit)) * cell[unit] + squash(gate(0, unit)) * gate(2, unit).tanh();
                    state[unit] = squash(gate(3, unit)) * cell[unit].tanh();
                }
                frame.clone_from(&state);
            }
        }
        encoder.project(sequence.last().unwrap())
    }

    #[test]
    fn a_batch_of_unequal_windows_gives_what_each_gives_alone() {
        let encoder = encoder();
        let windows = [window(3, 1), window(6, 2), Vec::new(), window(1, 3)];
        let prints = encoder.prints(&windows);
        for index in [0, 1, 3] {
            let expected = plainly(&encoder, &windows[index]);
            let likeness: f32 = prints[index].iter().zip(&expected).map(|(a, b)| a * b).sum();
            assert!(likeness > 0.999_9, "{index}: {likeness}");
        }
        assert!(prints[2].iter().all(|&value| value == 0.0));
        assert!(encoder.prints(&[]).is_empty());
    }
}
