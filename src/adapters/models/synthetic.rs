//! Small models made up for the tests: CTranslate2 files written as its own `model_spec.py` does.

use std::fs;
use std::path::Path;

use half::{bf16, f16};

use super::checksum::sha256_of;
use super::{Catalog, CatalogModel, Source, convert};

/// How a variable's numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    F32,
    F16,
    Bf16,
    /// With a scale for each row.
    I8,
    /// With one scale.
    I16,
}

/// The bytes of a `model.bin` in the making.
pub struct ModelBin {
    count: u32,
    variables: Vec<u8>,
}

impl ModelBin {
    pub fn new() -> Self {
        Self { count: 0, variables: Vec::new() }
    }

    pub fn add(&mut self, name: &str, dims: &[u32], element: Element, numbers: &[f32]) {
        assert_eq!(dims.iter().product::<u32>() as usize, numbers.len());
        let largest = |row: &[f32]| row.iter().fold(0.0_f32, |a, b| a.max(b.abs()));
        match element {
            Element::F32 => self.push(name, dims, 0, &bytes(numbers, f32::to_le_bytes)),
            Element::F16 => self.push(name, dims, 4, &bytes(numbers, |v| f16::from_f32(v).to_le_bytes())),
            Element::Bf16 => self.push(name, dims, 5, &bytes(numbers, |v| bf16::from_f32(v).to_le_bytes())),
            Element::I8 => {
                let (mut data, mut scales) = (Vec::new(), Vec::new());
                for row in numbers.chunks(numbers.len() / dims[0] as usize) {
                    let scale = 127.0 / largest(row);
                    scales.push(scale);
                    data.extend(row.iter().map(|v| (v * scale).round_ties_even() as i8 as u8));
                }
                self.push(name, dims, 1, &data);
                self.add(&format!("{name}_scale"), &dims[..1], Element::F32, &scales);
            }
            Element::I16 => {
                let scale = 1024.0 / largest(numbers);
                let data = bytes(numbers, |v| ((v * scale).round_ties_even() as i16).to_le_bytes());
                self.push(name, dims, 2, &data);
                self.add(&format!("{name}_scale"), &[], Element::F32, &[scale]);
            }
        }
    }

    /// A single 16-bit integer, as `encoder/num_heads` is.
    pub fn add_integer(&mut self, name: &str, value: i16) {
        self.push(name, &[], 2, &value.to_le_bytes());
    }

    /// The whole file, with aliases as (alias, variable).
    pub fn finish(&self, aliases: &[(&str, &str)]) -> Vec<u8> {
        let mut file = 6_u32.to_le_bytes().to_vec();
        push_string(&mut file, "WhisperSpec");
        file.extend(3_u32.to_le_bytes());
        file.extend(self.count.to_le_bytes());
        file.extend(&self.variables);
        file.extend((aliases.len() as u32).to_le_bytes());
        for (alias, name) in aliases {
            push_string(&mut file, alias);
            push_string(&mut file, name);
        }
        file
    }

    fn push(&mut self, name: &str, dims: &[u32], type_id: u8, data: &[u8]) {
        self.count += 1;
        push_string(&mut self.variables, name);
        self.variables.push(dims.len() as u8);
        for dim in dims {
            self.variables.extend(dim.to_le_bytes());
        }
        self.variables.push(type_id);
        self.variables.extend((data.len() as u32).to_le_bytes());
        self.variables.extend(data);
    }
}

fn bytes<const N: usize>(numbers: &[f32], encode: impl Fn(f32) -> [u8; N]) -> Vec<u8> {
    numbers.iter().flat_map(|&v| encode(v)).collect()
}

fn push_string(to: &mut Vec<u8>, text: &str) {
    to.extend((text.len() as u16 + 1).to_le_bytes());
    to.extend(text.as_bytes());
    to.push(0);
}

pub const STATE: u32 = 8;
pub const MELS: u32 = 80;
pub const AUDIO_CONTEXT: u32 = 6;
pub const TEXT_CONTEXT: u32 = 5;
pub const LAYERS: u32 = 2;
pub const VOCABULARY: [&str; 5] = ["a", "Ġthe", "åľº", "<|endoftext|>", "<|en|>"];

