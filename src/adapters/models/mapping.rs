//! Which variable of a CTranslate2 model goes into which tensor of a ggml file.
//!
//! CTranslate2 keeps Hugging Face's weights under names of its own, with the projections of attention
//! joined (`python/ctranslate2/converters/transformers.py`); whisper.cpp wants OpenAI's names
//! (`models/convert-pt-to-ggml.py`).

use std::ops::Range;

use super::ModelError;
use super::ctranslate2::Model;
use super::ggml::{Header, Precision};

/// A tensor of the ggml file and the part of a variable that it comes from.
pub struct Tensor {
    pub name: String,
    /// Outermost first.
    pub dims: Vec<u64>,
    pub precision: Precision,
    pub from: String,
    /// Counted in the flattened variable.
    pub values: Range<u64>,
}

impl Tensor {
    /// Bytes of its data in the ggml file.
    pub fn bytes(&self) -> u64 {
        self.precision.bytes(self.values.end - self.values.start)
    }
}

/// The tensors of the ggml file, in the order of OpenAI's checkpoints: with it the file has the very
/// bytes of the one that whisper.cpp publishes.
///
/// # Errors
/// The first variable that is missing, or does not have the shape that the header asks for.
pub fn tensors(model: &mut Model, header: &Header) -> Result<Vec<Tensor>, ModelError> {
    let mut plan = Plan { model, tensors: Vec::new() };
    plan.positions("decoder", [header.text_context, header.text_state])?;
    plan.positions("encoder", [header.audio_context, header.audio_state])?;
    plan.decoder(header)?;
    plan.encoder(header)?;
    Ok(plan.tensors)
}

/// A part of a block: `CTranslate2`'s name of it and ggml's.
enum Part {
    Norm(&'static str, &'static str),
    /// Linear layers of one size, stored one below the other. The numbers are inputs and outputs,
    /// counted in units of the model's state.
    Linear(&'static str, u64, u64, &'static [&'static str]),
}

const BLOCK: &[Part] = &[
    Part::Norm("ffn/layer_norm", "mlp_ln"),
    Part::Linear("ffn/linear_0", 1, 4, &["mlp.0"]),
    Part::Linear("ffn/linear_1", 4, 1, &["mlp.2"]),
    Part::Norm("self_attention/layer_norm", "attn_ln"),
    Part::Linear("self_attention/linear_0", 1, 1, &["attn.query", "attn.key", "attn.value"]),
    Part::Linear("self_attention/linear_1", 1, 1, &["attn.out"]),
];

/// What a block of the decoder has besides.
const CROSS: &[Part] = &[
    Part::Norm("attention/layer_norm", "cross_attn_ln"),
    Part::Linear("attention/linear_0", 1, 1, &["cross_attn.query"]),
    Part::Linear("attention/linear_1", 1, 1, &["cross_attn.key", "cross_attn.value"]),
    Part::Linear("attention/linear_2", 1, 1, &["cross_attn.out"]),
];

struct Plan<'a> {
    model: &'a mut Model,
    tensors: Vec<Tensor>,
}

impl Plan<'_> {
    fn decoder(&mut self, header: &Header) -> Result<(), ModelError> {
        let state = u64::from(header.text_state);
        let shape = [u64::from(header.vocabulary), state];
        let name = "decoder.token_embedding.weight".to_owned();
        self.whole("decoder/embeddings/weight", name, &shape)?;
        for layer in 0..header.text_layers {
            self.block("decoder", layer, state, BLOCK)?;
            self.block("decoder", layer, state, CROSS)?;
        }
        self.norm("decoder/layer_norm", "decoder.ln", state)
    }

