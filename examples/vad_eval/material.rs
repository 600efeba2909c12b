//! What the mixtures are made of: clean speech with its true islands, single key strokes, noises.

use std::error::Error;
use std::path::Path;

use thinkaloud::adapters::pcm::RATE;

#[path = "../speakers_eval/hearing.rs"]
#[allow(dead_code)] // The test hears with it; the example takes the time of it.
pub mod hearing;

use self::hearing::samples;
use crate::truth;

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Samples a second, as an index.
pub const SECOND: usize = RATE as usize;

/// Which half of the material: settings are chosen on one, results are printed for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    Tune,
    Report,
}

/// Split by speaker, so that no voice is in both halves. `jfk` is there three times and taken once.
const TUNE: [&str; 7] = [
    "jfk_16k_mono.wav",
    "silero_test_60s.wav",
    "librivox_sense_0870.wav",
    "librivox_sense_0890.wav",
    "librivox_sense_0920.wav",
    "vosk_test_numbers.wav",
    "sr_english_123.wav",
];
const REPORT: [&str; 8] = [
    "lucier.mp3",
    "LJ050-0131.wav",
    "cards_005.wav",
    "speechbrain_spk1_snt1.wav",
    "speechbrain_spk1_snt2.wav",
    "speechbrain_vad_valid.wav",
    "librispeech_2830-3980-0043.wav",
    "fw_hotwords.mp3",
];
/// Longest piece of speech laid in one go; longer recordings are cut in their pauses.
const PIECE: usize = 8 * SECOND;

/// A stretch of clean speech that begins and ends with speech.
pub struct Piece {
    pub samples: Vec<f32>,
    /// Islands of speech in it, in samples, in order.
    pub islands: Vec<(usize, usize)>,
}

pub struct Material {
    pub speech: Vec<Piece>,
    pub strokes: Vec<Vec<f32>>,
    pub rain: Vec<f32>,
    pub chatter: Vec<f32>,
}

impl Material {
    /// `folder`: the shared audio folder.
    pub fn read(folder: &Path, half: Half) -> Result<Self> {
        let (names, keys): (&[&str], _) = match half {
            Half::Tune => (&TUNE, "blue"),
            Half::Report => (&REPORT, "brown"),
        };
        let mut speech = Vec::new();
        for name in names {
            speech.extend(pieces(&samples(&folder.join("speech").join(name))?));
        }
        let noise = |name: &str| -> Result<Vec<f32>> {
            let all = samples(&folder.join("noise").join(name))?;
            let (first, second) = all.split_at(all.len() / 2);
            Ok(if half == Half::Tune { first } else { second }.to_vec())
        };
        Ok(Self {
            speech,
            strokes: strokes(folder, keys)?,
            rain: noise("rain.mp3")?,
            chatter: noise("chatter.mp3")?,
        })
    }
}

/// Cut at pauses into pieces of at most [`PIECE`] where pauses allow; the silence around them is left out.
fn pieces(samples: &[f32]) -> Vec<Piece> {
    let islands = truth::islands(samples);
    let mut groups: Vec<Vec<(usize, usize)>> = Vec::new();
    for island in islands {
        match groups.last_mut() {
            Some(group) if island.1 - group[0].0 <= PIECE => group.push(island),
            _ => groups.push(vec![island]),
        }
    }
    groups
        .into_iter()
        .map(|group| {
            let (from, to) = (group[0].0, group[group.len() - 1].1);
            Piece {
                samples: samples[from..to].to_vec(),
                islands: group.iter().map(|island| (island.0 - from, island.1 - from)).collect(),
            }
        })
        .collect()
}

/// Each stroke that the key map of a recorded keyboard names: start and length in milliseconds.
fn strokes(folder: &Path, keys: &str) -> Result<Vec<Vec<f32>>> {
    let map = std::fs::read_to_string(folder.join(format!("refs/cherrymx-{keys}-pbt.config.json")))?;
    let map: serde_json::Value = serde_json::from_str(&map)?;
    let all = samples(&folder.join(format!("keyboard/mechvibes_cherrymx-{keys}-pbt.ogg")))?;
    let places = map["defines"].as_object().ok_or("the key map has no \"defines\"")?;
    let mut spans: Vec<(usize, usize)> = places
        .values()
        .filter_map(|place| {
            let at = |index: usize| place[index].as_u64().map(|ms| ms as usize * SECOND / 1000);
            Some((at(0)?, at(0)? + at(1)?))
        })
        .filter(|&(_, end)| end <= all.len())
        .collect();
    spans.sort_unstable();
    spans.dedup();
    Ok(spans.into_iter().map(|(from, to)| all[from..to].to_vec()).collect())
}
