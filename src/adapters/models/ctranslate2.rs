//! A reader of CTranslate2 model files (`model.bin`), the form that faster-whisper uses.
//!
//! The layout follows CTranslate2's own writer (`python/ctranslate2/specs/model_spec.py`) and reader
//! (`src/models/model.cc`), binary versions 4 to 6; all numbers are little-endian:
//!
//! ```text
//! u32 version, string kind, u32 revision
//! u32 count of variables, each: string name, u8 rank, u32 × rank dims, u8 type, u32 bytes, data
//! u32 count of aliases,   each: string alias, string name
//! string = u16 length with the closing NUL, bytes
//! ```
//!
//! Weights may be quantised: the value is then the stored integer divided by the scale in the variable
//! `NAME_scale`, which has one number for each row (int8) or for the whole variable (int16).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use half::{bf16, f16};

use super::ModelError;
use super::cursor::Cursor;

/// Values decoded at a time: bounds the memory, whatever the size of a tensor.
const CHUNK: u64 = 1 << 16;

/// An open model file: the list of its variables, whose values are read on demand.
pub struct Model {
    path: PathBuf,
    file: File,
    variables: BTreeMap<String, Variable>,
}

#[derive(Debug, Clone)]
struct Variable {
    dims: Vec<u64>,
    kind: Kind,
    offset: u64,
}

impl Variable {
    fn count(&self) -> u64 {
        self.dims.iter().product()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    F32,
    I8,
    I16,
    I32,
    F16,
    Bf16,
}

impl Kind {
    fn of(id: u8) -> Option<Self> {
        [Self::F32, Self::I8, Self::I16, Self::I32, Self::F16, Self::Bf16].get(usize::from(id)).copied()
    }

    fn size(self) -> u64 {
        match self {
            Self::I8 => 1,
            Self::I16 | Self::F16 | Self::Bf16 => 2,
            Self::F32 | Self::I32 => 4,
        }
    }

    fn is_integer(self) -> bool {
        matches!(self, Self::I8 | Self::I16 | Self::I32)
    }
}

impl Model {
    /// Reads the list of variables of a Whisper `model.bin` and checks every length against the file.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let mut cursor = Cursor::open(path)?;
        check_kind(path, &mut cursor)?;
        let mut variables = BTreeMap::new();
        for _ in 0..cursor.u32("the count of variables")? {
            let (name, variable) = variable(&mut cursor)?;
            variables.entry(name).or_insert(variable);
        }
        for _ in 0..cursor.u32("the count of aliases")? {
            let alias = string(&mut cursor, "an alias")?;
            let name = string(&mut cursor, "an alias's variable")?;
            for suffix in ["", "_scale"] {
                if let Some(variable) = variables.get(&format!("{name}{suffix}")).cloned() {
                    variables.entry(format!("{alias}{suffix}")).or_insert(variable);
                }
            }
        }
        Ok(Self {
            path: path.to_owned(),
            file: File::open(path).map_err(ModelError::io("open", path))?,
            variables,
        })
    }

    /// The shape of a variable, outermost dimension first; a scalar's is empty.
    pub fn dims(&self, name: &str) -> Result<&[u64], ModelError> {
        self.variable(name).map(|v| v.dims.as_slice())
    }

    pub fn has(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }

    /// A single integer, such as `encoder/num_heads`.
    pub fn integer(&mut self, name: &str) -> Result<i64, ModelError> {
        let variable = self.variable(name)?.clone();
        if variable.count() != 1 || !variable.kind.is_integer() {
            return Err(self.refuse(format!("{name} is not a single integer")));
        }
        let mut value = 0;
        self.raw(&variable, 0..1, &mut |bytes| {
            value = match *bytes {
                [a] => i64::from(i8::from_le_bytes([a])),
                [a, b] => i64::from(i16::from_le_bytes([a, b])),
                [a, b, c, d] => i64::from(i32::from_le_bytes([a, b, c, d])),
                _ => 0,
            };
            Ok(())
        })?;
        Ok(value)
    }

