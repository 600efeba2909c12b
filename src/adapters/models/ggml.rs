//! The ggml file of a Whisper model, as whisper.cpp reads it: header, mel filters, vocabulary, tensors.
//!
//! All numbers are little-endian 32-bit integers unless said otherwise:
//!
//! ```text
//! magic, eleven hyperparameters
//! filter rows, filter columns, f32 filters
//! count of tokens, each: length, bytes
//! tensors to the end of the file, each: dimensions, name length, type, dims (innermost first), name, data
//! ```

use std::io::{self, Write};
use std::path::Path;

use super::ModelError;
use super::cursor::Cursor;
use super::mel;

const MAGIC: u32 = 0x6767_6d6c;

/// The hyperparameters of a Whisper model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Tokens, special ones included.
    pub vocabulary: u32,
    /// Encoder positions: 1500, which is 30 s.
    pub audio_context: u32,
    pub audio_state: u32,
    pub audio_heads: u32,
    pub audio_layers: u32,
    /// Decoder positions: 448.
    pub text_context: u32,
    pub text_state: u32,
    pub text_heads: u32,
    pub text_layers: u32,
    /// Mel bands: 80, or 128 from large-v3 on.
    pub mels: u32,
    /// How the weights are stored: 0 is f32, 1 is f16, others are quantised.
    pub file_type: u32,
}

impl Header {
    /// Whether the model knows more languages than English.
    pub fn is_multilingual(&self) -> bool {
        self.vocabulary >= 51_865
    }

    /// The name of the published model that has this shape, such as "tiny.en"; up to "medium" it is also
    /// the name of whisper.cpp's preset of word-timing heads. None where several models share the shape.
    pub fn published_name(&self) -> Option<&'static str> {
        let names = match (self.audio_layers, self.text_layers, self.mels) {
            (4, 4, 80) => ["tiny.en", "tiny"],
            (6, 6, 80) => ["base.en", "base"],
            (12, 12, 80) => ["small.en", "small"],
            (24, 24, 80) => ["medium.en", "medium"],
            (32, 32, 128) => return Some("large-v3"),
            (32, 4, 128) => return Some("large-v3-turbo"),
            _ => return None,
        };
        Some(names[usize::from(self.is_multilingual())])
    }

    /// Tensors that a model of this shape has.
    fn tensors(&self) -> u32 {
        const ENCODER: (u32, u32) = (7, 15);
        const DECODER: (u32, u32) = (4, 24);
        ENCODER.0 + ENCODER.1 * self.audio_layers + DECODER.0 + DECODER.1 * self.text_layers
    }

    fn numbers(&self) -> [u32; 11] {
        [
            self.vocabulary,
            self.audio_context,
            self.audio_state,
            self.audio_heads,
            self.audio_layers,
            self.text_context,
            self.text_state,
            self.text_heads,
            self.text_layers,
            self.mels,
            self.file_type,
        ]
    }

    fn read(cursor: &mut Cursor) -> Result<Self, ModelError> {
        let mut next = || cursor.u32("the hyperparameters");
        Ok(Self {
            vocabulary: next()?,
            audio_context: next()?,
            audio_state: next()?,
            audio_heads: next()?,
            audio_layers: next()?,
            text_context: next()?,
            text_state: next()?,
            text_heads: next()?,
            text_layers: next()?,
            mels: next()?,
            file_type: next()?,
        })
    }

    /// Whether a Whisper model could have this shape.
    pub(super) fn is_plausible(&self) -> bool {
        (1..=1_000_000).contains(&self.vocabulary)
            && [self.audio_context, self.text_context].iter().all(|c| (1..=65_536).contains(c))
            && [(self.audio_state, self.audio_heads), (self.text_state, self.text_heads)].iter().all(
                |&(state, heads)| (1..=16_384).contains(&state) && heads > 0 && state.is_multiple_of(heads),
            )
            && [self.audio_layers, self.text_layers].iter().all(|l| (1..=128).contains(l))
            && [80, 128].contains(&self.mels)
    }
}

/// How a tensor's numbers are stored when we write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    Single,
    Half,
    /// Blocks of 32 bytes under one scale, `q8_0`.
    Eight,
}

impl Precision {
    /// Bytes of so many numbers.
    pub fn bytes(self, count: u64) -> u64 {
        let (block, bytes) = block(self.type_id()).unwrap_or((1, 4));
        count / block * bytes
    }

    /// ggml's number for it.
    pub fn type_id(self) -> u32 {
        match self {
            Self::Single => 0,
            Self::Half => 1,
            Self::Eight => 8,
        }
    }
}

/// What stands before a tensor's data.
pub struct TensorStart {
    pub name: String,
    /// Outermost first.
    pub dims: Vec<u64>,
    /// ggml's number for how the numbers are stored.
    pub type_id: u32,
    /// Of its data.
    pub bytes: u64,
}

