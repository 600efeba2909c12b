//! How well speakers are told apart: `cargo run --release --example speakers_eval -- DIR [MODEL] [VOICES]`
//!
//! DIR has `conversation/*.wav` with turns in `refs/*.rttm`, and `speech/`, of which conversations with known
//! turns are made. MODEL is the speaker encoder's file (`thinkaloud models path voices`) or `-` for the method without
//! one. VOICES is a folder with more voices, as `SPEAKER_NUMBER.wav`. Speech is found by the program's own
//! detector; the diarisation error rate is missed + false alarm (the detector's part) + confusion (the
//! part that is judged here), of the reference's speech, with and without 0.25 s around each of its borders.

mod error_rate;

mod hearing;

mod mixes;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, bail};
use error_rate::{Reference, error_rate};
use hearing::{hear, samples};
use mixes::{Mix, Person, Shape};
use thinkaloud::adapters::speakers::{Encoder, Voiceprints};
use thinkaloud::cmd::voices::separate;

/// Recordings of one person, of the public test files.
const PEOPLE: [(&str, &[&str]); 8] = [
    ("kennedy (m)", &["jfk_16k_mono.wav"]),
    ("austen reader (f)", &["librivox_sense_0870.wav", "librivox_sense_0890.wav", "librivox_sense_0920.wav"]),
    ("lj (f)", &["LJ050-0131.wav"]),
    ("lucier (m)", &["lucier.mp3"]),
    ("speechbrain 1", &["speechbrain_spk1_snt1.wav", "speechbrain_spk1_snt2.wav"]),
    ("vosk (m)", &["vosk_test_numbers.wav"]),
    ("cards (m)", &["cards_005.wav"]),
    ("silero (f)", &["silero_test_60s.wav"]),
];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(folder) = arguments.first().map(PathBuf::from) else {
        bail!("give the folder with conversation/, refs/ and speech/");
    };
    let voiceprints = match arguments.get(1).map(String::as_str) {
        None | Some("-") => Voiceprints::Cepstra,
        Some(path) => Voiceprints::Encoder(Box::new(Encoder::load(Path::new(path))?)),
    };
    println!("{:<44} missed  false   conf    DER | collar: conf    DER | sure apart alike  x real", "");
    meetings(&folder, &voiceprints)?;
    let mut people = Vec::new();
    for (name, files) in PEOPLE {
        let paths: Vec<PathBuf> = files.iter().map(|file| folder.join("speech").join(file)).collect();
        if paths.iter().all(|path| path.is_file()) {
            people.push(person(name, &paths)?);
        }
    }
    if people.len() > 1 {
        made_up(&people, &voiceprints)?;
    }
    if let Some(more) = arguments.get(2) {
        let mut files: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        for entry in std::fs::read_dir(more)? {
            let path = entry?.path();
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            files
                .entry(stem.rsplit_once('_').map_or(stem.clone(), |(name, _)| name.into()))
                .or_default()
                .push(path);
        }
        let people = files
            .into_iter()
            .map(|(name, mut paths)| {
                paths.sort();
                person(&name, &paths)
            })
            .collect::<Result<Vec<_>>>()?;
        made_up(&people, &voiceprints)?;
    }
    Ok(())
}

