//! A gated recurrent layer: carries the state of a conversation from one utterance to the next.

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

    /// The state after each row of `rows`.
    pub fn run(&self, rows: &[f32]) -> Vec<f32> {
        let width = self.width();
        let gates = self.input.apply(rows);
        let mut out = Vec::with_capacity(gates.len() / 3);
        let mut state = vec![0.0; width];
        for gates in gates.chunks_exact(3 * width) {
            let own = self.state.apply(&state);
            for (unit, state) in state.iter_mut().enumerate() {
                let reset = sigmoid(gates[unit] + own[unit]);
                let update = sigmoid(gates[width + unit] + own[width + unit]);
                let new = (gates[2 * width + unit] + reset * own[2 * width + unit]).tanh();
                *state = (1.0 - update) * new + update * *state;
            }
            out.extend_from_slice(&state);
        }
        out
    }
}