/// The made-up value at `index` of the variable `name`: exact in f16, different for each place.
pub fn number(name: &str, index: usize) -> f32 {
    // The keys' part of a joined bias is zero in every Whisper model.
    let part = index / STATE as usize;
    if name.ends_with("/self_attention/linear_0/bias") && part == 1
        || name.ends_with("/attention/linear_1/bias") && part == 0
    {
        return 0.0;
    }
    let seed: usize = name.bytes().map(usize::from).sum();
    ((seed * 31 + index * 7) % 509) as f32 / 256.0 - 1.0
}

/// Writes a Whisper model of two layers and eight units to `dir`, in CTranslate2 form.
pub fn write_model(dir: &Path, weights: Element) {
    fs::write(dir.join("model.bin"), model_bin(weights)).unwrap();
    fs::write(dir.join("vocabulary.txt"), VOCABULARY.join("\n")).unwrap();
    fs::write(dir.join("config.json"), "{}").unwrap();
}

/// The bytes of the `model.bin` that [`write_model`] writes.
pub fn model_bin(weights: Element) -> Vec<u8> {
    let other = match weights {
        Element::I8 | Element::I16 => Element::F32,
        float => float,
    };
    let mut bin = ModelBin::new();
    let mut add = |name: String, dims: &[u32]| {
        let count = dims.iter().product::<u32>() as usize;
        let numbers: Vec<f32> = (0..count).map(|i| number(&name, i)).collect();
        let element = if name.ends_with("weight") && !name.contains("conv") { weights } else { other };
        bin.add(&name, dims, element, &numbers);
    };
    let s = STATE;
    for (side, context) in [("decoder", TEXT_CONTEXT), ("encoder", AUDIO_CONTEXT)] {
        add(format!("{side}/position_encodings/encodings"), &[context, s]);
        for layer in 0..LAYERS {
            let p = format!("{side}/layer_{layer}");
            let mut linears = vec![
                ("self_attention/linear_0", 3 * s, s),
                ("self_attention/linear_1", s, s),
                ("ffn/linear_0", 4 * s, s),
                ("ffn/linear_1", s, 4 * s),
            ];
            let mut norms = vec!["self_attention", "ffn"];
            if side == "decoder" {
                linears.push(("attention/linear_0", s, s));
                linears.push(("attention/linear_1", 2 * s, s));
                linears.push(("attention/linear_2", s, s));
                norms.push("attention");
            }
            for (linear, rows, columns) in linears {
                add(format!("{p}/{linear}/weight"), &[rows, columns]);
                add(format!("{p}/{linear}/bias"), &[rows]);
            }
            for norm in norms {
                add(format!("{p}/{norm}/layer_norm/gamma"), &[s]);
                add(format!("{p}/{norm}/layer_norm/beta"), &[s]);
            }
        }
        add(format!("{side}/layer_norm/gamma"), &[s]);
        add(format!("{side}/layer_norm/beta"), &[s]);
    }
    for (conv, inputs) in [("conv1", MELS), ("conv2", s)] {
        add(format!("encoder/{conv}/weight"), &[s, inputs, 3]);
        add(format!("encoder/{conv}/bias"), &[s]);
    }
    add("decoder/embeddings/weight".into(), &[VOCABULARY.len() as u32, s]);
    bin.add_integer("encoder/num_heads", 2);
    bin.add_integer("decoder/num_heads", 2);
    bin.finish(&[("decoder/projection/weight", "decoder/embeddings/weight")])
}

/// The ggml file that the model of [`write_model`] becomes.
pub fn ggml_file() -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    write_model(dir.path(), Element::F16);
    let path = dir.path().join("ggml.bin");
    convert(dir.path(), &path, &mut |_| ()).unwrap();
    fs::read(path).unwrap()
}

/// A catalogue of one model, whose file is `file`.
pub fn catalog(name: &str, file: &[u8], urls: &[&str]) -> Catalog {
    let source = |url: &&str| Source::Url { url: url.to_string() };
    let model = CatalogModel {
        name: name.into(),
        languages: vec!["en".into()],
        parameters: "1 k".into(),
        size_bytes: file.len() as u64,
        sha256: sha256_of(file),
        licence: "MIT".into(),
        timing: None,
        default: true,
        accurate: false,
        task: super::Task::Words,
        sources: urls.iter().map(source).collect(),
    };
    Catalog { models: vec![model] }
}