fn meetings(folder: &Path, voiceprints: &Voiceprints) -> Result<()> {
    let references = error_rate::read_all(&folder.join("refs"))?;
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder.join("conversation"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    let mut sums = Sums::default();
    for path in files {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let Some(reference) = references.get(name.rsplit('_').next().unwrap_or_default()) else { continue };
        sums.add(judge(&name, &samples(&path)?, reference, voiceprints)?);
    }
    sums.print("all meetings");
    Ok(())
}

fn made_up(people: &[Person], voiceprints: &Voiceprints) -> Result<()> {
    for shape in Shape::ALL {
        let mut sums = Sums::default();
        let mut seed = 1;
        for (index, first) in people.iter().enumerate() {
            // Each with the next two: enough pairs, and no voice more often than another.
            for step in 1..=2.min(people.len() - 1) {
                let second = &people[(index + step) % people.len()];
                seed += 1;
                let mix = Mix::of(first, second, shape, seed);
                let name = format!("{}: {} / {}", shape.name(), first.name, second.name);
                sums.add(judge(&name, &mix.samples, &mix.reference, voiceprints)?);
            }
        }
        sums.print(&format!("all {}", shape.name()));
    }
    let (mut wrongly_sure, mut alone) = (0, 0);
    for person in people {
        let mix = Mix::alone(person);
        let judged = judge(&format!("alone: {}", person.name), &mix.samples, &mix.reference, voiceprints)?;
        alone += 1;
        wrongly_sure += usize::from(judged.sure);
    }
    println!("alone, but surely two: {wrongly_sure} of {alone}\n");
    Ok(())
}

struct Judged {
    plain: error_rate::Rates,
    collar: error_rate::Rates,
    sure: bool,
}

fn judge(name: &str, samples: &[f32], reference: &Reference, voiceprints: &Voiceprints) -> Result<Judged> {
    let (mut pcm, speech) = hear(samples)?;
    let count = reference.speakers().clamp(2, 4);
    let begun = Instant::now();
    let found = separate(&mut pcm, &speech, count, voiceprints)?;
    let speed = pcm.duration().as_seconds() / begun.elapsed().as_secs_f64();
    let plain = error_rate(&found.turns, reference, 0.0);
    let collar = error_rate(&found.turns, reference, 0.25);
    println!(
        "{name:<44} {:>6.1} {:>6.1} {:>6.1} {:>6.1} |       {:>6.1} {:>6.1} | {:<4} {:>5.2} {:>5.2} {speed:>6.0}  unsure {:.2}",
        plain.missed,
        plain.false_alarm,
        plain.confusion,
        plain.total(),
        collar.confusion,
        collar.total(),
        if found.sure { "yes" } else { "no" },
        found.apart.unwrap_or(f32::NAN),
        found.likeness.unwrap_or(f32::NAN),
        found.unsure_share(),
    );
    Ok(Judged { plain, collar, sure: found.sure })
}

#[derive(Default)]
struct Sums {
    judged: Vec<Judged>,
}

impl Sums {
    fn add(&mut self, judged: Judged) {
        self.judged.push(judged);
    }

    fn print(&self, name: &str) {
        let mean = |of: &dyn Fn(&Judged) -> f64| {
            self.judged.iter().map(of).sum::<f64>() / self.judged.len().max(1) as f64
        };
        let sure: Vec<&Judged> = self.judged.iter().filter(|judged| judged.sure).collect();
        let worst = sure.iter().map(|judged| judged.plain.confusion).fold(0.0, f64::max);
        println!(
            "{name:<44} {:>6.1} {:>6.1} {:>6.1} {:>6.1} |       {:>6.1} {:>6.1} | sure {} of {}; worst confusion of those {worst:.1}\n",
            mean(&|judged| judged.plain.missed),
            mean(&|judged| judged.plain.false_alarm),
            mean(&|judged| judged.plain.confusion),
            mean(&|judged| judged.plain.total()),
            mean(&|judged| judged.collar.confusion),
            mean(&|judged| judged.collar.total()),
            sure.len(),
            self.judged.len(),
        );
    }
}

fn person(name: &str, paths: &[PathBuf]) -> Result<Person> {
    let mut pieces = Vec::new();
    for path in paths {
        let samples = samples(path)?;
        let (_, speech) = hear(&samples)?;
        let at = |millis: i64| (millis * 16) as usize;
        pieces.extend(
            speech.iter().map(|span| samples[at(span.start.0)..at(span.end.0).min(samples.len())].to_vec()),
        );
    }
    Ok(Person { name: name.into(), pieces })
}
