//! Who speaks on which channel.

use std::io;

use super::audio::{Heard, speech};
use crate::adapters::pcm::{Pcm, PcmWriter};
use crate::analysis::channels::{Bleed, Comparison, Layout, Side, Source, layout};
use crate::cli::{CandidateSide, Who};
use crate::session::time::total;
use crate::session::{Manifest, Role, Span, Turn};

/// What is known of the speakers before anything is heard.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// How many people share a single channel.
    pub count: usize,
    /// The candidate's side as somebody said who was there.
    asked: Option<Side>,
    /// The candidate's side as the recorder noted it: there are two people, if the channels do not say otherwise.
    recorded: Option<Side>,
}

impl Expected {
    /// From the flags, and from the session's speakers when it is one.
    pub fn new(who: Who, manifest: Option<&Manifest>) -> Self {
        let asked = match who.candidate {
            CandidateSide::Left => Some(Side::Left),
            CandidateSide::Right => Some(Side::Right),
            CandidateSide::Auto => None,
        };
        Self { count: usize::from(who.speakers), asked, recorded: manifest.and_then(recorded) }
    }

    fn side(self) -> Option<Side> {
        self.asked.or(self.recorded)
    }
}

/// The candidate's side in a manifest that has one person on each.
fn recorded(manifest: &Manifest) -> Option<Side> {
    let channel = |role| manifest.speakers.iter().find(|speaker| speaker.role == role).map(|s| s.channel);
    match (channel(Role::Candidate)?, channel(Role::Interviewer)?) {
        (0, 1) => Some(Side::Left),
        (1, 0) => Some(Side::Right),
        _ => None,
    }
}

/// The channels that are used, and the turns heard on them.
pub fn tell_apart(
    heard: Heard,
    expected: Expected,
    notes: &mut Vec<String>,
) -> io::Result<(Vec<Pcm>, Vec<Turn>)> {
    let Heard { first, second } = heard;
    let Some((second, compared)) = second else {
        if expected.asked.is_some() {
            notes.push("--candidate is of no use here: the recording has one channel".into());
        } else if expected.recorded.is_some() {
            notes.push(
                "session.json has two speakers, the audio one channel: all speech is taken for the candidate's"
                    .into(),
            );
        }
        return alone(first, None);
    };
    let mut channels = [first, second];
    let (found, speeches) = match Layout::at_once(&compared) {
        Some(layout) => (layout, None),
        None => {
            let speeches = [speech(&mut channels[0])?, speech(&mut channels[1])?];
            let two = expected.side().is_some();
            (Layout::of(&compared, [&speeches[0], &speeches[1]], two), Some(speeches))
        }
    };
    // What somebody said who was there outweighs everything but channels that hold the same.
    let found = match (found, &speeches, expected.asked) {
        (Layout::Mono(_), Some(_), Some(_)) => Layout::TwoSpeakers { apart: layout::APART },
        _ => found,
    };
    if let Some(note) = note(found, expected) {
        notes.push(note);
    }
    let [left, right] = channels;
    match (found, speeches) {
        (Layout::TwoSpeakers { apart }, Some(speeches)) => {
            let turns = two(&compared, &speeches, apart, expected, notes);
            Ok((vec![left, right], turns))
        }
        (Layout::Mono(Source::Mean), _) => alone(mean(left, right)?, None),
        (Layout::Mono(Source::Side(side)) | Layout::Inverted(side) | Layout::OneSide(side), speeches) => {
            let heard = speeches.map(|[left, right]| of_side(side, left, right));
            alone(of_side(side, left, right), heard)
        }
        // Two speakers are never found without their speech.
        (Layout::TwoSpeakers { .. }, None) => alone(left, None),
    }
}

/// What a person wants to know of a recording that is not what it seems.
fn note(layout: Layout, expected: Expected) -> Option<String> {
    let wanted = expected.side().is_some();
    match layout {
        Layout::Inverted(side) => Some(format!(
            "the two channels are the same turned over, and would cancel out: only the {} one is used",
            side.name()
        )),
        Layout::OneSide(side) => Some(format!("only the {} channel holds speech; the other is left out", side.name())),
        Layout::Mono(_) if wanted => {
            Some("both channels hold the same voices: speakers are not told apart, all speech is taken for the candidate's".into())
        }
        Layout::Mono(_) | Layout::TwoSpeakers { .. } => None,
    }
}

fn of_side<T>(side: Side, left: T, right: T) -> T {
    if side == Side::Left { left } else { right }
}

/// One channel; `heard` is its speech where that is known already.
fn alone(mut pcm: Pcm, heard: Option<Vec<Span>>) -> io::Result<(Vec<Pcm>, Vec<Turn>)> {
    let heard = match heard {
        Some(heard) => heard,
        None => speech(&mut pcm)?,
    };
    Ok((vec![pcm], heard.into_iter().map(Turn::alone).collect()))
}

fn mean(mut left: Pcm, mut right: Pcm) -> io::Result<Pcm> {
    let mut mixed = PcmWriter::create()?;
    left.each(&mut |span, block| {
        let other = right.read(span)?;
        mixed.push(&block.iter().zip(&other).map(|(a, b)| (a + b) / 2.0).collect::<Vec<f32>>())
    })?;
    mixed.finish()
}

/// Everybody's own speech, with what each side hears of the other left out.
fn two(
    compared: &Comparison,
    speeches: &[Vec<Span>; 2],
    apart: f32,
    expected: Expected,
    notes: &mut Vec<String>,
) -> Vec<Turn> {
    let bleed = Bleed::learn(compared, [&speeches[0], &speeches[1]], apart);
    let own = Side::BOTH.map(|side| bleed.own(compared, side, &speeches[side.index()]));
    let talk = [0, 1].map(|side: usize| total(own[side].iter().copied()));
    let (side, sure) = expected.side().map_or_else(|| layout::candidate(talk), |side| (side, 1.0));
    if expected.side().is_none() {
        let share = talk[side.index()].as_seconds() / (talk[0] + talk[1]).as_seconds().max(0.001) * 100.0;
        notes.push(format!(
            "two speakers, one a channel: the {}, who has {share:.0} % of the talk, is taken for the candidate ({:.0} % sure); --candidate {} turns it round",
            side.name(),
            sure * 100.0,
            side.other().name(),
        ));
    }
    let turns = |side_of: Side, speaker| {
        let turn = move |&span: &Span| Turn { span, speaker, confidence: sure, channel: side_of.index() };
        own[side_of.index()].iter().map(turn)
    };
    let mut all: Vec<Turn> =
        turns(side, Role::Candidate).chain(turns(side.other(), Role::Interviewer)).collect();
    all.sort_by_key(|turn| turn.span.start);
    all
}
