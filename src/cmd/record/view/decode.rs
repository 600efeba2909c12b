//! Bytes of a terminal in raw mode to keys.
//!
//! crossterm's own reader is not used: it never returns once the terminal has vanished, and it blocks in the middle
//! of a sequence that does not go on. Either would take the recording out of its owner's hands.

use std::mem;

/// A key that means something here; all others are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Char(char),
    /// Out of a paste: text, never a command.
    Pasted(char),
    Enter,
    Escape,
    Backspace,
    Interrupt,
    Redraw,
}

/// Keeps what is not complete until its rest comes.
#[derive(Debug, Default)]
pub struct Decoder {
    rest: Vec<u8>,
    pasting: bool,
}

const ESC: u8 = 0x1b;

/// How many bytes were used up, and the key they make, if any.
type Step = (usize, Option<Key>);

impl Decoder {
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Key> {
        let mut all = mem::take(&mut self.rest);
        all.extend_from_slice(bytes);
        let mut left = all.as_slice();
        let mut keys = Vec::new();
        while let Some((used, key)) = self.step(left) {
            left = &left[used..];
            keys.extend(key);
        }
        self.rest = left.to_vec();
        keys
    }

    /// Nothing where `bytes` stop in the middle of a key.
    fn step(&mut self, bytes: &[u8]) -> Option<Step> {
        match bytes {
            [ESC, b'[', body @ ..] => self.sequence(body),
            [ESC, b'O', final_byte, ..] if !final_byte.is_ascii_control() => Some((3, None)),
            [ESC] => Some((1, (!self.pasting).then_some(Key::Escape))),
            [ESC, next, ..] if next.is_ascii_control() => Some((1, Some(Key::Escape))),
            [ESC, rest @ ..] => self.character(rest).map(|(used, _)| (used + 1, None)),
            _ => self.character(bytes),
        }
    }

    /// What follows `ESC [`: parameters, then one final byte; any other byte breaks it off.
    fn sequence(&mut self, body: &[u8]) -> Option<Step> {
        let end = body.iter().position(|byte| !(0x20..=0x3f).contains(byte))?;
        if !(0x40..=0x7e).contains(&body[end]) {
            return Some((end + 2, None));
        }
        match &body[..=end] {
            b"200~" => self.pasting = true,
            b"201~" => self.pasting = false,
            _ => {}
        }
        Some((end + 3, None))
    }

    fn character(&mut self, bytes: &[u8]) -> Option<Step> {
        let start = &bytes[..bytes.len().min(4)];
        match start.utf8_chunks().next()?.valid().chars().next() {
            Some(c) => Some((c.len_utf8(), self.key(c))),
            // No length of the error: the rest of the character is still to come.
            None => str::from_utf8(start).err()?.error_len().map(|used| (used, None)),
        }
    }

    fn key(&mut self, c: char) -> Option<Key> {
        match c {
            '\x03' => {
                self.pasting = false;
                Some(Key::Interrupt)
            }
            _ if self.pasting => Some(Key::Pasted(if c.is_control() { ' ' } else { c })),
            '\r' | '\n' => Some(Key::Enter),
            '\x7f' | '\x08' => Some(Key::Backspace),
            '\x0c' => Some(Key::Redraw),
            _ => (!c.is_control()).then_some(Key::Char(c)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(parts: &[&[u8]]) -> Vec<Key> {
        let mut decoder = Decoder::default();
        parts.iter().flat_map(|part| decoder.feed(part)).collect()
    }

    #[test]
    fn letters_in_any_script_also_cut_in_two() {
        assert_eq!(keys(&["né日".as_bytes()]), [Key::Char('n'), Key::Char('é'), Key::Char('日')]);
        assert_eq!(keys(&[b"\xe6\x97", b"\xa5q"]), [Key::Char('日'), Key::Char('q')]);
        assert_eq!(keys(&[b"\r\x7f\x08\x1b"]), [Key::Enter, Key::Backspace, Key::Backspace, Key::Escape]);
    }

    #[test]
    fn keys_without_a_meaning_do_nothing() {
        assert!(keys(&[b"\x1b[A\x1b[1;5D\x1bOP\x1b[15~\x1bq\x1b\xc3\xa9\x01\xff\xc2\x9b"]).is_empty());
    }

    #[test]
    fn a_paste_is_never_a_command() {
        let pasted = [Key::Pasted('q'), Key::Pasted(' '), Key::Pasted('n')];
        assert_eq!(keys(&[b"\x1b[200~q\nn\x1b[201~"]), pasted);
        assert_eq!(keys(&[b"\x1b[20", b"0~q\n", b"n\x1b[2", b"01~"]), pasted);
    }

    #[test]
    fn nothing_unfinished_holds_an_interrupt_up() {
        for before in [&b"\x1b["[..], b"\x1b", b"\x1bO", b"\xe9", b"\xe6\x97", b"\x1b[200~", b"\x1b[1;"] {
            assert_eq!(keys(&[before, b"\x03"]).last(), Some(&Key::Interrupt), "{before:?}");
            assert_eq!(keys(&[&[before, b"\x03"].concat()]).last(), Some(&Key::Interrupt), "{before:?}");
        }
    }
}
