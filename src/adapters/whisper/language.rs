//! Which language is spoken: the model's guess in several places, taken together.

use whisper_rs::{WhisperContext, get_lang_str};

use super::windows::Window;
use crate::adapters::pcm::Pcm;
use crate::adapters::transcriber::{Detected, TranscribeError};
use crate::session::Millis;

/// So many places at most; each costs as much as the window that it is in.
const PLACES: usize = 5;

/// `None` without windows.
pub fn detect(
    context: &WhisperContext,
    audio: &mut Pcm,
    windows: &[Window],
    threads: usize,
) -> Result<Option<Detected>, TranscribeError> {
    let failed = |at: Millis| {
        move |error: whisper_rs::WhisperError| TranscribeError::Recogniser { at, why: error.to_string() }
    };
    let mut sums: Vec<f32> = Vec::new();
    let places = spread(windows.len());
    if places.is_empty() {
        return Ok(None);
    }
    let mut state = context.create_state().map_err(failed(Millis::ZERO))?;
    for &place in &places {
        let window = &windows[place];
        let samples = window.samples(audio)?;
        state.pcm_to_mel(&samples, threads).map_err(failed(window.start()))?;
        let (_, shares) = state.lang_detect(0, threads).map_err(failed(window.start()))?;
        sums.resize(sums.len().max(shares.len()), 0.0);
        sums.iter_mut().zip(&shares).for_each(|(sum, share)| *sum += share);
    }
    let best = (0..sums.len()).max_by(|&a, &b| sums[a].total_cmp(&sums[b]));
    Ok(best.and_then(|best| {
        let language = get_lang_str(best as i32)?.to_owned();
        Some(Detected { language, confidence: sums[best] / places.len() as f32 })
    }))
}

/// Places spread evenly over `count`, the middle ones of equal parts.
fn spread(count: usize) -> Vec<usize> {
    let places = count.min(PLACES);
    (0..places).map(|place| (2 * place + 1) * count / (2 * places)).collect()
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn places_are_spread_over_the_recording() {
        assert_eq!(spread(0), [0; 0]);
        assert_eq!(spread(1), [0]);
        assert_eq!(spread(3), [0, 1, 2]);
        assert_eq!(spread(100), [10, 30, 50, 70, 90]);
    }
}
