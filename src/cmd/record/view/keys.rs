//! Keys to wishes, with the note that is being typed in between.

use super::super::state::Wish;
use super::decode::Key;

/// Knows whether keys are commands or letters of a note.
#[derive(Debug, Default)]
pub struct Keys {
    typing: Option<String>,
}

impl Keys {
    /// The note so far, while one is typed.
    pub fn typing(&self) -> Option<&str> {
        self.typing.as_deref()
    }

    /// What `key` asks for, if it asks for something.
    pub fn press(&mut self, key: Key) -> Vec<Wish> {
        match (&mut self.typing, key) {
            // A note that was begun is worth keeping: who stops in the middle meant it.
            (_, Key::Interrupt) => self.note().into_iter().chain([Wish::Stop]).collect(),
            (Some(_), Key::Enter) => self.note().into_iter().collect(),
            (Some(_), Key::Escape) => {
                self.typing = None;
                Vec::new()
            }
            (Some(note), Key::Backspace) => {
                note.pop();
                Vec::new()
            }
            (Some(note), Key::Char(c) | Key::Pasted(c)) => {
                note.push(c);
                Vec::new()
            }
            (None, Key::Char(c)) => self.command(c).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn command(&mut self, c: char) -> Option<Wish> {
        match c.to_ascii_lowercase() {
            'n' => Some(Wish::NextStage),
            't' => Some(Wish::Thinking),
            'p' => Some(Wish::HoldOrGoOn),
            'q' => Some(Wish::Stop),
            'm' => {
                self.typing = Some(String::new());
                None
            }
            _ => None,
        }
    }

    /// Ends the note; an empty one is none.
    fn note(&mut self) -> Option<Wish> {
        let note = self.typing.take()?.trim().to_owned();
        (!note.is_empty()).then_some(Wish::Note(note))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(keys: &mut Keys, pressed: &[Key]) -> Vec<Wish> {
        pressed.iter().flat_map(|key| keys.press(*key)).collect()
    }

    fn text(text: &str) -> Vec<Key> {
        text.chars().map(Key::Char).collect()
    }

    #[test]
    fn letters_are_commands() {
        let wishes = press(&mut Keys::default(), &text("nTxpq"));
        assert_eq!(wishes, [Wish::NextStage, Wish::Thinking, Wish::HoldOrGoOn, Wish::Stop]);
    }

    #[test]
    fn while_a_note_is_typed_they_are_letters() {
        let mut keys = Keys::default();
        assert!(press(&mut keys, &text("m quée")).is_empty());
        press(&mut keys, &[Key::Backspace, Key::Backspace, Key::Pasted('e')]);
        assert_eq!(keys.typing(), Some(" que"));
        assert_eq!(press(&mut keys, &[Key::Enter]), [Wish::Note("que".to_owned())]);
        assert_eq!(press(&mut keys, &text("q")), [Wish::Stop]);
    }

    #[test]
    fn escape_drops_a_note_and_an_empty_one_is_none() {
        let mut keys = Keys::default();
        press(&mut keys, &text("mno"));
        assert!(press(&mut keys, &[Key::Escape]).is_empty() && keys.typing().is_none());
        press(&mut keys, &text("m "));
        assert!(press(&mut keys, &[Key::Enter]).is_empty() && keys.typing().is_none());
    }

    #[test]
    fn an_interrupt_keeps_the_note_and_stops_each_time() {
        let mut keys = Keys::default();
        press(&mut keys, &text("mlater"));
        let wishes = press(&mut keys, &[Key::Interrupt, Key::Interrupt]);
        assert_eq!(wishes, [Wish::Note("later".to_owned()), Wish::Stop, Wish::Stop]);
    }

    #[test]
    fn a_paste_outside_a_note_is_not_heard() {
        assert!(press(&mut Keys::default(), &[Key::Pasted('q'), Key::Enter, Key::Backspace]).is_empty());
    }
}
