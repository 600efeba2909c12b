//! Words that are likely in a session are favoured a little, so that "self" is not heard as "cell".
//!
//! A prompt is meant for that, but a small model takes its prompt for something that was said and loses its place: in
//! the sample session prompts of three kinds made more of the favoured words wrong (15 to 18 of 161 instead of 14),
//! this made fewer (8). Each step of the decoder adds a bonus to the tokens that begin or go on with a favoured word;
//! sound that is clearly something else outweighs it.

use std::collections::BTreeSet;
use std::ffi::{c_int, c_void};
use std::slice;

use whisper_rs::whisper_rs_sys::{whisper_context, whisper_state, whisper_token_data};
use whisper_rs::{FullParams, WhisperContext, WhisperTokenId};

/// Added to the logit of a token that opens a word or goes on with it. From 4 on, words came that nobody had said.
const BONUS: f32 = 2.5;
/// The vocabulary is in order of rarity. Tokens before this one are everyday words ("take"), or begin rare ones ("as" in
/// "async"): favoured, they would be heard for others.
const COMMON: WhisperTokenId = 2_000;
/// Tokens of the longest word.
const LONGEST: usize = 16;

/// Favoured words as the model's tokens.
#[derive(Default)]
pub struct Bias {
    words: BTreeSet<Vec<WhisperTokenId>>,
}

impl Bias {
    /// Each word is favoured as it stands and with a capital.
    pub fn new(context: &WhisperContext, words: &[String]) -> Self {
        let capital = |word: &String| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
        };
        let forms = words.iter().flat_map(|word| [Some(word.clone()), capital(word)]).flatten();
        let tokens = |word: String| context.tokenize(&format!(" {word}"), LONGEST).ok();
        let words = forms.filter_map(tokens);
        Self { words: words.filter(|tokens| !tokens.is_empty()).collect() }
    }

    /// Favours the words in one decoding, which must end before `self` does.
    pub fn apply(&self, parameters: &mut FullParams) {
        if self.words.is_empty() {
            return;
        }
        let own: *const Self = self;
        // SAFETY: the callback reads the bias, which outlives the decoding, and writes no more than the logits.
        unsafe {
            parameters.set_filter_logits_callback_user_data(own.cast_mut().cast());
            parameters.set_filter_logits_callback(Some(favour));
        }
    }

    /// The tokens to favour after what was written.
    fn favoured(&self, written: &[WhisperTokenId]) -> BTreeSet<WhisperTokenId> {
        let next = |word: &'_ Vec<WhisperTokenId>| {
            let known = (0..word.len()).filter(|&known| match known {
                0 => word[0] >= COMMON,
                known => written.ends_with(&word[..known]),
            });
            known.map(|known| word[known]).collect::<Vec<_>>()
        };
        self.words.iter().flat_map(next).collect()
    }
}

unsafe extern "C" fn favour(
    _: *mut whisper_context,
    _: *mut whisper_state,
    tokens: *const whisper_token_data,
    count: c_int,
    logits: *mut f32,
    bias: *mut c_void,
) {
    // SAFETY: whisper.cpp gives `count` tokens, a logit for each of its vocabulary, and `bias` as it was set.
    unsafe {
        let Some(bias) = bias.cast::<Bias>().as_ref() else { return };
        let written: Vec<WhisperTokenId> = match usize::try_from(count) {
            Ok(count) if count > 0 => {
                slice::from_raw_parts(tokens, count).iter().map(|token| token.id).collect()
            }
            _ => Vec::new(),
        };
        for token in bias.favoured(&written) {
            *logits.add(token as usize) += BONUS;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_favoured_from_its_first_token_to_its_last() {
        let bias = Bias { words: BTreeSet::from([vec![5_001], vec![4_007, 8, 9], vec![4_007, 6]]) };
        let after = |written: &[i32]| bias.favoured(written).into_iter().collect::<Vec<_>>();
        assert_eq!(after(&[]), [4_007, 5_001]);
        assert_eq!(after(&[3, 4_007]), [6, 8, 4_007, 5_001]);
        assert_eq!(after(&[4_007, 8]), [9, 4_007, 5_001]);
        // Once the word is whole, or something else came, it begins anew.
        assert_eq!(after(&[4_007, 8, 9]), [4_007, 5_001]);
        assert_eq!(after(&[4_007, 3]), [4_007, 5_001]);
    }

    #[test]
    fn everyday_tokens_need_no_help_but_lead_to_rare_words() {
        let bias = Bias { words: BTreeSet::from([vec![1_011], vec![355, 13_361]]) };
        assert_eq!(bias.favoured(&[]), BTreeSet::new());
        assert_eq!(bias.favoured(&[355]), BTreeSet::from([13_361]));
    }
}
