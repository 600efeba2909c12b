//! A gated recurrent layer: carries the state of a conversation from one utterance to the next, or back.

use super::dense::{Linear, sigmoid};

/// From an input and the last state: the gates reset and update, and the new state.
pub struct Gru {
    pub input: Linear,
    pub state: Linear,
}

impl Gru {
    pub fn width(&self) -> usize {
        self.state.inputs
    }

    /// The state after each row of `rows`, in their order; `back`: from the last row to the first.
    pub fn run(&self, rows: &[f32], back: bool) -> Vec<f32> {
        let width = self.width();
        let gates = self.input.apply(rows);
        let mut out = vec![0.0; gates.len() / 3];
        let mut state = vec![0.0; width];
        let mut step = |(gates, out): (&[f32], &mut [f32])| {
            let own = self.state.apply(&state);
            for (unit, state) in state.iter_mut().enumerate() {
                let reset = sigmoid(gates[unit] + own[unit]);
                let update = sigmoid(gates[width + unit] + own[width + unit]);
                let new = (gates[2 * width + unit] + reset * own[2 * width + unit]).tanh();
                *state = (1.0 - update) * new + update * *state;
            }
            out.copy_from_slice(&state);
        };
        let steps = gates.chunks_exact(3 * width).zip(out.chunks_exact_mut(width));
        if back {
            steps.rev().for_each(&mut step)
        } else {
            steps.for_each(&mut step)
        }
        out
    }
}
