//! Speech to a transcript: from a file that is given, from the cache, or by the recogniser.

use std::path::Path;

use anyhow::Result;

use super::audio::Listened;
use crate::adapters::files;
use crate::cli::Recogniser;
use crate::config::{ConfigFile, Folders};
use crate::rubric::builtin;
use crate::rubric::favoured::Favoured;
use crate::session::{CodeHistory, Hearing, Transcript, turn};

/// A transcript that somebody else made.
pub fn read(path: &Path) -> Result<Transcript> {
    Transcript::read(&files::read_text(path)?).map_err(|why| anyhow::anyhow!("{}: {why}", path.display()))
}

/// A transcript that somebody else made, of this recording. Where it names nobody, who spoke is heard.
pub fn given(transcript: Transcript, hearing: &Hearing) -> Transcript {
    let mut transcript = Transcript { duration: hearing.duration, ..transcript };
    turn::attribute(&mut transcript.words, &hearing.turns);
    transcript
}

/// The words that are likely in a session about `problem` with this code.
pub fn likely(problem: Option<&str>, code: &CodeHistory) -> Result<Vec<String>> {
    Ok(Favoured::parse(&builtin::lexicon())?.words(problem.unwrap_or_default(), code))
}

/// Recognises, unless the file at `cache` holds just that already; writes it there otherwise. `words` are likely in it.
#[cfg(feature = "whisper")]
pub fn recognise(
    listened: &mut Listened,
    cache: &Path,
    words: &[String],
    arguments: &Recogniser,
    config: &ConfigFile,
    folders: &Folders,
) -> Result<Transcript> {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::hear::{hear, voices};
    use super::output::tell;
    use crate::adapters::journal::Journal;
    use crate::adapters::models;
    use crate::adapters::transcriber::TranscribeError;
    use crate::adapters::whisper::{Whisper, WhisperSettings};
    use crate::session::hash::sha256;

    let cached = cached(cache);
    if let Some(given) = cached.as_ref().filter(|cached| cached.key.is_empty()) {
        // Somebody's own work: it is used and never overwritten.
        tell(&format!("Using the words in {}; remove it to have them recognised", cache.display()));
        return Ok(self::given(given.clone(), &listened.hearing()));
    }
    let store = super::environment::models(folders);
    let (name, path) = choose(&store, arguments, config)?;
    let header = models::inspect(&path)?;
    let threads = arguments.threads.or(config.threads).map_or_else(default_threads, usize::from);
    let language = arguments.language.as_deref().or(config.language.as_deref());
    let timing =
        store.catalog().get(&name).and_then(|model| model.timing.as_deref()).or(header.published_name());
    let settings = WhisperSettings { path: &path, name: &name, language, timing, words, threads };
    let weights = models::sha256(&path, &mut |_| ())?;
    // Who is heard on which channel, and where, is part of what the words depend on.
    let spoken: Vec<_> = voices(&listened.turns)
        .into_iter()
        .map(|voice| (voice.speaker.name(), voice.channel, voice.speech))
        .collect();
    let key = sha256(format!("{} {weights} {} {spoken:?}", listened.hash(), settings.parameters()));
    if let Some(cached) = cached.filter(|cached| cached.key == key) {
        return Ok(cached);
    }
    // The first Ctrl-C ends it in good order, a second one at once.
    let stop = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register_conditional_default(signal_hook::consts::SIGINT, stop.clone())?;
    signal_hook::flag::register(signal_hook::consts::SIGINT, stop.clone())?;
    let mut journal = Journal::open(&cache.with_extension("partial"), &key);
    let heard = hear(&mut Whisper::load(&settings)?, listened, &mut journal, &stop);
    // From here on there is nothing to keep: Ctrl-C ends it at once.
    stop.store(true, Ordering::Relaxed);
    let heard = heard.map_err(|error| match error.downcast_ref() {
        Some(TranscribeError::Stopped) if journal.is_kept() => TranscribeError::StoppedAndKept.into(),
        _ => error,
    })?;
    let transcript = Transcript { key, ..heard };
    match files::write(cache, transcript.to_json().as_bytes()) {
        Ok(()) => journal.remove(),
        Err(error) => tell(&format!("The words are not kept for the next time: {error}")),
    }
    Ok(transcript)
}

#[cfg(not(feature = "whisper"))]
pub fn recognise(
    listened: &mut Listened,
    cache: &Path,
    _: &[String],
    _: &Recogniser,
    _: &ConfigFile,
    _: &Folders,
) -> Result<Transcript> {
    // Words that another build recognised are as good as any.
    let missing = || {
        super::failure::Missing(
            "this build has no speech recogniser; give the words with --transcript FILE, or build with `--features whisper`"
                .into(),
        )
    };
    Ok(given(cached(cache).ok_or_else(missing)?, &listened.hearing()))
}

fn cached(path: &Path) -> Option<Transcript> {
    Transcript::read(&files::read_text(path).ok()?).ok()
}

/// A model's name and file: a path where it looks like one, a name from the store else.
#[cfg(feature = "whisper")]
fn choose(
    store: &crate::adapters::models::Store,
    arguments: &Recogniser,
    config: &ConfigFile,
) -> Result<(String, std::path::PathBuf)> {
    use anyhow::Context as _;

    let name = |model: &crate::adapters::models::CatalogModel| model.name.clone();
    let usual = || store.catalog().default_model().map(name).context("the catalogue names no default model");
    if arguments.fast {
        let quick = store.quantised(&usual()?, &mut super::progress::model_steps())?;
        return Ok((quick.name, quick.path));
    }
    let wanted = if arguments.accurate {
        store.catalog().accurate_model().map(name).context("the catalogue names no accurate model")?
    } else {
        arguments.model.clone().or_else(|| config.model.clone()).map_or_else(usual, Ok)?
    };
    let path = Path::new(&wanted);
    if wanted.contains(['/', '\\']) || path.extension().is_some_and(|extension| extension == "bin") {
        let stem =
            path.file_stem().map_or_else(|| wanted.clone(), |stem| stem.to_string_lossy().into_owned());
        return Ok((stem.trim_start_matches("ggml-").to_owned(), path.to_path_buf()));
    }
    let path = store.resolve(&wanted)?;
    Ok((wanted, path))
}

#[cfg(feature = "whisper")]
fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(8))
}