    /// Hands the values `range` (counted in the flattened variable) to `sink`, some at a time, with
    /// any quantisation undone.
    pub fn values(
        &mut self,
        name: &str,
        range: Range<u64>,
        sink: &mut dyn FnMut(&[f32]) -> Result<(), ModelError>,
    ) -> Result<(), ModelError> {
        let variable = self.variable(name)?.clone();
        if range.end > variable.count() {
            return Err(self.refuse(format!(
                "{name} has {} values, {} are needed",
                variable.count(),
                range.end
            )));
        }
        let scales = if variable.kind.is_integer() { self.scales(name, &variable)? } else { Vec::new() };
        let per_scale = variable.count() / (scales.len() as u64).max(1);
        let mut position = range.start;
        let mut values = Vec::new();
        self.raw(&variable, range, &mut |bytes| {
            values.clear();
            decode(variable.kind, bytes, &mut values);
            if !scales.is_empty() {
                for (i, value) in (position..).zip(values.iter_mut()) {
                    *value /= scales[(i / per_scale) as usize];
                }
            }
            position += values.len() as u64;
            sink(&values)
        })
    }

    fn scales(&mut self, name: &str, variable: &Variable) -> Result<Vec<f32>, ModelError> {
        let scale_name = format!("{name}_scale");
        let scale = self.variable(&scale_name)?.clone();
        let rows = variable.dims.first().copied().unwrap_or(1);
        if scale.kind.is_integer() || ![1, rows].contains(&scale.count()) || rows == 0 {
            return Err(self
                .refuse(format!("{scale_name} has {} values for the {rows} rows of {name}", scale.count())));
        }
        let mut scales = Vec::new();
        self.raw(&scale, 0..scale.count(), &mut |bytes| {
            decode(scale.kind, bytes, &mut scales);
            Ok(())
        })?;
        if let Some(bad) = scales.iter().position(|s| !s.is_normal()) {
            return Err(ModelError::Damaged {
                path: self.path.clone(),
                offset: scale.offset + bad as u64 * scale.kind.size(),
                reason: format!("{scale_name} holds {}, which is no scale", scales[bad]),
            });
        }
        Ok(scales)
    }

    /// Hands the stored bytes of some values to `sink`, at most [`CHUNK`] values at a time.
    fn raw(
        &mut self,
        variable: &Variable,
        range: Range<u64>,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), ModelError>,
    ) -> Result<(), ModelError> {
        let size = variable.kind.size();
        self.file
            .seek(SeekFrom::Start(variable.offset + range.start * size))
            .map_err(ModelError::io("read", &self.path))?;
        let mut left = range.end - range.start;
        let mut buffer = vec![0; (left.min(CHUNK) * size) as usize];
        while left > 0 {
            let count = left.min(CHUNK);
            let bytes = &mut buffer[..(count * size) as usize];
            self.file.read_exact(bytes).map_err(ModelError::io("read", &self.path))?;
            sink(bytes)?;
            left -= count;
        }
        Ok(())
    }

    fn variable(&self, name: &str) -> Result<&Variable, ModelError> {
        self.variables.get(name).ok_or_else(|| self.refuse(format!("it has no {name}")))
    }

    /// The error for a file that is sound but not what the converter can use.
    pub fn refuse(&self, reason: String) -> ModelError {
        ModelError::NotCTranslate2 { path: self.path.clone(), reason }
    }
}

fn check_kind(path: &Path, cursor: &mut Cursor) -> Result<(), ModelError> {
    let refuse = |reason| Err(ModelError::NotCTranslate2 { path: path.to_owned(), reason });
    let version = cursor.u32("the version")?;
    if !(4..=6).contains(&version) {
        return refuse(format!(
            "its version reads {version}, known are 4 to 6; it may be another kind of file"
        ));
    }
    let kind = string(cursor, "the kind of model")?;
    if kind != "WhisperSpec" {
        return refuse(format!("it holds a {kind}, not a WhisperSpec"));
    }
    let revision = cursor.u32("the revision")?;
    if revision > 3 {
        return refuse(format!("its revision is {revision}, known are those up to 3"));
    }
    Ok(())
}

