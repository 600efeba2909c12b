//! The speaker encoder's weights: from the checkpoint that the package Resemblyzer carries to our own file.
//!
//! ```text
//! b"TAVOICE1"
//! three LSTM layers, each: weights of the input (1024 × 40, then 256), of the state (1024 × 256), two biases
//! linear layer: weights (256 × 256), bias; all f32, little-endian, one row an output
//! ```

use std::fs;
use std::io::Write as _;
use std::path::Path;

use super::checksum::sha256;
use super::cursor::Cursor;
use super::{ModelError, Progress};

/// LSTM layers.
pub const LAYERS: usize = 3;
/// Units of a layer, and numbers of a voiceprint.
pub const UNITS: usize = 256;
const MAGIC: &[u8; 8] = b"TAVOICE1";
/// The checkpoint's name in the package.
pub const CHECKPOINT: &str = "pretrained.pt";
/// Of that file in Resemblyzer 0.1.4. A checkpoint is a pickle, a program by which a file may do anything;
/// as just one file is accepted, its program need not be run: we know where the numbers lie.
const CHECKPOINT_SHA256: &str = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e";
/// Where each tensor begins in it, and how many numbers it has, in the order of our file.
const TENSORS: [(u64, usize); 14] = [
    (269_883, 1024 * 40),
    (433_723, 1024 * 256),
    (5_676_603, 1024),
    (5_680_699, 1024),
    (1_482_299, 1024 * 256),
    (2_530_875, 1024 * 256),
    (5_684_795, 1024),
    (5_688_891, 1024),
    (3_579_451, 1024 * 256),
    (4_628_027, 1024 * 256),
    (5_692_987, 1024),
    (5_697_083, 1024),
    (7_731, 256 * 256),
    (6_699, 256),
];

/// Numbers in the file.
const fn count() -> usize {
    let (mut sum, mut index) = (0, 0);
    while index < TENSORS.len() {
        sum += TENSORS[index].1;
        index += 1;
    }
    sum
}

/// Whether the file at `path` is one of ours, by its first bytes.
///
/// # Errors
/// [`ModelError::Io`] when it cannot be read.
pub fn is_voices(path: &Path) -> Result<bool, ModelError> {
    let mut cursor = Cursor::open(path)?;
    let size = MAGIC.len() as u64;
    Ok(cursor.left() >= size && cursor.bytes(size, "the name of the format")? == MAGIC)
}

/// All weights, in the file's order.
///
/// # Errors
/// [`ModelError::Damaged`] when the file is not one of ours or not whole; [`ModelError::Io`].
pub fn read(path: &Path) -> Result<Vec<f32>, ModelError> {
    let mut cursor = Cursor::open(path)?;
    if cursor.bytes(MAGIC.len() as u64, "the name of the format")? != MAGIC {
        return Err(cursor.damaged(0, "it holds no speaker encoder"));
    }
    let bytes = cursor.bytes(count() as u64 * 4, "the weights")?;
    if cursor.left() > 0 {
        return Err(cursor.damaged(cursor.position(), "the file goes on after the weights"));
    }
    Ok(bytes.chunks_exact(4).map(|word| f32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect())
}

/// Writes the weights in the checkpoint `from` to `to`.
///
/// # Errors
/// [`ModelError::Source`] when it is not the checkpoint that the catalogue means; [`ModelError::Io`].
pub fn convert(from: &Path, to: &Path, progress: Progress) -> Result<(), ModelError> {
    let found = sha256(from, progress)?;
    if found != CHECKPOINT_SHA256 {
        return Err(ModelError::Source(format!(
            "{CHECKPOINT} is not the one that is known here: its sha256 is {found}, not {CHECKPOINT_SHA256}"
        )));
    }
    let bytes = fs::read(from).map_err(ModelError::io("read", from))?;
    let mut file = fs::File::create(to).map_err(ModelError::io("create", to))?;
    let mut put = |bytes: &[u8]| file.write_all(bytes).map_err(ModelError::io("write", to));
    put(MAGIC)?;
    for (start, numbers) in TENSORS {
        put(&bytes[start as usize..start as usize + numbers * 4])?;
    }
    file.sync_all().map_err(ModelError::io("write", to))
}

/// A file of the right shape with small made-up weights, for tests.
#[cfg(test)]
pub fn made_up(path: &Path) {
    let mut bytes = MAGIC.to_vec();
    for index in 0..count() as u32 {
        let value = (index.wrapping_mul(2_654_435_761) >> 16) as f32 / 65_536.0 - 0.5;
        bytes.extend((value * 0.2).to_le_bytes());
    }
    fs::write(path, bytes).unwrap();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_whole_and_says_what_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("voices.bin");
        made_up(&path);
        assert!(is_voices(&path).unwrap());
        assert_eq!(read(&path).unwrap().len(), 1_423_616);
        let whole = fs::read(&path).unwrap();
        let say = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            read(&path).unwrap_err().to_string()
        };
        assert!(say(&whole[..1000]).contains("the weights needs 5694464 bytes"));
        assert!(say(&[&whole[..], b"!"].concat()).contains("goes on after the weights"));
        assert!(say(b"ggml, or something else").contains("holds no speaker encoder"));
        assert!(!is_voices(&path).unwrap());
        assert!(say(b"").contains("the name of the format"));
        assert!(!is_voices(&path).unwrap());
    }

    #[test]
    fn another_checkpoint_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(CHECKPOINT);
        fs::write(&path, b"cos\nsystem\n").unwrap();
        let to = folder.path().join("voices.bin");
        let text = convert(&path, &to, &mut |_| ()).unwrap_err().to_string();
        assert!(text.contains("is not the one that is known here"), "{text}");
        assert!(!to.exists());
    }
}
