//! One track of a container: its packets to runs of samples.

use std::sync::LazyLock;

use symphonia::core::audio::Channels;
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_AAC, CODEC_ID_OPUS};
use symphonia::core::codecs::audio::{AudioCodecId, AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::formats::Track;
use symphonia::core::packet::Packet;
use symphonia::core::units::TimeBase;

use super::fold::Fold;
use super::quiet::guard;

static CODECS: LazyLock<CodecRegistry> = LazyLock::new(|| {
    let mut codecs = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut codecs);
    #[cfg(feature = "opus")]
    codecs.register_audio_decoder::<symphonia_adapter_libopus::OpusDecoder>();
    codecs
});

/// A duration below this part of what was decoded is meant; above it is the rounding of a coarse clock.
const SHORT_PACKET: (usize, usize) = (19, 20);

/// Opus counts its run-in at this rate, in Hz (RFC 7845).
const OPUS_RATE: usize = 48_000;

pub struct Stream {
    decoder: Box<dyn AudioDecoder>,
    pub id: u32,
    time_base: Option<TimeBase>,
    pub is_aac: bool,
    is_opus: bool,
    /// Frames (at 48 kHz) of the run-in of Opus that are still to be cut off.
    skip: usize,
    /// Whether the end of the sound is known to the sample; else a guess must not cut it.
    knows_end: bool,
    keeps_durations: bool,
    /// Packets that lie wholly behind the end.
    behind_end: usize,
    samples: Vec<f32>,
    fold: Fold,
    rate: u32,
    /// Of the last packet.
    run: Run,
}

/// What came of a packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// First frame, by the clock of the container, before anything was cut off its front.
    pub at: i64,
    /// Frames cut off the front.
    pub cut: usize,
    pub frames: usize,
}

/// What a packet is worth.
pub enum Heard {
    Run,
    /// It is damaged; so many frames are missing.
    Damaged(u64),
    /// The decoder will not go on.
    Over(String),
}

impl Stream {
    /// The error says what is not known.
    pub fn open(track: &Track) -> Result<Self, String> {
        let Some(CodecParameters::Audio(parameters)) = &track.codec_params else {
            return Err("its codec is not known".into());
        };
        // The decoder of Opus cuts a run-in off the first packet only, and reads that of MP4 the wrong way round.
        let mut parameters = parameters.clone();
        let skip = match &mut parameters.extra_data {
            Some(head) if parameters.codec == CODEC_ID_OPUS => take_pre_skip(head),
            _ => 0,
        };
        // Trimming is done here: a decoder would trust an estimated length and drop the end.
        let options = AudioDecoderOptions::default().gapless(false);
        let decoder = guard(|| CODECS.make_audio_decoder(&parameters, &options))
            .unwrap_or(Err(SymphoniaError::DecodeError("damaged parameters")))
            .map_err(|error| unsupported(parameters.codec, &error))?;
        Ok(Self {
            decoder,
            id: track.id,
            time_base: track.time_base,
            is_aac: parameters.codec == CODEC_ID_AAC,
            is_opus: parameters.codec == CODEC_ID_OPUS,
            skip,
            knows_end: track.padding.is_some() || track.delay.is_none(),
            keeps_durations: false,
            behind_end: 0,
            samples: Vec::new(),
            fold: Fold::Keep(1),
            rate: parameters.sample_rate.unwrap_or(0),
            run: Run::default(),
        })
    }

    /// An MPEG stream without a tag has an estimated length only.
    pub fn distrust_end(&mut self) {
        self.knows_end = false;
    }

    /// An edit list takes care of the run-in.
    pub fn keep_run_in(&mut self) {
        self.skip = 0;
    }

    /// In MP4 every packet has a duration, and the last one's tells where the sound ends.
    pub fn keep_durations(&mut self) {
        self.keeps_durations = true;
    }

    pub fn fold(&self) -> &Fold {
        &self.fold
    }

    /// In Hz; 0 when neither the header nor a packet told it yet.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Packets that lie wholly behind the end that the header tells: there is more than it says.
    pub fn behind_end(&self) -> usize {
        self.behind_end
    }

    pub fn run(&self) -> Run {
        self.run
    }

    /// The samples of the last packet, interleaved.
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// Ticks of the container in frames.
    pub fn frames(&self, ticks: i64) -> i64 {
        let Some(base) = self.time_base else { return ticks };
        let frames = i128::from(ticks) * i128::from(base.numer.get()) * i128::from(self.rate)
            / i128::from(base.denom.get());
        i64::try_from(frames).unwrap_or(i64::MAX)
    }

