//! Silero VAD: a small network that scores speech, run here without whisper.cpp.
//!
//! ```text
//! 64 old + 512 new samples, 64 mirrored ─→ 4 spectra of 129 ─→ conv 128 ─→ conv 64 ─→ conv 64 ─→ conv 128
//!                                                            (4 places)   (2)        (1)        (1)
//!                                                   ─→ LSTM 128 ─→ one number ─→ sigmoid
//! ```

mod dense;
mod weights;

use std::sync::{Arc, LazyLock};

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use super::vad::SpeechDetector;

/// New samples a call, at 16 kHz: 32 ms.
const FRAME: usize = 512;
const CONTEXT: usize = 64;
const WINDOW: usize = 256;
const HOP: usize = 128;
const BINS: usize = WINDOW / 2 + 1;
const PLACES: usize = 4;
const WIDE: usize = 128;
const NARROW: usize = 64;
const GATES: usize = 4 * WIDE;
/// Frames under this score are surely without speech.
const SILENT: f32 = 0.1;
/// After so many of them (a second) the state is forgotten: in a long silence it drifts, and the first words after a
/// minute of it were not heard at all.
const FORGET: usize = 31;

/// A convolution over three places: per place before, here, after a matrix of a row for each input.
struct Convolution {
    taps: [Vec<f32>; 3],
    bias: Vec<f32>,
}

struct Network {
    hann: Vec<f32>,
    layers: [Convolution; 4],
    /// Inputs and state, one after the other.
    gates: Vec<f32>,
    gates_bias: Vec<f32>,
    last: Vec<f32>,
    last_bias: f32,
}

static NETWORK: LazyLock<Network> = LazyLock::new(Network::read);

impl Network {
    fn read() -> Self {
        let tensors = weights::read();
        let get = |name: &str| tensors.get(format!("_model.{name}").as_str()).cloned().unwrap_or_default();
        let layer = |index: usize| {
            let bias = get(&format!("encoder.{index}.reparam_conv.bias"));
            let weight = get(&format!("encoder.{index}.reparam_conv.weight"));
            let (outputs, inputs) = (bias.len(), weight.len() / 3 / bias.len());
            let tap = |k: usize| {
                (0..inputs)
                    .flat_map(move |i| (0..outputs).map(move |o| (o * inputs + i) * 3 + k))
                    .map(|at| weight[at])
            };
            Convolution { taps: [0, 1, 2].map(|k| tap(k).collect()), bias }
        };
        let turned = |weight: Vec<f32>| -> Vec<f32> {
            (0..WIDE).flat_map(|i| (0..GATES).map(move |o| o * WIDE + i)).map(|at| weight[at]).collect()
        };
        let mut gates = turned(get("decoder.rnn.weight_ih"));
        gates.extend(turned(get("decoder.rnn.weight_hh")));
        let mut gates_bias = get("decoder.rnn.bias_ih");
        gates_bias.iter_mut().zip(get("decoder.rnn.bias_hh")).for_each(|(one, other)| *one += other);
        // The first row of the network's Fourier basis (frequency 0) is its window.
        let hann = get("stft.forward_basis_buffer")[..WINDOW].to_vec();
        Self {
            hann,
            layers: [0, 1, 2, 3].map(layer),
            gates,
            gates_bias,
            last: get("decoder.decoder.2.weight"),
            last_bias: get("decoder.decoder.2.bias").first().copied().unwrap_or_default(),
        }
    }
}

/// The detector, with what it remembers of the sound before.
pub struct Silero {
    /// Old samples, new ones, and the mirrored end.
    samples: [f32; CONTEXT + FRAME + CONTEXT],
    /// The last layer's output and the LSTM's hidden state, one after the other.
    state: [f32; 2 * WIDE],
    cell: [f32; WIDE],
    /// Frames without speech in a row.
    silent: usize,
    fourier: Arc<dyn RealToComplex<f32>>,
    windowed: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

impl Default for Silero {
    fn default() -> Self {
        let fourier = RealFftPlanner::new().plan_fft_forward(WINDOW);
        Self {
            samples: [0.0; CONTEXT + FRAME + CONTEXT],
            state: [0.0; 2 * WIDE],
            cell: [0.0; WIDE],
            silent: 0,
            windowed: fourier.make_input_vec(),
            spectrum: fourier.make_output_vec(),
            scratch: fourier.make_scratch_vec(),
            fourier,
        }
    }
}

impl SpeechDetector for Silero {
    fn frame(&self) -> usize {
        FRAME
    }

