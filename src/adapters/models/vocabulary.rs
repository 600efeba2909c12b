//! The token texts of a CTranslate2 model, turned back into the bytes that ggml stores.

use std::fs;
use std::path::{Path, PathBuf};

use super::ModelError;

/// The first special token; whisper.cpp names those after it itself.
const END_OF_TEXT: &str = "<|endoftext|>";

/// The tokens that go into the ggml file of the model in `dir`, as bytes, in the order of their ids:
/// 50257 of them. In a multilingual model these are the text tokens; in an English-only one there is a
/// text token less, and the published files have the end of text in its place.
///
/// Reads `vocabulary.json` (a list of strings) or `vocabulary.txt` (a token a line).
pub fn read(dir: &Path, is_multilingual: bool) -> Result<Vec<Vec<u8>>, ModelError> {
    let json = dir.join("vocabulary.json");
    let txt = dir.join("vocabulary.txt");
    let (path, tokens) = if json.is_file() {
        let tokens = serde_json::from_str(&text(&json)?)
            .map_err(|e| refuse(&json, format!("not a list of strings: {e}")))?;
        (json, tokens)
    } else if txt.is_file() {
        // Tokens may hold other line ends, such as U+0085 or U+2028: only '\n' divides.
        let tokens: Vec<String> = text(&txt)?.split('\n').map(str::to_owned).collect();
        (txt, tokens)
    } else {
        return Err(refuse(dir, "it has neither vocabulary.txt nor vocabulary.json".into()));
    };
    let end = tokens
        .iter()
        .position(|token| token == END_OF_TEXT)
        .ok_or_else(|| refuse(&path, format!("it has no {END_OF_TEXT} token")))?;
    let count = if is_multilingual { end } else { end + 1 };
    decode(&path, &tokens[..count])
}

fn decode(path: &Path, tokens: &[String]) -> Result<Vec<Vec<u8>>, ModelError> {
    tokens
        .iter()
        .enumerate()
        .map(|(id, token)| {
            let bytes: Option<Vec<u8>> = token.chars().map(byte).collect();
            bytes.ok_or_else(|| refuse(path, format!("token {id}, {token:?}, is not a byte token")))
        })
        .collect()
}

/// GPT-2 writes each byte as a printable character: printable Latin-1 stands for itself, the other
/// bytes are U+0100 and up in order. This is the way back.
fn byte(character: char) -> Option<u8> {
    let code = u32::from(character);
    match code {
        0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff => u8::try_from(code).ok(),
        0x100..=0x120 => u8::try_from(code - 0x100).ok(),
        0x121..=0x142 => u8::try_from(code - 0x121 + 0x7f).ok(),
        0x143 => Some(0xad),
        _ => None,
    }
}

fn text(path: &Path) -> Result<String, ModelError> {
    let bytes = fs::read(path).map_err(ModelError::io("read", path))?;
    String::from_utf8(bytes).map_err(|e| ModelError::Damaged {
        path: path.to_owned(),
        offset: e.utf8_error().valid_up_to() as u64,
        reason: "not UTF-8 text".into(),
    })
}

fn refuse(path: &Path, reason: String) -> ModelError {
    ModelError::NotCTranslate2 { path: PathBuf::from(path), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dir_with(name: &str, content: &[u8]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(name), content).unwrap();
        dir
    }

    #[test]
    fn every_byte_has_exactly_one_character() {
        let mut seen = [false; 256];
        for code in 0..0x200 {
            if let Some(b) = char::from_u32(code).and_then(byte) {
                assert!(!std::mem::replace(&mut seen[usize::from(b)], true), "{b}");
            }
        }
        assert!(seen.iter().all(|&s| s));
        assert_eq!(byte('Ġ'), Some(b' '));
        assert_eq!(byte('Ċ'), Some(b'\n'));
        assert_eq!(byte('ł'), Some(0xa0));
    }

    #[test]
    fn reads_lines_and_stops_at_the_special_tokens() {
        let dir = dir_with("vocabulary.txt", "a\nĠthe\nåľº\n\u{ac}\n<|endoftext|>\n<|en|>\n".as_bytes());
        let tokens = read(dir.path(), true).unwrap();
        assert_eq!(tokens.len(), 4);
        assert_eq!(tokens[1], b" the");
        assert_eq!(tokens[2], "场".as_bytes());
        assert_eq!(tokens[3], [0xac]);
        let english = read(dir.path(), false).unwrap();
        assert_eq!((english.len(), &english[4][..]), (5, &b"<|endoftext|>"[..]));
    }

    #[test]
    fn reads_json_with_its_empty_token() {
        let dir = dir_with("vocabulary.json", br#"["a", "\"", "", "<|endoftext|>"]"#);
        assert_eq!(read(dir.path(), true).unwrap(), [b"a".to_vec(), b"\"".to_vec(), vec![]]);
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        let none = tempfile::tempdir().unwrap();
        let message = |dir: &tempfile::TempDir| read(dir.path(), true).unwrap_err().to_string();
        assert!(message(&none).contains("neither vocabulary.txt nor vocabulary.json"));
        assert!(message(&dir_with("vocabulary.json", b"{\"a\": 1}")).contains("not a list of strings"));
        assert!(message(&dir_with("vocabulary.txt", b"a\nb\n")).contains("no <|endoftext|>"));
        assert!(message(&dir_with("vocabulary.txt", b"ok\na b\n<|endoftext|>")).contains("token 1"));
        let damaged = dir_with("vocabulary.txt", b"abc\xff");
        assert!(message(&damaged).contains("damaged at byte 3"));
    }
}