fn variable(cursor: &mut Cursor) -> Result<(String, Variable), ModelError> {
    let start = cursor.position();
    let name = string(cursor, "a variable's name")?;
    let rank = cursor.u8("a variable's rank")?;
    let dims = (0..rank)
        .map(|_| cursor.u32("a variable's shape").map(u64::from))
        .collect::<Result<Vec<u64>, _>>()?;
    let id = cursor.u8("a variable's type")?;
    let kind =
        Kind::of(id).ok_or_else(|| cursor.damaged(start, format!("{name:?} has the unknown type {id}")))?;
    let bytes = u64::from(cursor.u32("a variable's size")?);
    let needed = dims.iter().try_fold(kind.size(), |size, &dim| size.checked_mul(dim));
    if needed != Some(bytes) {
        let reason = format!("{name:?} has {bytes} bytes, which is not what its shape {dims:?} needs");
        return Err(cursor.damaged(start, reason));
    }
    let offset = cursor.position();
    cursor.skip(bytes, "a variable's data")?;
    Ok((name, Variable { dims, kind, offset }))
}

fn string(cursor: &mut Cursor, what: &str) -> Result<String, ModelError> {
    let start = cursor.position();
    let length = cursor.u16(what)?;
    let mut bytes = cursor.bytes(u64::from(length), what)?;
    if bytes.pop() != Some(0) {
        return Err(cursor.damaged(start, format!("{what} does not end in a NUL")));
    }
    String::from_utf8(bytes).map_err(|_| cursor.damaged(start, format!("{what} is not UTF-8")))
}

