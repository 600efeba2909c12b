//! The file of weights, which models/labels/pack.py writes.
//!
//! ```text
//! "TALABELS", u32 version │ u32 heads, layers, most pieces of a sentence │ labels │ pieces │ tensors
//! labels   u32 count; each: u8 speaker (0 candidate, 1 interviewer), string
//! pieces   u32 count; each a string: u8 length, bytes
//! matrix   u32 rows, u32 columns, f32 scale of each row, i8 of each number
//! vector   u32 length, f32 of each number
//! tensors  words, places, norm │ each layer: qkv, out, norm, up, down, norm │ narrow, norm │ GRU forwards, GRU backwards │ hidden, logits; a norm is two vectors, a linear layer a matrix and a vector, a GRU two linear layers
//! ```
//! Numbers are little-endian.

use thiserror::Error;

use super::dense::{Linear, Norm};
use super::features::PLAIN;
use super::recurrent::Gru;
use super::transformer::{Layer, Table, Transformer};
use crate::session::Role;

const MAGIC: &[u8] = b"TALABELS";
const VERSION: u32 = 2;

/// What is wrong with a file of weights.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("the weights of the labels are damaged: {0}")]
pub struct Damaged(pub &'static str);

pub struct Label {
    pub id: String,
    pub speaker: Role,
}

/// All that the file holds.
pub struct Weights {
    pub labels: Vec<Label>,
    pub pieces: Vec<String>,
    pub transformer: Transformer,
    pub narrow: Linear,
    pub narrow_norm: Norm,
    pub before: Gru,
    pub next: Gru,
    pub hidden: Linear,
    pub logits: Linear,
}

impl Weights {
    /// # Errors
    /// When the file is not whole, or its parts do not fit each other.
    pub fn read(bytes: &[u8]) -> Result<Self, Damaged> {
        let mut from = Reader(bytes);
        if from.bytes(MAGIC.len())? != MAGIC || from.size()? != VERSION as usize {
            return Err(Damaged("this is not version 2 of it"));
        }
        let (heads, layers, longest) = (from.size()?, from.size()?, from.size()?);
        let labels = (0..from.size()?).map(|_| from.label()).collect::<Result<Vec<_>, _>>()?;
        let pieces = (0..from.size()?).map(|_| from.string()).collect::<Result<Vec<_>, _>>()?;
        let words = from.table()?;
        let width = words.columns;
        fits(words.scales.len() == pieces.len() && heads > 0 && width.is_multiple_of(8 * heads))?;
        let places = from.table()?;
        fits(places.columns == width && places.scales.len() == longest)?;
        let norm = from.norm(width)?;
        let layers = (0..layers).map(|_| from.layer(width)).collect::<Result<Vec<_>, _>>()?;
        let narrow = from.linear(width)?;
        let narrow_norm = from.norm(narrow.outputs())?;
        let features = labels.len() + PLAIN;
        let (before, next) = (from.gru(narrow.outputs() + features)?, from.gru(narrow.outputs() + features)?);
        let hidden = from.linear(width + before.width() + next.width() + features)?;
        let logits = from.linear(hidden.outputs())?;
        fits(logits.outputs() == labels.len() && from.0.is_empty())?;
        let transformer = Transformer { heads, words, places, norm, layers };
        Ok(Self { labels, pieces, transformer, narrow, narrow_norm, before, next, hidden, logits })
    }
}

fn fits(they_do: bool) -> Result<(), Damaged> {
    they_do.then_some(()).ok_or(Damaged("its parts do not fit"))
}

/// What has not been read yet.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Damaged> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Damaged("it ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn four(&mut self) -> Result<[u8; 4], Damaged> {
        let mut four = [0; 4];
        four.copy_from_slice(self.bytes(4)?);
        Ok(four)
    }

    fn size(&mut self) -> Result<usize, Damaged> {
        Ok(u32::from_le_bytes(self.four()?) as usize)
    }

    fn number(&mut self) -> Result<f32, Damaged> {
        let number = f32::from_le_bytes(self.four()?);
        number.is_finite().then_some(number).ok_or(Damaged("a number is infinite"))
    }

    fn numbers(&mut self, count: usize) -> Result<Vec<f32>, Damaged> {
        let mut part = Reader(self.bytes(count.saturating_mul(4))?);
        (0..count).map(|_| part.number()).collect()
    }

    fn string(&mut self) -> Result<String, Damaged> {
        let length = self.bytes(1)?[0];
        let bytes = self.bytes(length.into())?.to_vec();
        String::from_utf8(bytes).map_err(|_| Damaged("a name is no text"))
    }

    fn label(&mut self) -> Result<Label, Damaged> {
        let speaker = if self.bytes(1)?[0] == 0 { Role::Candidate } else { Role::Interviewer };
        Ok(Label { id: self.string()?, speaker })
    }

    fn table(&mut self) -> Result<Table, Damaged> {
        let (rows, columns) = (self.size()?, self.size()?);
        let scales = self.numbers(rows)?;
        let bytes = self.bytes(rows.saturating_mul(columns))?;
        fits(rows > 0 && columns > 0)?;
        Ok(Table { columns, scales, bytes: bytes.iter().map(|&byte| byte as i8).collect() })
    }

    fn vector(&mut self, length: usize) -> Result<Vec<f32>, Damaged> {
        fits(self.size()? == length)?;
        self.numbers(length)
    }

    fn norm(&mut self, width: usize) -> Result<Norm, Damaged> {
        Ok(Norm { scale: self.vector(width)?, shift: self.vector(width)? })
    }

    fn linear(&mut self, inputs: usize) -> Result<Linear, Damaged> {
        let table = self.table()?;
        fits(table.columns == inputs)?;
        let outputs = table.scales.len();
        let weights = (0..outputs).flat_map(|row| table.row(row)).collect();
        Ok(Linear { inputs, weights, bias: self.vector(outputs)? })
    }

    fn layer(&mut self, width: usize) -> Result<Layer, Damaged> {
        let (qkv, out, norm1) = (self.linear(width)?, self.linear(width)?, self.norm(width)?);
        let up = self.linear(width)?;
        let (down, norm2) = (self.linear(up.outputs())?, self.norm(width)?);
        fits(qkv.outputs() == 3 * width && out.outputs() == width && down.outputs() == width)?;
        Ok(Layer { qkv, out, norm1, up, down, norm2 })
    }

    fn gru(&mut self, inputs: usize) -> Result<Gru, Damaged> {
        let input = self.linear(inputs)?;
        let width = input.outputs() / 3;
        let state = self.linear(width)?;
        fits(width > 0 && state.outputs() == 3 * width && input.outputs() == 3 * width)?;
        Ok(Gru { input, state })
    }
}