    fn score(&mut self, frame: &[f32]) -> f32 {
        self.samples.copy_within(FRAME..FRAME + CONTEXT, 0);
        self.samples[CONTEXT..CONTEXT + FRAME].copy_from_slice(frame);
        for index in 0..CONTEXT {
            self.samples[CONTEXT + FRAME + index] = self.samples[CONTEXT + FRAME - 2 - index];
        }
        let network = &*NETWORK;
        let mut places = Vec::with_capacity(PLACES * BINS);
        for place in 0..PLACES {
            self.magnitudes(&network.hann, place * HOP, &mut places);
        }
        for (layer, (inputs, step)) in
            network.layers.iter().zip([(BINS, 1), (WIDE, 2), (NARROW, 2), (NARROW, 1)])
        {
            places = layer.run(&places, inputs, step);
        }
        self.state[..WIDE].copy_from_slice(&places);
        self.remember(network);
        let sum: f32 =
            self.state[WIDE..].iter().zip(&network.last).map(|(state, weight)| state.max(0.0) * weight).sum();
        let score = sigmoid(sum + network.last_bias);
        self.silent = if score < SILENT { self.silent + 1 } else { 0 };
        if self.silent >= FORGET {
            self.state.fill(0.0);
            self.cell.fill(0.0);
            self.silent = 0;
        }
        score
    }
}

impl Silero {
    fn magnitudes(&mut self, hann: &[f32], from: usize, out: &mut Vec<f32>) {
        let samples = self.samples[from..from + WINDOW].iter().zip(hann);
        self.windowed.iter_mut().zip(samples).for_each(|(out, (sample, window))| *out = sample * window);
        // It fails on buffers of a wrong length only; these it made itself.
        let _ = self.fourier.process_with_scratch(&mut self.windowed, &mut self.spectrum, &mut self.scratch);
        out.extend(self.spectrum.iter().map(|bin| bin.norm_sqr().sqrt()));
    }

    /// One step of the LSTM.
    fn remember(&mut self, network: &Network) {
        let mut gates = [0.0; GATES];
        gates.copy_from_slice(&network.gates_bias);
        dense::accumulate(&mut gates, &network.gates, &self.state);
        for index in 0..WIDE {
            let gate = |which: usize| gates[which * WIDE + index];
            let new = sigmoid(gate(0)) * gate(2).tanh();
            self.cell[index] = sigmoid(gate(1)) * self.cell[index] + new;
            self.state[WIDE + index] = sigmoid(gate(3)) * self.cell[index].tanh();
        }
    }
}

impl Convolution {
    /// Over places of `inputs` values, every `step`-th, with nothing beyond the ends; then no value below 0.
    fn run(&self, places: &[f32], inputs: usize, step: usize) -> Vec<f32> {
        let count = places.len() / inputs;
        let mut out = Vec::with_capacity(count.div_ceil(step) * self.bias.len());
        for centre in (0..count).step_by(step) {
            let from = out.len();
            out.extend_from_slice(&self.bias);
            for (tap, weights) in self.taps.iter().enumerate() {
                let Some(place) = (centre + tap).checked_sub(1).filter(|place| *place < count) else {
                    continue;
                };
                dense::accumulate(&mut out[from..], weights, &places[place * inputs..(place + 1) * inputs]);
            }
        }
        out.iter_mut().for_each(|value| *value = value.max(0.0));
        out
    }
}

fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spectrum_is_that_of_the_networks_own_basis() {
        let basis = &weights::read()["_model.stft.forward_basis_buffer"];
        let mut silero = Silero::default();
        silero
            .samples
            .iter_mut()
            .enumerate()
            .for_each(|(index, sample)| *sample = ((index * index) % 97) as f32 / 97.0);
        let mut found = Vec::new();
        silero.magnitudes(&NETWORK.hann, HOP, &mut found);
        for (bin, found) in found.iter().enumerate() {
            let part = |row: usize| -> f32 {
                let row = &basis[row * WINDOW..(row + 1) * WINDOW];
                row.iter().zip(&silero.samples[HOP..]).map(|(weight, sample)| weight * sample).sum()
            };
            let true_ = part(bin).hypot(part(bin + BINS));
            assert!((found - true_).abs() < 0.02 + 0.002 * true_, "bin {bin}: {found} for {true_}");
        }
    }
}
