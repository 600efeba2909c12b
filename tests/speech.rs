//! Speech and silence on mixtures of real speech, keys and rain, whose truth is known.

#[path = "../examples/vad_eval/material.rs"]
#[allow(dead_code)]
mod material;
#[path = "../examples/vad_eval/mixture.rs"]
#[allow(dead_code)]
mod mixture;
#[path = "../examples/vad_eval/tally.rs"]
#[allow(dead_code)]
mod tally;
#[path = "../examples/vad_eval/truth.rs"]
#[allow(dead_code)]
mod truth;

use std::path::PathBuf;

use material::{Half, Material, SECOND};
use mixture::{Noise, mix};
use tally::Tally;
use thinkaloud::adapters::vad::Live;
use thinkaloud::session::{Millis, Span};

#[test]
fn long_silences_are_found_under_typing_and_on_quiet_microphones() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("THINKALOUD_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let folder = shared.join("audio");
    if !folder.join("speech").is_dir() {
        println!("skipped: there is no {} (set THINKALOUD_SHARED)", folder.display());
        return;
    }
    let material = Material::read(&folder, Half::Report).unwrap();
    let millis = |samples: usize| Millis((samples * 1000 / SECOND) as i64);
    for (noise, snr, level, least) in [(Noise::Typing, 10.0, -50.0, 0.85), (Noise::None, 0.0, -20.0, 0.93)] {
        let mixture = mix(&material, Half::Report, noise, snr, level, 1);
        let truth: Vec<Span> =
            mixture.islands.iter().map(|&(from, to)| Span::new(millis(from), millis(to))).collect();
        let (_, found) = material::hearing::hear(&mixture.samples).unwrap();
        let mut tally = Tally::default();
        tally.add(&truth, &found, millis(mixture.samples.len()));
        let said =
            format!("{noise:?}: F1 {:.3}, edges {} and {} ms", tally.f1(), tally.edge(0.5), tally.edge(0.95));
        assert!(tally.gaps >= 3 && tally.missed == 0 && tally.invented == 0, "{said}");
        assert!(tally.f1() >= least && tally.edge(0.5) <= 120, "{said}");

        // Live it is heard too, and nothing in the longest silence.
        let mut live = Live::default();
        let times: Vec<Millis> = mixture
            .samples
            .chunks(SECOND / 10)
            .enumerate()
            .filter(|(_, block)| live.hears(block))
            .map(|(index, _)| Millis(index as i64 * 100))
            .collect();
        let edges = [Millis::ZERO].into_iter().chain(truth.iter().map(|span| span.end));
        let starts = truth.iter().map(|span| span.start);
        let (from, to) = edges.zip(starts).max_by_key(|(from, to)| to.0 - from.0).unwrap();
        // A moment of a tenth and the length of speech lie between the sound and the answer.
        assert!(!times.iter().any(|at| (from.0 + 1_000..to.0).contains(&at.0)), "{noise:?}: {times:?}");
        let heard = truth
            .iter()
            .filter(|span| times.iter().any(|at| (span.start.0..span.end.0 + 500).contains(&at.0)));
        assert!(heard.count() * 10 >= truth.len() * 8, "{noise:?}");
    }
}
