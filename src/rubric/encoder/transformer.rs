//! The sentence encoder: pieces to vectors, six layers of attention and feed-forward, the mean of what comes out.
//!
//! Sentences of a batch lie one after the other without padding; only attention looks at where one ends.

use super::dense::{Linear, Norm, add, dot, gelu, softmax};

/// A matrix of bytes with a scale for each row: read by rows, it need not be widened.
pub struct Table {
    pub columns: usize,
    pub scales: Vec<f32>,
    pub bytes: Vec<i8>,
}

impl Table {
    /// Zeros when there is no such row.
    pub fn row(&self, index: usize) -> impl Iterator<Item = f32> + '_ {
        let scale = self.scales.get(index).copied().unwrap_or_default();
        let start = index.min(self.scales.len().saturating_sub(1)) * self.columns;
        self.bytes[start..start + self.columns].iter().map(move |&byte| f32::from(byte) * scale)
    }
}

pub struct Layer {
    /// Queries, keys and values side by side.
    pub qkv: Linear,
    pub out: Linear,
    pub norm1: Norm,
    pub up: Linear,
    pub down: Linear,
    pub norm2: Norm,
}

pub struct Transformer {
    pub heads: usize,
    /// Vectors of the pieces.
    pub words: Table,
    /// Vectors of the places in a sentence: no sentence may have more pieces.
    pub places: Table,
    pub norm: Norm,
    pub layers: Vec<Layer>,
}

impl Transformer {
    /// Numbers in a sentence's vector.
    pub fn width(&self) -> usize {
        self.words.columns
    }

    /// A row of [`Self::width`] numbers for each sentence; zeros for one without a piece.
    pub fn encode(&self, sentences: &[&[u32]]) -> Vec<f32> {
        let width = self.width();
        let mut rows = Vec::with_capacity(sentences.iter().map(|ids| ids.len()).sum::<usize>() * width);
        for (place, &id) in sentences.iter().flat_map(|ids| ids.iter().enumerate()) {
            let place = self.places.row(place);
            rows.extend(self.words.row(id as usize).zip(place).map(|(word, place)| word + place));
        }
        self.norm.apply(&mut rows);
        for layer in &self.layers {
            layer.apply(&mut rows, sentences, self.heads);
        }
        let mut out = vec![0.0; sentences.len() * width];
        let mut rows = rows.chunks_exact(width);
        for (mean, ids) in out.chunks_exact_mut(width).zip(sentences) {
            rows.by_ref().take(ids.len()).for_each(|row| add(mean, row));
            mean.iter_mut().for_each(|sum| *sum /= ids.len().max(1) as f32);
        }
        out
    }
}

impl Layer {
    fn apply(&self, rows: &mut [f32], sentences: &[&[u32]], heads: usize) {
        add(rows, &self.out.apply(&self.attend(rows, sentences, heads)));
        self.norm1.apply(rows);
        let mut inner = self.up.apply(rows);
        gelu(&mut inner);
        add(rows, &self.down.apply(&inner));
        self.norm2.apply(rows);
    }

    /// Each piece's mixture of the values of its sentence.
    fn attend(&self, rows: &[f32], sentences: &[&[u32]], heads: usize) -> Vec<f32> {
        let width = self.out.inputs;
        let (size, stride) = (width / heads, 3 * width);
        let qkv = self.qkv.apply(rows);
        let mut mixed = vec![0.0; rows.len()];
        let scale = 1.0 / (size as f32).sqrt();
        let mut start = 0;
        for ids in sentences {
            let end = start + ids.len();
            let part = &qkv[start * stride..end * stride];
            let of = |piece: usize, column: usize| &part[piece * stride + column..][..size];
            let mut shares = vec![0.0; ids.len()];
            for (piece, out) in mixed[start * width..end * width].chunks_exact_mut(width).enumerate() {
                for (head, out) in out.chunks_exact_mut(size).enumerate() {
                    let query = of(piece, head * size);
                    for (other, share) in shares.iter_mut().enumerate() {
                        *share = scale * dot(query, of(other, width + head * size));
                    }
                    softmax(&mut shares);
                    for (other, share) in shares.iter().enumerate() {
                        let value = of(other, 2 * width + head * size);
                        out.iter_mut().zip(value).for_each(|(out, value)| *out += share * value);
                    }
                }
            }
            start = end;
        }
        mixed
    }
}