impl TensorStart {
    /// Reads it; the data follows.
    ///
    /// # Errors
    /// [`ModelError::Damaged`] for what no tensor has.
    pub fn read(from: &mut Cursor) -> Result<Self, ModelError> {
        let start = from.position();
        let rank = from.u32("a tensor's rank")?;
        let name_length = from.u32("a tensor's name length")?;
        let type_id = from.u32("a tensor's type")?;
        if rank > 4 {
            return Err(from.damaged(start, format!("a tensor has {rank} dimensions")));
        }
        let (block, block_bytes) = block(type_id)
            .ok_or_else(|| from.damaged(start, format!("a tensor has the unknown type {type_id}")))?;
        let mut dims = Vec::new();
        for _ in 0..rank {
            dims.insert(0, u64::from(from.u32("a tensor's shape")?));
        }
        let too_large = |from: &Cursor| from.damaged(start, "a tensor's shape is too large");
        let count = dims.iter().try_fold(1_u64, |count, &dim| count.checked_mul(dim));
        let bytes = count.and_then(|count| (count / block).checked_mul(block_bytes));
        let name =
            String::from_utf8_lossy(&from.bytes(u64::from(name_length), "a tensor's name")?).into_owned();
        Ok(Self { name, dims, type_id, bytes: bytes.ok_or_else(|| too_large(from))? })
    }

    /// A matrix of whole blocks in f16: what whisper.cpp can also read quantised.
    pub fn is_half_matrix(&self) -> bool {
        self.type_id == Precision::Half.type_id() && self.dims.len() == 2 && self.dims[1].is_multiple_of(32)
    }
}

/// Copies the start of a model, all that comes before the tensors, under another header. Both cursors are at the start
/// of the same file, that [`inspect`] has found whole; `from` is at the first tensor after this.
pub fn copy_start(
    from: &mut Cursor,
    again: &mut Cursor,
    header: &Header,
    to: &mut impl Write,
    path: &Path,
) -> Result<(), ModelError> {
    read_start(from)?;
    let numbers = header.numbers();
    let written = 4 + 4 * numbers.len() as u64;
    again.skip(written, "the hyperparameters")?;
    let rest = again.bytes(from.position() - written, "filters and vocabulary")?;
    let start: Vec<u8> = [MAGIC].into_iter().chain(numbers).flat_map(u32::to_le_bytes).collect();
    to.write_all(&start).and_then(|()| to.write_all(&rest)).map_err(ModelError::io("write", path))
}

/// Writes all that comes before the tensors.
pub fn write_start(to: &mut impl Write, header: &Header, tokens: &[Vec<u8>]) -> io::Result<()> {
    let mut number = |n: u32| to.write_all(&n.to_le_bytes());
    number(MAGIC)?;
    header.numbers().into_iter().try_for_each(&mut number)?;
    number(header.mels)?;
    number(mel::BINS as u32)?;
    for weight in mel::filters(header.mels as usize) {
        number(weight.to_bits())?;
    }
    number(tokens.len() as u32)?;
    for token in tokens {
        to.write_all(&(token.len() as u32).to_le_bytes())?;
        to.write_all(token)?;
    }
    Ok(())
}

/// Writes what comes before a tensor's data. `dims` has the outermost dimension first.
pub fn write_tensor_start(to: &mut impl Write, name: &str, dims: &[u64], type_id: u32) -> io::Result<()> {
    let mut number = |n: u32| to.write_all(&n.to_le_bytes());
    number(dims.len() as u32)?;
    number(name.len() as u32)?;
    number(type_id)?;
    for &dim in dims.iter().rev() {
        number(dim as u32)?;
    }
    to.write_all(name.as_bytes())
}

/// Checks that a file is a whole ggml Whisper model, without reading the weights, and gives its
/// hyperparameters.
///
/// # Errors
/// [`ModelError::NotGgml`] says what the file seems to be instead; [`ModelError::Damaged`] names the
/// offset at which a cut or altered file goes wrong.
pub fn inspect(path: &Path) -> Result<Header, ModelError> {
    let refuse = |reason: &str| ModelError::NotGgml { path: path.to_owned(), reason: reason.into() };
    let mut cursor = Cursor::open(path)?;
    let first = cursor.bytes(cursor.left().min(32), "the start")?;
    if !first.starts_with(&MAGIC.to_le_bytes()) {
        return Err(refuse(looks_like(&first)));
    }
    let mut cursor = Cursor::open(path)?;
    let Some(header) = read_start(&mut cursor)? else {
        return Err(refuse("its hyperparameters are those of no Whisper model"));
    };
    let mut tensors = 0;
    while cursor.left() > 0 {
        let tensor = TensorStart::read(&mut cursor)?;
        cursor.skip(tensor.bytes, "a tensor's data")?;
        tensors += 1;
    }
    if tensors != header.tensors() {
        let reason = format!("it ends after {tensors} of {} tensors", header.tensors());
        return Err(cursor.damaged(cursor.position(), reason));
    }
    Ok(header)
}

