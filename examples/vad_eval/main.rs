//! How well speech and silence are told apart, on mixtures whose truth is known.
//!
//! `cargo run --release --example vad_eval -- DIR [--tune] [--silero MODEL]`
//!
//! DIR has `speech`, `keyboard`, `noise` and `refs`. Settings were chosen on the half that `--tune` prints; without
//! it the other voices, keyboard and parts of noises are used. MODEL is a Silero model for whisper.cpp (feature
//! `whisper`), to be measured on the same audio.

mod material;
mod mixture;
#[cfg(feature = "whisper")]
mod silero;
mod tally;
mod truth;

use std::path::PathBuf;
use std::time::Duration;

use material::{Half, Material, Result, SECOND};
use mixture::{Mixture, Noise, mix, nobody};
use tally::Tally;
use thinkaloud::adapters::pcm::PcmWriter;
use thinkaloud::cmd::audio;
use thinkaloud::session::time::total;
use thinkaloud::session::{Millis, Span};

const SNRS: [f32; 4] = [20.0, 10.0, 5.0, 0.0];
/// Of the speech, dBFS; the last is held under clipping, at a peak of -3 dBFS.
const LEVELS: [f32; 4] = [-50.0, -35.0, -20.0, -3.0];

type Detector<'a> = Box<dyn FnMut(&[f32]) -> Result<(Vec<Span>, Duration)> + 'a>;

struct Contestant<'a> {
    name: &'static str,
    detect: Detector<'a>,
    busy: Duration,
    heard: usize,
    rows: Vec<Tally>,
    levels: Vec<Tally>,
}

impl<'a> Contestant<'a> {
    fn new(name: &'static str, detect: Detector<'a>) -> Self {
        Self {
            name,
            detect,
            busy: Duration::ZERO,
            heard: 0,
            rows: Vec::new(),
            levels: vec![Tally::default(); LEVELS.len()],
        }
    }

    fn run(&mut self, samples: &[f32]) -> Result<Vec<Span>> {
        let (found, busy) = (self.detect)(samples)?;
        self.busy += busy;
        self.heard += samples.len();
        Ok(found)
    }
}

/// Time of the processor that this thread had: others on the machine do not count.
fn busy() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: it writes into `time` alone.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn millis(samples: usize) -> Millis {
    Millis((samples * 1000 / SECOND) as i64)
}

/// As `thinkaloud silence` does it, from the working copy on.
fn ours(samples: &[f32]) -> Result<(Vec<Span>, Duration)> {
    let mut pcm = PcmWriter::create()?;
    pcm.push(samples)?;
    let mut pcm = pcm.finish()?;
    let start = busy();
    let found = audio::speech(&mut pcm)?;
    Ok((found, busy() - start))
}