/// Appends the numbers in `bytes`, unscaled.
fn decode(kind: Kind, bytes: &[u8], values: &mut Vec<f32>) {
    let pairs = || bytes.chunks_exact(2).map(|b| [b[0], b[1]]);
    let quads = || bytes.chunks_exact(4).map(|b| [b[0], b[1], b[2], b[3]]);
    match kind {
        Kind::F32 => values.extend(quads().map(f32::from_le_bytes)),
        Kind::I8 => values.extend(bytes.iter().map(|&b| f32::from(i8::from_le_bytes([b])))),
        Kind::I16 => values.extend(pairs().map(|b| f32::from(i16::from_le_bytes(b)))),
        Kind::I32 => values.extend(quads().map(|b| i32::from_le_bytes(b) as f32)),
        Kind::F16 => values.extend(pairs().map(|b| f16::from_le_bytes(b).to_f32())),
        Kind::Bf16 => values.extend(pairs().map(|b| bf16::from_le_bytes(b).to_f32())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::{Element, ModelBin};
    use super::*;

    fn read(bytes: &[u8], name: &str) -> Result<Vec<f32>, ModelError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("model.bin");
        std::fs::write(&path, bytes).unwrap();
        let mut model = Model::open(&path)?;
        let count = model.dims(name)?.iter().product();
        let mut all = Vec::new();
        model.values(name, 0..count, &mut |values| {
            all.extend_from_slice(values);
            Ok(())
        })?;
        Ok(all)
    }

    fn message(bytes: &[u8], name: &str) -> String {
        read(bytes, name).unwrap_err().to_string()
    }

    #[test]
    fn reads_every_kind_of_number() {
        let numbers = [1.0, -2.5, 0.25, 96.0];
        for element in [Element::F32, Element::F16, Element::Bf16] {
            let mut bin = ModelBin::new();
            bin.add("w", &[2, 2], element, &numbers);
            assert_eq!(read(&bin.finish(&[]), "w").unwrap(), numbers);
        }
    }

    #[test]
    fn undoes_quantisation_row_by_row_and_as_a_whole() {
        let numbers = [1.0, -2.5, 0.25, 96.0];
        let mut bin = ModelBin::new();
        bin.add("w", &[2, 2], Element::I8, &numbers);
        bin.add("v", &[2, 2], Element::I16, &numbers);
        let bytes = bin.finish(&[("alias", "w")]);
        let near = |a: &[f32], step: [f32; 4]| {
            for i in 0..4 {
                assert!((a[i] - numbers[i]).abs() <= step[i], "{a:?}");
            }
        };
        let (small, large) = (2.5 / 254.0, 96.0 / 254.0);
        near(&read(&bytes, "w").unwrap(), [small, small, large, large]);
        near(&read(&bytes, "alias").unwrap(), [small, small, large, large]);
        near(&read(&bytes, "v").unwrap(), [96.0 / 2048.0; 4]);
    }

    #[test]
    fn values_are_whole_across_chunks() {
        let numbers: Vec<f32> = (0..CHUNK as usize + 10).map(|i| i as f32).collect();
        let mut bin = ModelBin::new();
        bin.add("w", &[numbers.len() as u32], Element::F32, &numbers);
        assert_eq!(read(&bin.finish(&[]), "w").unwrap(), numbers);
    }

    #[test]
    fn says_what_is_missing_or_strange() {
        let mut bin = ModelBin::new();
        bin.add("w", &[1, 2], Element::I8, &[1.0, 2.0]);
        let good = bin.finish(&[]);
        assert!(message(&good, "x").contains("it has no x"));

        let mut other = good.clone();
        other[0] = 9;
        assert!(message(&other, "w").contains("its version reads 9"));
        let text = message(b"<!DOCTYPE html><html>", "w");
        assert!(text.contains("another kind of file"), "{text}");

        let mut kind = good.clone();
        kind[6] = b'V';
        assert!(message(&kind, "w").contains("it holds a VhisperSpec"));

        let scale = good.windows(7).position(|w| w == b"w_scale").unwrap();
        let mut renamed = good.clone();
        renamed[scale] = b'x';
        assert!(message(&renamed, "w").contains("it has no w_scale"));
        let mut zero = good.clone();
        let data = scale + 8 + 1 + 4 + 1 + 4;
        zero[data..data + 4].fill(0);
        let text = message(&zero, "w");
        assert!(text.contains(&format!("damaged at byte {data}")), "{text}");
    }

    #[test]
    fn a_cut_at_any_byte_is_an_error_and_never_a_panic() {
        let mut bin = ModelBin::new();
        bin.add("scalar", &[], Element::F32, &[1.0]);
        bin.add("w", &[2, 2], Element::I8, &[1.0, 2.0, 3.0, 4.0]);
        let whole = bin.finish(&[("alias", "w")]);
        read(&whole, "alias").unwrap();
        for length in 0..whole.len() {
            let text = message(&whole[..length], "alias");
            assert!(text.contains("model.bin is damaged at byte"), "{text}");
        }
    }

    #[test]
    fn huge_lengths_allocate_nothing() {
        let mut bin = ModelBin::new();
        bin.add("w", &[1], Element::F32, &[1.0]);
        let bytes = bin.finish(&[]);
        let count = 4 + 2 + 12 + 4;
        let mut many = bytes.clone();
        many[count..count + 4].fill(0xff);
        assert!(message(&many, "w").contains("damaged"));
        let dims = count + 4 + 2 + 2 + 1;
        let mut wide = bytes.clone();
        wide[dims..dims + 4].fill(0xff);
        assert!(message(&wide, "w").contains("not what its shape"));
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(256))]
        #[test]
        fn damage_never_panics(flips in proptest::collection::vec((0_usize..200, 0_u8..8), 1..6)) {
            let mut bin = ModelBin::new();
            bin.add("scalar", &[], Element::F32, &[1.0]);
            bin.add("w", &[2, 2], Element::I8, &[1.0, 2.0, 3.0, 4.0]);
            let mut bytes = bin.finish(&[("alias", "w")]);
            for (at, bit) in flips {
                let at = at % bytes.len();
                bytes[at] ^= 1 << bit;
            }
            let _ = read(&bytes, "alias");
        }
    }
}
