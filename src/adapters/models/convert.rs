//! From a CTranslate2 Whisper model to the ggml file that whisper.cpp reads.
//!
//! Matrices become f16, vectors and positions f32, as in whisper.cpp's own `convert-pt-to-ggml.py`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use half::f16;

use super::ctranslate2::Model;
use super::ggml::{self, Header, Precision};
use super::{ModelError, Progress, Step, mapping, quantise, vocabulary};

/// Converts the CTranslate2 model in the folder `from` (`model.bin`, `vocabulary.txt` or
/// `vocabulary.json`) to an f16 ggml file at `to`, which is written to the disk before this returns.
///
/// The weights may be f32, f16, bf16, int8 or int16, and memory stays below a few megabytes. OpenAI's
/// weights that were not quantised give the very bytes that whisper.cpp publishes. Tells [`Step::Converting`].
///
/// # Errors
/// Names the file and what is missing or damaged in it; `to` is then to be thrown away.
pub fn convert(from: &Path, to: &Path, progress: Progress) -> Result<Header, ModelError> {
    let mut model = Model::open(&from.join("model.bin"))?;
    let header = header(&mut model)?;
    if !header.is_plausible() {
        return Err(model.refuse(format!("its shape is that of no Whisper model: {header:?}")));
    }
    let tokens = vocabulary::read(from, header.is_multilingual())?;
    let tensors = mapping::tensors(&mut model, &header)?;
    let total = tensors.iter().map(mapping::Tensor::bytes).sum();

    let file = File::create(to).map_err(ModelError::io("create", to))?;
    let mut out = BufWriter::new(file);
    ggml::write_start(&mut out, &header, &tokens).map_err(ModelError::io("write", to))?;
    let mut done = 0;
    let mut bytes = Vec::new();
    for tensor in tensors {
        ggml::write_tensor_start(&mut out, &tensor.name, &tensor.dims, tensor.precision.type_id())
            .map_err(ModelError::io("write", to))?;
        model.values(&tensor.from, tensor.values, &mut |values| {
            bytes.clear();
            encode(values, tensor.precision, &mut bytes);
            done += bytes.len() as u64;
            progress(Step::Converting { done, total });
            out.write_all(&bytes).map_err(ModelError::io("write", to))
        })?;
    }
    let file = out.into_inner().map_err(|e| ModelError::io("write", to)(e.into_error()))?;
    file.sync_all().map_err(ModelError::io("write", to))?;
    Ok(header)
}

fn encode(values: &[f32], precision: Precision, bytes: &mut Vec<u8>) {
    match precision {
        Precision::Single => bytes.extend(values.iter().flat_map(|v| v.to_le_bytes())),
        // `half` rounds to the nearest, ties to even.
        Precision::Half => {
            bytes.extend(values.iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()));
        }
        Precision::Eight => bytes.extend(quantise::blocks(values)),
    }
}

fn header(model: &mut Model) -> Result<Header, ModelError> {
    let [audio_context, audio_state] = shape(model, "encoder/position_encodings/encodings")?;
    let [text_context, text_state] = shape(model, "decoder/position_encodings/encodings")?;
    let [vocabulary, _] = shape(model, "decoder/embeddings/weight")?;
    let [_, mels, _] = shape(model, "encoder/conv1/weight")?;
    Ok(Header {
        vocabulary,
        audio_context,
        audio_state,
        audio_heads: heads(model, "encoder", audio_state)?,
        audio_layers: layers(model, "encoder"),
        text_context,
        text_state,
        text_heads: heads(model, "decoder", text_state)?,
        text_layers: layers(model, "decoder"),
        mels,
        file_type: 1,
    })
}

fn shape<const N: usize>(model: &Model, name: &str) -> Result<[u32; N], ModelError> {
    let dims = model.dims(name)?;
    // The file stores dimensions as u32, so none is lost.
    let dims: Vec<u32> = dims.iter().map(|&d| d as u32).collect();
    <[u32; N]>::try_from(dims)
        .map_err(|dims| model.refuse(format!("{name} has the shape {dims:?}, not {N} dimensions")))
}

