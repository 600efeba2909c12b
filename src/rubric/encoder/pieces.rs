//! WordPiece: cuts text into the pieces that the encoder has vectors for.

use std::collections::HashMap;

/// A word with more characters is not cut.
const LONGEST_WORD: usize = 100;

pub struct Pieces {
    ids: HashMap<String, u32>,
    unknown: u32,
}

impl Pieces {
    /// Ids are places in the vocabulary. A piece that continues a word starts with `##`.
    pub fn new(vocabulary: Vec<String>) -> Option<Self> {
        let ids: HashMap<String, u32> = vocabulary.into_iter().zip(0..).collect();
        let unknown = *ids.get("[UNK]")?;
        Some(Self { ids, unknown })
    }

    pub fn id(&self, piece: &str) -> Option<u32> {
        self.ids.get(piece).copied()
    }

    /// The longest pieces from the left; a word that cannot be cut is one `[UNK]`.
    pub fn cut(&self, text: &str) -> Vec<u32> {
        let mut out = Vec::new();
        for word in words(text) {
            let start = out.len();
            if self.cut_word(&word, &mut out).is_none() {
                out.truncate(start);
                out.push(self.unknown);
            }
        }
        out
    }

    fn cut_word(&self, word: &str, out: &mut Vec<u32>) -> Option<()> {
        let borders: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
        if borders.len() > LONGEST_WORD + 1 {
            return None;
        }
        let mut start = 0;
        while start + 1 < borders.len() {
            let prefix = if start == 0 { "" } else { "##" };
            let (end, id) = (start + 1..borders.len()).rev().find_map(|end| {
                let piece = format!("{prefix}{}", &word[borders[start]..borders[end]]);
                Some((end, self.id(&piece)?))
            })?;
            out.push(id);
            start = end;
        }
        Some(())
    }
}

/// Runs of letters and digits, in lower case without accents; every other visible ASCII character stands alone.
fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut inside = false;
    for c in text.chars().flat_map(char::to_lowercase).filter_map(spelled) {
        let letter = c.is_alphanumeric();
        if letter
            && inside
            && let Some(word) = out.last_mut()
        {
            word.push(c);
        } else if letter || c.is_ascii_graphic() {
            out.push(c.into());
        }
        inside = letter;
    }
    out
}

/// Without its accent; nothing for an accent that stands by itself.
fn spelled(c: char) -> Option<char> {
    Some(match c {
        '\u{300}'..='\u{36f}' => return None,
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        '‘' | '’' => '\'',
        '“' | '”' => '"',
        '–' | '—' => '-',
        _ => c,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_as_the_encoder_sees_them() {
        assert_eq!(words("Café — it’s O(n)… İ"), ["cafe", "-", "it", "'", "s", "o", "(", "n", ")", "i"]);
        assert!(words(" \u{200b}\n").is_empty());
    }

    #[test]
    fn the_longest_piece_wins_and_what_cannot_be_cut_is_unknown() {
        let vocabulary = ["[UNK]", "hash", "has", "##map", "##m", "##h", "s"].map(String::from).to_vec();
        let pieces = Pieces::new(vocabulary).unwrap();
        assert_eq!(pieces.cut("Hashmap s"), [1, 3, 6]);
        assert_eq!(pieces.cut("hashmaps has"), [0, 2]);
        assert_eq!(pieces.cut(&"s".repeat(LONGEST_WORD + 1)), [0]);
        assert!(Pieces::new(vec!["hash".into()]).is_none());
    }
}