/// A file of a tiny network: 8 numbers a piece, one head, one layer, states of 2 numbers, two labels.
#[cfg(test)]
pub(super) fn made_up() -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    let mut add = |bytes: &[u8]| out.extend_from_slice(bytes);
    let size = |number: usize| (number as u32).to_le_bytes();
    let string = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
    let vector = |length: usize| {
        [size(length).to_vec(), (0..length).flat_map(|i| (0.1 * i as f32).to_le_bytes()).collect()].concat()
    };
    let matrix = |rows: usize, columns: usize| {
        let scales: Vec<u8> = (0..rows).flat_map(|_| 0.01_f32.to_le_bytes()).collect();
        let bytes: Vec<u8> = (0..rows * columns).map(|i| (i * 37 % 255) as u8).collect();
        [size(rows).to_vec(), size(columns).to_vec(), scales, bytes].concat()
    };
    let linear = |outputs: usize, inputs: usize| [matrix(outputs, inputs), vector(outputs)].concat();
    [VERSION as usize, 1, 1, 8].iter().for_each(|&number| add(&size(number)));
    add(&[size(2).as_slice(), &[0], &string("intent"), &[1], &string("hint")].concat());
    let pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "candidate", "interview", "hash", "map", "?"];
    add(&size(pieces.len()));
    pieces.iter().for_each(|piece| add(&string(piece)));
    [matrix(pieces.len(), 8), matrix(8, 8), vector(8), vector(8)].iter().for_each(|part| add(part));
    [linear(24, 8), linear(8, 8), vector(8), vector(8)].iter().for_each(|part| add(part));
    [linear(16, 8), linear(8, 16), vector(8), vector(8)].iter().for_each(|part| add(part));
    [linear(2, 8), vector(2), vector(2)].iter().for_each(|part| add(part));
    (0..2).for_each(|_| [linear(6, 4 + PLAIN), linear(6, 2)].iter().for_each(|part| add(part)));
    [linear(4, 14 + PLAIN), linear(2, 4)].iter().for_each(|part| add(part));
    out
}