/// Converters before CTranslate2 3.0 left the count out: every Whisper model has 64 units a head.
fn heads(model: &mut Model, side: &str, state: u32) -> Result<u32, ModelError> {
    let name = format!("{side}/num_heads");
    if !model.has(&name) {
        return Ok(state / 64);
    }
    let heads = model.integer(&name)?;
    u32::try_from(heads)
        .ok()
        .filter(|&h| h > 0 && state.is_multiple_of(h))
        .ok_or_else(|| model.refuse(format!("{name} is {heads} for {state} units")))
}

fn layers(model: &Model, side: &str) -> u32 {
    let is_layer = |i: &u32| model.has(&format!("{side}/layer_{i}/ffn/layer_norm/gamma"));
    (0..).take_while(is_layer).count() as u32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::super::synthetic::{self, Element, LAYERS, ModelBin, STATE};
    use super::*;

    struct Written {
        dims: Vec<u32>,
        is_half: bool,
        values: Vec<f32>,
    }

    fn take<'a>(rest: &mut &'a [u8], count: usize) -> &'a [u8] {
        let (taken, left) = rest.split_at(count);
        *rest = left;
        taken
    }

    fn number(rest: &mut &[u8]) -> u32 {
        u32::from_le_bytes(take(rest, 4).try_into().unwrap())
    }

    /// Reads a ggml file back by the format's rules, with none of the writer's code.
    fn read(path: &Path) -> (Vec<u32>, Vec<Vec<u8>>, BTreeMap<String, Written>) {
        let bytes = fs::read(path).unwrap();
        let rest = &mut bytes.as_slice();
        let start: Vec<u32> = (0..14).map(|_| number(rest)).collect();
        take(rest, (start[12] * start[13] * 4) as usize);
        let mut tokens = Vec::new();
        for _ in 0..number(rest) {
            let length = number(rest) as usize;
            tokens.push(take(rest, length).to_vec());
        }
        let mut tensors = BTreeMap::new();
        while !rest.is_empty() {
            let (rank, name, kind) = (number(rest), number(rest), number(rest));
            let dims: Vec<u32> = (0..rank).map(|_| number(rest)).collect();
            let name = String::from_utf8(take(rest, name as usize).to_vec()).unwrap();
            let size = if kind == 1 { 2 } else { 4 };
            let values = take(rest, dims.iter().product::<u32>() as usize * size)
                .chunks(size)
                .map(|b| match *b {
                    [a, b] => f16::from_le_bytes([a, b]).to_f32(),
                    _ => f32::from_le_bytes(b.try_into().unwrap()),
                })
                .collect();
            let is_half = kind == 1;
            let tensor = Written { dims, is_half, values };
            assert!(tensors.insert(name, tensor).is_none());
        }
        (start, tokens, tensors)
    }

    fn converted(element: Element) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        synthetic::write_model(dir.path(), element);
        let to = dir.path().join("ggml.bin");
        convert(dir.path(), &to, &mut |_| ()).unwrap();
        (dir, to)
    }

    /// The values that the tensor must have: those of `variable` from `start` on.
    fn expect(tensor: &Written, variable: &str, start: u32, tolerance: f32) {
        for (i, value) in tensor.values.iter().enumerate() {
            let expected = synthetic::number(variable, start as usize + i);
            assert!((value - expected).abs() <= tolerance, "{variable} {i}: {value} is not {expected}");
        }
    }

    #[test]
    fn header_and_vocabulary_are_the_models() {
        let (_dir, path) = converted(Element::F16);
        let (start, tokens, _) = read(&path);
        let s = STATE;
        assert_eq!(start, [0x6767_6d6c, 5, 6, s, 2, 2, 5, s, 2, 2, 80, 1, 80, 201]);
        assert_eq!(tokens, ["a", " the", "场", "<|endoftext|>"].map(Vec::from));
    }

    #[test]
    fn tensors_have_their_names_shapes_and_values() {
        let (_dir, path) = converted(Element::F16);
        let (_, _, tensors) = read(&path);
        assert_eq!(tensors.len() as u32, 7 + 15 * LAYERS + 4 + 24 * LAYERS);
        let s = STATE;
        let check = |name: &str, dims: &[u32], is_half, variable: &str, start| {
            let tensor = &tensors[name];
            assert_eq!((&tensor.dims[..], tensor.is_half), (dims, is_half), "{name}");
            expect(tensor, variable, start, 0.0);
        };
        let (query, both) = ("encoder/layer_1/self_attention/linear_0", s * s);
        check("encoder.blocks.1.attn.query.weight", &[s, s], true, &format!("{query}/weight"), 0);
        check("encoder.blocks.1.attn.key.weight", &[s, s], true, &format!("{query}/weight"), both);
        check("encoder.blocks.1.attn.value.weight", &[s, s], true, &format!("{query}/weight"), 2 * both);
        check("encoder.blocks.1.attn.value.bias", &[s], false, &format!("{query}/bias"), 2 * s);
        let cross = "decoder/layer_0/attention/linear_1";
        check("decoder.blocks.0.cross_attn.value.weight", &[s, s], true, &format!("{cross}/weight"), both);
        check(
            "decoder.blocks.0.cross_attn_ln.bias",
            &[s],
            false,
            "decoder/layer_0/attention/layer_norm/beta",
            0,
        );
        check("decoder.blocks.1.mlp.0.weight", &[s, 4 * s], true, "decoder/layer_1/ffn/linear_0/weight", 0);
        check("decoder.blocks.1.mlp.2.weight", &[4 * s, s], true, "decoder/layer_1/ffn/linear_1/weight", 0);
        check("encoder.conv1.weight", &[3, 80, s], true, "encoder/conv1/weight", 0);
        check("encoder.conv2.bias", &[1, s], false, "encoder/conv2/bias", 0);
        check("encoder.positional_embedding", &[s, 6], false, "encoder/position_encodings/encodings", 0);
        check("decoder.token_embedding.weight", &[s, 5], true, "decoder/embeddings/weight", 0);
        check("encoder.ln_post.weight", &[s], false, "encoder/layer_norm/gamma", 0);
        check("decoder.ln.bias", &[s], false, "decoder/layer_norm/beta", 0);
        assert!(tensors.keys().all(|name| !name.ends_with("key.bias")));
    }

    #[test]
    fn full_and_half_precision_give_the_same_file() {
        let (_a, half) = converted(Element::F16);
        let (_b, full) = converted(Element::F32);
        assert!(fs::read(half).unwrap() == fs::read(full).unwrap());
    }

    #[test]
    fn quantised_weights_come_back_within_half_a_step() {
        for (element, step) in [(Element::I8, 1.0 / 127.0), (Element::I16, 1.0 / 1024.0)] {
            let (_dir, path) = converted(element);
            let (_, _, tensors) = read(&path);
            // Half a step of quantisation and half a step of f16 below 1.
            let tolerance = step / 2.0 + 1.0 / 4096.0;
            let embedding = &tensors["decoder.token_embedding.weight"];
            expect(embedding, "decoder/embeddings/weight", 0, tolerance);
            let key = &tensors["decoder.blocks.1.cross_attn.key.weight"];
            expect(key, "decoder/layer_1/attention/linear_1/weight", 0, tolerance);
            let conv = &tensors["encoder.conv1.weight"];
            expect(conv, "encoder/conv1/weight", 0, 0.0);
        }
    }

    #[test]
    fn halves_are_rounded_to_the_nearest_even() {
        let step = 1.0 / 1024.0;
        let mut bytes = Vec::new();
        let numbers = [1.0 + step / 2.0, 1.0 + step * 1.5, 1.0 + step * 0.51, 1e9];
        encode(&numbers, Precision::Half, &mut bytes);
        assert_eq!(bytes, [0x00, 0x3c, 0x02, 0x3c, 0x01, 0x3c, 0x00, 0x7c]);
    }

    #[test]
    fn progress_ends_at_the_total() {
        let dir = tempfile::tempdir().unwrap();
        synthetic::write_model(dir.path(), Element::F16);
        let mut last = None;
        convert(dir.path(), &dir.path().join("out"), &mut |step| last = Some(step)).unwrap();
        assert!(matches!(last, Some(Step::Converting { done, total }) if done == total));
    }

    #[test]
    fn a_model_that_does_not_fit_is_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        synthetic::write_model(dir.path(), Element::F32);
        let bin = synthetic::model_bin(Element::F32);
        let message = |bytes: &[u8]| {
            fs::write(dir.path().join("model.bin"), bytes).unwrap();
            convert(dir.path(), &dir.path().join("out"), &mut |_| ()).unwrap_err().to_string()
        };
        let find = |name: &str| {
            let at = bin.windows(name.len()).position(|w| w == name.as_bytes());
            at.unwrap() + name.len()
        };
        let mut renamed = bin.clone();
        renamed[find("encoder/conv2/weigh")] = b'_';
        let text = message(&renamed);
        assert!(text.contains("it has no encoder/conv2/weight"), "{text}");

        let mut biased = bin.clone();
        let bias = find("encoder/layer_0/self_attention/linear_0/bias") + 1 + 1 + 4 + 1 + 4;
        biased[bias + STATE as usize * 4 + 3] = 0x3f;
        let text = message(&biased);
        assert!(text.contains("gives the keys a bias"), "{text}");

        let mut heads = bin.clone();
        heads[find("encoder/num_heads") + 1 + 1 + 1 + 4] = 3;
        assert!(message(&heads).contains("encoder/num_heads is 3 for 8 units"));
    }

    #[test]
    fn no_cut_passes_for_a_model() {
        let dir = tempfile::tempdir().unwrap();
        synthetic::write_model(dir.path(), Element::I8);
        let bin = synthetic::model_bin(Element::I8);
        for length in (0..bin.len()).step_by(97).chain([bin.len() - 1]) {
            fs::write(dir.path().join("model.bin"), &bin[..length]).unwrap();
            let error = convert(dir.path(), &dir.path().join("out"), &mut |_| ()).unwrap_err();
            assert!(matches!(error, ModelError::Damaged { .. }), "{error}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(128))]
        #[test]
        fn damage_never_panics(
            flips in proptest::collection::vec((0_usize..1 << 16, 0_u8..8), 1..4),
            zeros in 0_usize..1 << 16,
        ) {
            let dir = tempfile::tempdir().unwrap();
            synthetic::write_model(dir.path(), Element::I8);
            let mut bin = synthetic::model_bin(Element::I8);
            for (at, bit) in flips {
                let at = at % bin.len();
                bin[at] ^= 1 << bit;
            }
            let at = zeros % (bin.len() - 4);
            bin[at..at + 4].fill(0);
            fs::write(dir.path().join("model.bin"), bin).unwrap();
            let _ = convert(dir.path(), &dir.path().join("out"), &mut |_| ());
        }
    }

    #[test]
    fn a_model_without_units_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        synthetic::write_model(dir.path(), Element::F16);
        let mut bin = ModelBin::new();
        for side in ["encoder", "decoder"] {
            let name = format!("{side}/position_encodings/encodings");
            bin.add(&name, &[6, 0], Element::F32, &[]);
            bin.add(&format!("{side}/layer_0/ffn/layer_norm/gamma"), &[0], Element::F32, &[]);
        }
        bin.add("decoder/embeddings/weight", &[5, 0], Element::F32, &[]);
        bin.add("encoder/conv1/weight", &[0, 80, 3], Element::F32, &[]);
        fs::write(dir.path().join("model.bin"), bin.finish(&[])).unwrap();
        let error = convert(dir.path(), &dir.path().join("out"), &mut |_| ()).unwrap_err();
        assert!(error.to_string().contains("no Whisper model"), "{error}");
    }
}