/// What this program did before: scores of 16 ms, region from 0.7 on while at or above 0.6.
fn earshot(samples: &[f32]) -> Result<(Vec<Span>, Duration)> {
    let start = busy();
    let mut detector = earshot::Detector::default();
    let scores = samples.chunks_exact(256).map(|frame| detector.predict_f32(frame));
    let mut raw: Vec<Span> = Vec::new();
    let mut open = false;
    for (index, score) in scores.enumerate() {
        let at = |index: usize| Millis(index as i64 * 16);
        open = score >= if open { 0.6 } else { 0.7 };
        match raw.last_mut() {
            Some(last) if open && at(index) - last.end < Millis(200) => last.end = at(index + 1),
            _ if open => raw.push(Span::new(at(index), at(index + 1))),
            _ => {}
        }
    }
    raw.retain(|span| span.length() >= Millis(130));
    Ok((raw, busy() - start))
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("which folder? (the shared audio folder)")?);
    let (mut half, mut model) = (Half::Report, None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--tune" => half = Half::Tune,
            "--silero" => model = Some(PathBuf::from(arguments.next().ok_or("--silero MODEL")?)),
            other => return Err(format!("{other} is not known").into()),
        }
    }
    let material = Material::read(&folder, half)?;
    println!(
        "{half:?} half: {} pieces, {:.0} s of speech, {} strokes",
        material.speech.len(),
        material.speech.iter().flat_map(|p| &p.islands).map(|i| (i.1 - i.0) as f64).sum::<f64>()
            / SECOND as f64,
        material.strokes.len()
    );
    let mut contestants =
        vec![Contestant::new("thinkaloud", Box::new(ours)), Contestant::new("earshot", Box::new(earshot))];
    #[cfg(feature = "whisper")]
    if let Some(model) = &model {
        let mut silero = silero::WhisperCpp::load(model)?;
        contestants.push(Contestant::new(
            "whisper.cpp",
            Box::new(move |samples| {
                let start = busy();
                Ok((silero.speech(samples)?, busy() - start))
            }),
        ));
    }
    #[cfg(not(feature = "whisper"))]
    if model.is_some() {
        return Err("--silero needs the feature whisper".into());
    }
    let mut conditions = vec![(Noise::None, f32::INFINITY)];
    conditions.extend(Noise::ALL.iter().flat_map(|&noise| SNRS.map(|snr| (noise, snr))));
    println!(
        "{:14} {:>11} {:>6} {:>6} {:>6} {:>7} {:>6}  {:>4} {:>6} {:>8}",
        "condition", "detector", "prec", "recall", "F1", "edge ms", "p95", "gaps", "missed", "invented"
    );
    for (noise, snr) in conditions {
        let mut tallies = vec![Tally::default(); contestants.len()];
        for (index, &level) in LEVELS.iter().enumerate() {
            let Mixture { samples, islands } = mix(&material, half, noise, snr, level, 1 + index as u64);
            let truth: Vec<Span> =
                islands.iter().map(|&(from, to)| Span::new(millis(from), millis(to))).collect();
            for (contestant, tally) in contestants.iter_mut().zip(&mut tallies) {
                let found = contestant.run(&samples)?;
                let mut one = Tally::default();
                one.add(&truth, &found, millis(samples.len()));
                tally.join(&one);
                contestant.levels[index].join(&one);
            }
        }
        for (contestant, tally) in contestants.iter_mut().zip(tallies) {
            let name = if noise == Noise::None { "clean".to_owned() } else { format!("{noise:?} {snr} dB") };
            print_row(&name, contestant.name, &tally);
            contestant.rows.push(tally);
        }
    }
    for contestant in &contestants {
        for (level, tally) in LEVELS.iter().zip(&contestant.levels) {
            print_row(&format!("level {level}"), contestant.name, tally);
        }
    }
    println!("share of a minute taken for speech with nobody there, at -50, -35, -20 dBFS:");
    let levels = [-50.0, -35.0, -20.0].map(|level| nobody(&material, level));
    for index in 0..levels[0].len() {
        print!("{:14}", levels[0][index].0);
        for contestant in &mut contestants {
            print!("  {}", contestant.name);
            for level in &levels {
                let found = contestant.run(&level[index].1)?;
                print!(" {:5.1} %", total(found).as_seconds() / 0.6);
            }
        }
        println!();
    }
    for contestant in &contestants {
        let seconds = contestant.heard as f64 / SECOND as f64;
        println!(
            "{}: {:.0} times real time on one core",
            contestant.name,
            seconds / contestant.busy.as_secs_f64()
        );
    }
    Ok(())
}

fn print_row(name: &str, detector: &str, tally: &Tally) {
    println!(
        "{name:14} {detector:>11} {:6.3} {:6.3} {:6.3} {:7} {:6}  {:4} {:6} {:8}",
        tally.precision(),
        tally.recall(),
        tally.f1(),
        tally.edge(0.5),
        tally.edge(0.95),
        tally.gaps,
        tally.missed,
        tally.invented
    );
}