    /// Decodes a packet of this track.
    pub fn hear(&mut self, packet: &Packet) -> Heard {
        let Self { decoder, samples, .. } = self;
        let decoded = guard(|| {
            let buffer = decoder.decode(packet)?;
            samples.clear();
            buffer.copy_to_vec_interleaved(samples);
            let channels = buffer.spec().channels();
            let mask = match channels {
                Channels::Positioned(position) => u32::try_from(position.bits()).ok(),
                _ => None,
            };
            Ok((buffer.spec().rate(), Fold::of(channels.count(), mask), channels.count()))
        });
        let wanted = self.frames(i64::try_from(packet.dur.get()).unwrap_or(0)).clamp(0, i64::from(self.rate));
        match decoded {
            Some(Ok((rate, fold, channels))) => {
                (self.rate, self.fold) = (rate, fold);
                self.trim(packet, channels.max(1));
                Heard::Run
            }
            None | Some(Err(SymphoniaError::DecodeError(_) | SymphoniaError::IoError(_))) => {
                Heard::Damaged(wanted as u64)
            }
            Some(Err(SymphoniaError::ResetRequired)) => Heard::Damaged(wanted as u64),
            Some(Err(error)) => Heard::Over(error.to_string()),
        }
    }

    fn trim(&mut self, packet: &Packet, channels: usize) {
        let frames = self.samples.len() / channels;
        let at = self.frames(packet.pts.get());
        let ticks = |ticks: u64| i64::try_from(ticks).unwrap_or(0);
        let (mut start, mut end) = if self.is_opus {
            (0, 0)
        } else {
            (
                self.frames(ticks(packet.trim_start.get())).max(0) as usize,
                self.frames(ticks(packet.trim_end.get())).max(0) as usize,
            )
        };
        if end >= frames && end > 0 {
            self.behind_end += 1;
        }
        // One packet of padding may lie behind the end; more is sound.
        if !self.knows_end || self.behind_end > 1 {
            end = 0;
        }
        let whole = self.frames(ticks(packet.block_dur().get())).max(0) as usize;
        if self.keeps_durations && whole < frames * SHORT_PACKET.0 / SHORT_PACKET.1 {
            end = frames - whole;
        }
        let run_in = (self.skip * self.rate as usize / OPUS_RATE).min(frames);
        self.skip -= (run_in * OPUS_RATE / self.rate.max(1) as usize).min(self.skip);
        start = (start + run_in).min(frames);
        end = end.min(frames - start);
        self.samples.truncate((frames - end) * channels);
        self.samples.drain(..start * channels);
        self.run = Run { at, cut: start, frames: frames - start - end };
    }
}

/// Takes the run-in out of the header of Opus; 0 when there is none.
///
/// MP4 writes the header (with version 0) with the high byte first, all others (version 1) last.
fn take_pre_skip(head: &mut [u8]) -> usize {
    let Some([b'O', b'p', b'u', b's', b'H', b'e', b'a', b'd', version, _, first, second]) =
        head.first_chunk_mut::<12>()
    else {
        return 0;
    };
    let bytes = [std::mem::take(first), std::mem::take(second)];
    usize::from(if *version == 0 { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
}

fn unsupported(codec: AudioCodecId, error: &SymphoniaError) -> String {
    match codec {
        CODEC_ID_AAC => {
            "it is HE-AAC, or AAC of more than two channels, for which there is no decoder here".into()
        }
        CODEC_ID_OPUS if !cfg!(feature = "opus") => "this build has no Opus decoder".into(),
        CODEC_ID_OPUS => "it is Opus of more than two channels, for which there is no decoder here".into(),
        _ => error.to_string(),
    }
}

/// What a person can tell a track by.
pub fn describe(number: usize, track: &Track) -> String {
    let Some(CodecParameters::Audio(audio)) = &track.codec_params else {
        return format!("{number}: unknown sound");
    };
    let mut words = vec![match CODECS.get_audio_decoder(audio.codec) {
        Some(decoder) => decoder.codec.info.long_name.to_owned(),
        None => "a codec that is not known".into(),
    }];
    words.extend(audio.sample_rate.map(|rate| format!("{rate} Hz")));
    words.extend(audio.channels.as_ref().map(|channels| match channels.count() {
        1 => "mono".into(),
        2 => "stereo".into(),
        count => format!("{count} channels"),
    }));
    words.extend(track.language.clone().filter(|language| language != "und"));
    format!("{number}: {}", words.join(", "))
}
