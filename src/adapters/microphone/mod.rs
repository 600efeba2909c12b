//! Where sound comes from: a source that calls back, and the lock-free way from its callback to the recorder.

#[cfg(feature = "microphone")]
pub mod cpal;
pub mod keeper;

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rtrb::{Consumer, Producer, RingBuffer};
use thiserror::Error;

/// Sound that fits between callback and recorder: longer than any stall of the disk that we have seen.
const RING_SECONDS: usize = 10;
/// Callbacks that fit: at 5 ms each.
const RING_BLOCKS: usize = RING_SECONDS * 200;

#[derive(Clone, Debug, Error)]
pub enum SourceError {
    #[error("no microphone was found; plug one in, or see `thinkaloud devices`")]
    NoDevice,
    #[error("no input device is named {0:?}; see `thinkaloud devices`")]
    Unknown(String),
    #[error("this program may not use the microphone; allow it in the system's privacy settings")]
    NotAllowed,
    #[error("the microphone cannot be opened: {0}")]
    Refused(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// Frames a second.
    pub rate: u32,
    pub channels: u16,
}

/// Sound that came in one callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// When its first frame was captured, on the monotonic clock.
    pub capture_ns: i64,
    pub frames: u32,
}

/// The callback's end: never allocates, locks or waits.
pub struct Feed {
    samples: Producer<f32>,
    blocks: Producer<Block>,
    channels: usize,
    overrun: Arc<AtomicU64>,
}

impl Feed {
    /// Takes interleaved samples. What does not fit is counted, and its time shows as a gap.
    pub fn push(&mut self, capture_ns: i64, samples: impl ExactSizeIterator<Item = f32>) {
        let count = samples.len();
        let frames = (count / self.channels) as u32;
        if self.blocks.is_full() || self.samples.slots() < count {
            self.overrun.fetch_add(u64::from(frames), Ordering::Relaxed);
            return;
        }
        if let Ok(chunk) = self.samples.write_chunk_uninit(count) {
            chunk.fill_from_iter(samples);
        }
        let _ = self.blocks.push(Block { capture_ns, frames });
    }
}

/// Says once that the stream is dead, however often the source says so.
#[derive(Clone)]
pub struct Latch(Arc<AtomicBool>);

impl Latch {
    pub fn fail(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The recorder's end.
pub struct Intake {
    pub format: Format,
    samples: Consumer<f32>,
    blocks: Consumer<Block>,
    overrun: Arc<AtomicU64>,
    failed: Arc<AtomicBool>,
}

impl Intake {
    /// The next block; its interleaved samples replace what is in `into`.
    pub fn pop(&mut self, into: &mut Vec<f32>) -> Option<Block> {
        let block = self.blocks.pop().ok()?;
        into.resize(block.frames as usize * usize::from(self.format.channels), 0.0);
        // The samples were written before their block.
        let _ = self.samples.pop_entire_slice(into);
        Some(block)
    }

    /// Frames that did not fit since the last call.
    pub fn overrun(&self) -> u64 {
        self.overrun.swap(0, Ordering::Relaxed)
    }

    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }
}

/// Both ends of a way for sound of this format.
pub fn channel(format: Format) -> (Feed, Latch, Intake) {
    let channels = usize::from(format.channels.max(1));
    let (samples_in, samples_out) = RingBuffer::new(format.rate as usize * channels * RING_SECONDS);
    let (blocks_in, blocks_out) = RingBuffer::new(RING_BLOCKS);
    let overrun = Arc::new(AtomicU64::new(0));
    let failed = Arc::new(AtomicBool::new(false));
    (
        Feed { samples: samples_in, blocks: blocks_in, channels, overrun: overrun.clone() },
        Latch(failed.clone()),
        Intake { format, samples: samples_out, blocks: blocks_out, overrun, failed },
    )
}

/// A running stream; dropping it ends the stream.
pub type Stream = Box<dyn Any>;

/// Something that can be opened again and again.
pub trait AudioSource: Send {
    /// Opens the source and starts it.
    ///
    /// # Errors
    /// When there is no such device, or it does not open; opening again later may work.
    fn open(&mut self) -> Result<(Stream, Intake), SourceError>;

    /// The device that was opened last, for people.
    fn name(&self) -> String;

    /// Whether that device is still there. A sound server moves a stream to another device without a word.
    fn is_present(&mut self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_and_what_does_not_fit_is_counted() {
        let format = Format { rate: 1_000, channels: 2 };
        let (mut feed, latch, mut intake) = channel(format);
        feed.push(7, [0.1, 0.2, 0.3, 0.4].into_iter());
        feed.push(9, vec![0.0; 19_998].into_iter());
        let mut samples = Vec::new();
        assert_eq!(intake.pop(&mut samples), Some(Block { capture_ns: 7, frames: 2 }));
        assert_eq!(samples, [0.1, 0.2, 0.3, 0.4]);
        assert_eq!(intake.pop(&mut samples), None);
        assert_eq!(intake.overrun(), 9_999);
        assert_eq!(intake.overrun(), 0);
        assert!(!intake.has_failed());
        latch.fail();
        assert!(intake.has_failed());
    }
}