    fn encoder(&mut self, header: &Header) -> Result<(), ModelError> {
        let state = u64::from(header.audio_state);
        for (conv, inputs) in [("conv1", u64::from(header.mels)), ("conv2", state)] {
            let (from, to) = (format!("encoder/{conv}"), format!("encoder.{conv}"));
            let shape = [state, inputs, 3];
            self.whole(&format!("{from}/weight"), format!("{to}.weight"), &shape)?;
            // whisper.cpp adds this bias to a matrix of columns: it wants a column.
            let (bias, column) = (format!("{from}/bias"), [state, 1]);
            self.add(&bias, &[state], 0, format!("{to}.bias"), &column)?;
        }
        for layer in 0..header.audio_layers {
            self.block("encoder", layer, state, BLOCK)?;
        }
        self.norm("encoder/layer_norm", "encoder.ln_post", state)
    }

    fn block(&mut self, side: &str, layer: u32, state: u64, parts: &[Part]) -> Result<(), ModelError> {
        let from = |name: &str| format!("{side}/layer_{layer}/{name}");
        let to = |name: &str| format!("{side}.blocks.{layer}.{name}");
        for part in parts {
            match part {
                Part::Norm(theirs, ours) => self.norm(&from(theirs), &to(ours), state)?,
                Part::Linear(theirs, inputs, outputs, ours) => {
                    let ours: Vec<String> = ours.iter().map(|name| to(name)).collect();
                    self.linear(&from(theirs), &ours, inputs * state, outputs * state)?;
                }
            }
        }
        Ok(())
    }

    fn linear(&mut self, from: &str, to: &[String], inputs: u64, outputs: u64) -> Result<(), ModelError> {
        let rows = to.len() as u64 * outputs;
        let (weight, bias) = (format!("{from}/weight"), format!("{from}/bias"));
        for (name, start) in to.iter().zip((0..rows).step_by(outputs as usize)) {
            let (matrix, all) = ([outputs, inputs], [rows, inputs]);
            let first = start * inputs;
            self.add(&weight, &all, first, format!("{name}.weight"), &matrix)?;
            if name.ends_with(".key") {
                self.require_zeros(&bias, start..start + outputs)?;
            } else {
                self.add(&bias, &[rows], start, format!("{name}.bias"), &[outputs])?;
            }
        }
        Ok(())
    }

    fn norm(&mut self, from: &str, to: &str, size: u64) -> Result<(), ModelError> {
        self.whole(&format!("{from}/gamma"), format!("{to}.weight"), &[size])?;
        self.whole(&format!("{from}/beta"), format!("{to}.bias"), &[size])
    }

    fn positions(&mut self, side: &str, shape: [u32; 2]) -> Result<(), ModelError> {
        let from = format!("{side}/position_encodings/encodings");
        let name = format!("{side}.positional_embedding");
        self.whole(&from, name, &shape.map(u64::from))
    }

    /// A tensor that is a whole variable.
    fn whole(&mut self, from: &str, name: String, shape: &[u64]) -> Result<(), ModelError> {
        self.add(from, shape, 0, name, shape)
    }

    /// A tensor of the shape `dims`, whose values begin at `start` in the variable `from`, which must
    /// have the shape `shape`.
    fn add(
        &mut self,
        from: &str,
        shape: &[u64],
        start: u64,
        name: String,
        dims: &[u64],
    ) -> Result<(), ModelError> {
        let found = self.model.dims(from)?;
        if found != shape {
            let reason = format!("{from} has the shape {found:?}, {shape:?} is needed");
            return Err(self.model.refuse(reason));
        }
        let precision =
            if name.ends_with(".weight") && dims.len() > 1 { Precision::Half } else { Precision::Single };
        self.tensors.push(Tensor {
            name,
            dims: dims.to_vec(),
            precision,
            from: from.to_owned(),
            values: start..start + dims.iter().product::<u64>(),
        });
        Ok(())
    }

    /// Whisper's keys have no bias: `CTranslate2` fills its place with zeros.
    fn require_zeros(&mut self, name: &str, values: Range<u64>) -> Result<(), ModelError> {
        let mut zeros = true;
        self.model.values(name, values, &mut |values| {
            zeros &= values.iter().all(|&v| v == 0.0);
            Ok(())
        })?;
        if zeros {
            Ok(())
        } else {
            let reason = format!("{name} gives the keys a bias, which Whisper has not");
            Err(self.model.refuse(reason))
        }
    }
}
