//! The sound of a report: in the page, beside it, or not at all.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::adapters::pcm::Pcm;
use crate::cli;
use crate::report::page::{AudioPart, Sound};

/// `links` lead to the recordings: for a build that cannot pack sound, and for sound that cannot be packed.
#[cfg(feature = "opus")]
pub fn of(channels: &mut [Pcm], links: Vec<AudioPart>, choice: cli::Sound, out: &Path) -> Result<Sound> {
    use super::{output, progress};
    use crate::adapters::{files, opus};
    use crate::session::Millis;

    /// Longer sessions would make a page that takes seconds to open: 90 minutes are 22 MB of it.
    const LONGEST_INSIDE: Millis = Millis::seconds(90 * 60);
    const BESIDE: &str = "audio.ogg";

    let length = channels.iter().map(Pcm::duration).max().unwrap_or_default();
    if choice.no_audio || length == Millis::ZERO {
        return Ok(Sound::None);
    }
    let bar = progress::audio("Packing sound", length.0 as u64);
    // Packed, three hours are 32 MB.
    let mut packed = Vec::new();
    let done = opus::encode(channels, &mut packed, &mut |done| bar.set_position(done.0 as u64));
    bar.finish_and_clear();
    if let Err(error) = done {
        output::tell(&format!("{error}; the report plays the recordings themselves"));
        return Ok(Sound::Linked(links));
    }
    if !choice.audio_file && length <= LONGEST_INSIDE {
        return Ok(Sound::Embedded(packed));
    }
    files::write(&out.join(BESIDE), &packed)?;
    if !choice.audio_file {
        output::tell(&format!("The session is long: its sound is in {BESIDE}, beside the page"));
    }
    Ok(Sound::Linked(vec![AudioPart { src: BESIDE.into(), start: Millis::ZERO }]))
}

#[cfg(not(feature = "opus"))]
pub fn of(_: &mut [Pcm], links: Vec<AudioPart>, choice: cli::Sound, _: &Path) -> Result<Sound> {
    Ok(if choice.no_audio { Sound::None } else { Sound::Linked(links) })
}

/// Addresses of the recordings, relative to the report where there is a way.
pub fn links(audio: &[PathBuf], starts: &[crate::session::Millis], out: &Path) -> Vec<AudioPart> {
    let from = std::path::absolute(out).unwrap_or_else(|_| out.to_path_buf());
    let address = |path: &PathBuf| {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let way = pathdiff::diff_paths(&path, &from).unwrap_or(path);
        let parts: Vec<String> = way
            .iter()
            .map(|part| percent_encoding::utf8_percent_encode(&part.to_string_lossy(), PART).to_string())
            .collect();
        parts.join("/")
    };
    audio.iter().zip(starts).map(|(path, &start)| AudioPart { src: address(path), start }).collect()
}

/// What has a meaning of its own in an address.
const PART: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b':');
