//! Silero through whisper.cpp, one thread, as it comes: threshold 0.5, silence 100 ms, speech 250 ms, pad 30 ms.

use std::path::Path;

use thinkaloud::session::{Millis, Span};
use whisper_rs::{WhisperVadContext, WhisperVadContextParams, WhisperVadParams};

use crate::material::Result;

pub struct WhisperCpp(WhisperVadContext);

impl WhisperCpp {
    pub fn load(model: &Path) -> Result<Self> {
        whisper_rs::install_logging_hooks();
        let mut params = WhisperVadContextParams::new();
        params.set_n_threads(1);
        let model = model.to_str().ok_or("the path of the model is no text")?;
        Ok(Self(WhisperVadContext::new(model, params)?))
    }

    pub fn speech(&mut self, samples: &[f32]) -> Result<Vec<Span>> {
        let segments = self.0.segments_from_samples(WhisperVadParams::new(), samples)?;
        // whisper.cpp counts in hundredths of a second.
        let at = |hundredths: f32| Millis((hundredths * 10.0) as i64);
        Ok(segments.into_iter().map(|segment| Span::new(at(segment.start), at(segment.end))).collect())
    }
}
