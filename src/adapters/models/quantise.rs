//! A model with 8-bit matrices in place of 16-bit ones: half the size, faster, and as good to the ear.
//!
//! The form is ggml's `q8_0`: 32 numbers to a block, one f16 scale and 32 signed bytes. It is the one that whisper.cpp's
//! own quantiser writes, byte for byte.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use half::f16;

use super::cursor::Cursor;
use super::ggml::{self, Header, Precision, TensorStart};
use super::{ModelError, Progress, Step};

/// Numbers that share a scale.
const BLOCK: usize = 32;
/// Version 2 of ggml's quantised forms, and the form "mostly q8_0".
pub const FILE_TYPE: u32 = 2_007;

/// Writes the f16 model `from` as q8_0 to `to`, which is on the disk before this returns. Vectors, positions and
/// convolutions stay as they are. Tells [`Step::Converting`].
///
/// # Errors
/// When `from` is damaged, or is no f16 model: what was quantised once cannot be again.
pub fn quantise(from: &Path, to: &Path, progress: Progress) -> Result<Header, ModelError> {
    let header = ggml::inspect(from)?;
    if header.file_type != 1 {
        let reason = "only a model with 16-bit weights can be quantised; pull or import that one first";
        return Err(ModelError::NotGgml { path: from.to_owned(), reason: reason.into() });
    }
    let header = Header { file_type: FILE_TYPE, ..header };
    let mut model = Cursor::open(from)?;
    let total = model.left();
    let written = ModelError::io("write", to);
    let file = File::create(to).map_err(ModelError::io("create", to))?;
    let mut out = BufWriter::new(file);
    let mut copy = || -> Result<(), ModelError> {
        let failed = || ModelError::io("write", to);
        ggml::copy_start(&mut model, &mut Cursor::open(from)?, &header, &mut out, to)?;
        while model.left() > 0 {
            let tensor = TensorStart::read(&mut model)?;
            let data = model.bytes(tensor.bytes, "a tensor's data")?;
            let (type_id, data) = if tensor.is_half_matrix() {
                (Precision::Eight.type_id(), blocks(&numbers(&data)))
            } else {
                (tensor.type_id, data)
            };
            ggml::write_tensor_start(&mut out, &tensor.name, &tensor.dims, type_id).map_err(failed())?;
            out.write_all(&data).map_err(failed())?;
            progress(Step::Converting { done: total - model.left(), total });
        }
        Ok(())
    };
    copy()?;
    let file = out.into_inner().map_err(|error| error.into_error()).and_then(|file| file.sync_all());
    file.map_err(written)?;
    Ok(header)
}

fn numbers(halves: &[u8]) -> Vec<f32> {
    halves.chunks_exact(2).map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32()).collect()
}

/// Numbers, whole blocks of them, as scales and bytes.
pub(super) fn blocks(numbers: &[f32]) -> Vec<u8> {
    let mut out = Vec::with_capacity(numbers.len() / BLOCK * (2 + BLOCK));
    for block in numbers.chunks_exact(BLOCK) {
        let scale = block.iter().fold(0.0_f32, |most, number| most.max(number.abs())) / 127.0;
        let inverse = if scale == 0.0 { 0.0 } else { 1.0 / scale };
        out.extend_from_slice(&f16::from_f32(scale).to_le_bytes());
        // `round` takes halves away from zero, as C's roundf.
        out.extend(block.iter().map(|number| (number * inverse).round() as i8 as u8));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::convert::convert;
    use super::super::synthetic::{self, Element};
    use super::*;

    #[test]
    fn a_block_is_a_scale_and_bytes() {
        let numbers: Vec<f32> = (0..32).map(|i| (i - 16) as f32 / 4.0).collect();
        let block = blocks(&numbers);
        assert_eq!(block.len(), 34);
        let scale = f16::from_le_bytes([block[0], block[1]]).to_f32();
        assert!((scale - 4.0 / 127.0).abs() < 1e-4);
        assert_eq!(block[2] as i8, -127);
        for (byte, number) in block[2..].iter().zip(numbers) {
            assert!((f32::from(*byte as i8) * scale - number).abs() < scale, "{number}");
        }
        assert_eq!(blocks(&[0.0; 32]), [0; 34]);
    }

    #[test]
    fn a_quantised_model_is_whole_and_is_not_quantised_twice() {
        let dir = tempfile::tempdir().unwrap();
        synthetic::write_model(dir.path(), Element::F16);
        let [half, eight, again] = ["half.bin", "eight.bin", "again.bin"].map(|name| dir.path().join(name));
        convert(dir.path(), &half, &mut |_| ()).unwrap();
        let mut last = None;
        quantise(&half, &eight, &mut |step| last = Some(step)).unwrap();
        let header = ggml::inspect(&eight).unwrap();
        assert_eq!(Header { file_type: 1, ..header.clone() }, ggml::inspect(&half).unwrap());
        assert_eq!(header.file_type, FILE_TYPE);
        assert!(matches!(last, Some(Step::Converting { done, total }) if done == total));
        let text = quantise(&eight, &again, &mut |_| ()).unwrap_err().to_string();
        assert!(text.contains("16-bit"), "{text}");
    }
}
