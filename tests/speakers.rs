//! Speakers told apart on a made-up conversation of two real voices.

#[path = "../examples/speakers_eval/error_rate.rs"]
#[allow(dead_code)]
mod error_rate;
#[path = "../examples/speakers_eval/hearing.rs"]
mod hearing;
#[path = "../examples/speakers_eval/mixes.rs"]
#[allow(dead_code)]
mod mixes;

use std::path::PathBuf;

use error_rate::error_rate;
use mixes::{Mix, Person, Shape};
use thinkaloud::adapters::speakers::{Encoder, Voiceprints};
use thinkaloud::analysis::diarise::Diarised;
use thinkaloud::cmd::voices::separate;

/// Two men, so that the pitch alone does not give it away.
const FILES: [(&str, &str); 2] = [("kennedy", "jfk_16k_mono.wav"), ("lucier", "lucier.mp3")];

fn people() -> Option<Vec<Person>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = std::env::var_os("THINKALOUD_SHARED").map_or(root, PathBuf::from).join("audio/speech");
    if !folder.is_dir() {
        println!("skipped: there is no {} (set THINKALOUD_SHARED)", folder.display());
        return None;
    }
    let person = |(name, file): (&str, &str)| {
        let mut samples = hearing::samples(&folder.join(file)).unwrap();
        // 20 s of each are enough for a conversation, and quickly heard.
        samples.truncate(20 * 16_000);
        let (_, speech) = hearing::hear(&samples).unwrap();
        let at = |millis: i64| ((millis * 16) as usize).min(samples.len());
        let pieces = speech.iter().map(|span| samples[at(span.start.0)..at(span.end.0)].to_vec());
        Person { name: name.into(), pieces: pieces.collect() }
    };
    Some(FILES.map(person).into())
}

fn heard(mix: &Mix, voiceprints: &Voiceprints) -> (Diarised, f64) {
    let (mut pcm, speech) = hearing::hear(&mix.samples).unwrap();
    let found = separate(&mut pcm, &speech, 2, voiceprints).unwrap();
    let confusion = error_rate(&found.turns, &mix.reference, 0.25).confusion;
    (found, confusion)
}

#[test]
fn two_voices_are_told_apart_and_one_is_not_taken_for_two() {
    let Some(people) = people() else { return };
    let output =
        assert_cmd::Command::cargo_bin("thinkaloud").unwrap().args(["models", "path", "voices"]).output();
    let Some(path) = output.ok().filter(|output| output.status.success()) else {
        println!("skipped: the model is not here (run `thinkaloud models pull voices`)");
        return;
    };
    let path = String::from_utf8(path.stdout).unwrap();
    let voiceprints = Voiceprints::Encoder(Box::new(Encoder::load(path.trim().as_ref()).unwrap()));
    let (found, confusion) = heard(&Mix::of(&people[0], &people[1], Shape::Turns, 3), &voiceprints);
    assert!(confusion < 5.0, "{confusion} % of the speech is given to the wrong speaker");
    assert!(found.sure);
    let (alone, _) = heard(&Mix::alone(&people[1]), &voiceprints);
    assert!(!alone.sure, "{:?} {:?}", alone.apart, alone.likeness);
}

#[test]
fn without_a_model_it_is_better_than_chance_and_never_sure() {
    let Some(people) = people() else { return };
    let mix = Mix::of(&people[0], &people[1], Shape::Turns, 3);
    let (found, confusion) = heard(&mix, &Voiceprints::Cepstra);
    // Chance is near 50 %.
    assert!(confusion < 20.0, "{confusion} % of the speech is given to the wrong speaker");
    assert!(!found.sure && found.unsure_share() == 1.0);
    assert_eq!(heard(&mix, &Voiceprints::Cepstra).0, found, "the same audio gives the same turns");
}