/// Reads all that comes before the tensors; `None` when the hyperparameters are those of no Whisper model.
fn read_start(cursor: &mut Cursor) -> Result<Option<Header>, ModelError> {
    cursor.u32("the magic number")?;
    let header = Header::read(cursor)?;
    if !header.is_plausible() {
        return Ok(None);
    }
    let shape = [header.mels, mel::BINS as u32];
    let start = cursor.position();
    if [cursor.u32("the filters")?, cursor.u32("the filters")?] != shape {
        return Err(cursor.damaged(start, "the mel filters do not have the model's shape"));
    }
    cursor.skip(u64::from(shape[0] * shape[1] * 4), "the mel filters")?;
    for _ in 0..cursor.u32("the vocabulary")? {
        let length = cursor.u32("a token's length")?;
        cursor.skip(u64::from(length), "a token")?;
    }
    Ok(Some(header))
}

/// Numbers in a block, and bytes of a block, of ggml's tensor types (ggml.c, `type_traits`).
fn block(type_id: u32) -> Option<(u64, u64)> {
    Some(match type_id {
        0 => (1, 4),
        1 => (1, 2),
        2 => (32, 18),
        3 => (32, 20),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, 34),
        9 => (32, 36),
        10 => (256, 84),
        11 => (256, 110),
        12 => (256, 144),
        13 => (256, 176),
        14 => (256, 210),
        _ => return None,
    })
}

fn looks_like(first: &[u8]) -> &'static str {
    let is_text = |b: &u8| b.is_ascii_graphic() || b.is_ascii_whitespace();
    let lower = first.to_ascii_lowercase();
    if first.is_empty() {
        "it is empty"
    } else if lower.starts_with(b"<!doctype") || lower.starts_with(b"<html") {
        "it is a web page"
    } else if first.starts_with(b"version https://git-lfs") {
        "it is a Git LFS pointer, not the file itself"
    } else if first.starts_with(b"GGUF") {
        "it is a GGUF file, which whisper.cpp does not read"
    } else if first.starts_with(b"PK") {
        "it is a zip archive"
    } else if first.iter().all(is_text) {
        "it is a text file"
    } else {
        "it does not start as one"
    }
}

#[cfg(test)]
mod tests {
    use super::super::convert::convert;
    use super::super::synthetic::{self, Element};
    use super::*;

    fn model() -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        synthetic::write_model(dir.path(), Element::F16);
        let path = dir.path().join("ggml.bin");
        convert(dir.path(), &path, &mut |_| ()).unwrap();
        std::fs::read(path).unwrap()
    }

    fn check(bytes: &[u8]) -> Result<Header, ModelError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("some.bin");
        std::fs::write(&path, bytes).unwrap();
        inspect(&path)
    }

    #[test]
    fn a_whole_model_passes() {
        let header = check(&model()).unwrap();
        assert_eq!(header.audio_layers, synthetic::LAYERS);
        assert_eq!((header.mels, header.file_type), (80, 1));
        assert_eq!(header.published_name(), None);
    }

    #[test]
    fn shapes_have_names() {
        let mut header = check(&model()).unwrap();
        (header.audio_layers, header.text_layers) = (4, 4);
        header.vocabulary = 51_864;
        assert_eq!(header.published_name(), Some("tiny.en"));
        header.vocabulary = 51_865;
        assert_eq!(header.published_name(), Some("tiny"));
        assert_eq!(header.tensors(), 167);
        (header.audio_layers, header.text_layers) = (6, 6);
        assert_eq!(header.tensors(), 245);
    }

    #[test]
    fn other_files_are_named_for_what_they_are() {
        let reason = |bytes: &[u8]| check(bytes).unwrap_err().to_string();
        for (bytes, expected) in [
            (&b""[..], "it is empty"),
            (b"<!DOCTYPE html>\n<html>", "a web page"),
            (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
            (b"GGUF\x03\0\0\0", "GGUF"),
            (b"PK\x03\x04", "zip"),
            (b"Not found, and no model either way.", "a text file"),
            (&[0x80, 2, 0x7d], "does not start as one"),
        ] {
            let text = reason(bytes);
            assert!(text.contains("some.bin is not a ggml Whisper model"), "{text}");
            assert!(text.contains(expected), "{text}");
        }
        let mut odd = model();
        odd[4..8].fill(0);
        assert!(reason(&odd).contains("hyperparameters"));
    }

    #[test]
    fn a_cut_anywhere_is_found() {
        let whole = model();
        let step = 61;
        for length in (4..whole.len()).step_by(step).chain([whole.len() - 1]) {
            let text = check(&whole[..length]).unwrap_err().to_string();
            assert!(text.contains("some.bin is damaged at byte"), "{text}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(64))]
        #[test]
        fn damage_never_panics(flips in proptest::collection::vec((0_usize..1 << 20, 0_u8..8), 1..6)) {
            thread_local!(static MODEL: Vec<u8> = model());
            let mut bytes = MODEL.with(Clone::clone);
            for (at, bit) in flips {
                // Half of the flips hit the hyperparameters, where they matter most.
                let at = if at % 2 == 0 { at / 2 % 60 } else { at % bytes.len() };
                bytes[at] ^= 1 << bit;
            }
            let _ = check(&bytes);
        }
    }
}
