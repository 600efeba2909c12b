//! Text from outside, made safe to show and cut to the room there is.

use ratatui::buffer::CellWidth;

/// `text` with what could steer a terminal or turn its writing around replaced by `�`.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn cells(c: char) -> usize {
    usize::from(c.encode_utf8(&mut [0; 4]).cell_width())
}

/// Columns that printable `text` takes.
pub fn width(text: &str) -> usize {
    text.chars().map(cells).sum()
}

/// The beginning of `text`, with `…` where the rest does not fit into `room`.
pub fn head(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut cut = leading(text.chars(), room);
    if room > 0 {
        cut.push('…');
    }
    cut
}

/// The end of `text`, after `…` where the rest does not fit into `room`.
pub fn tail(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let cut = leading(text.chars().rev(), room).chars().rev().collect::<String>();
    if room > 0 { format!("…{cut}") } else { cut }
}

/// What fits into one column less than `room`.
fn leading(chars: impl Iterator<Item = char>, room: usize) -> String {
    let mut used = 1;
    chars
        .take_while(|c| {
            used += cells(*c);
            used <= room
        })
        .collect()
}

/// `text` on at most `lines` lines, broken between words; the last one is cut where it is too long.
pub fn wrap(text: &str, room: usize, lines: usize) -> Vec<String> {
    let mut wrapped = vec![String::new()];
    for word in text.split_whitespace() {
        let full = wrapped.len() >= lines;
        match wrapped.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if full || width(line) + 1 + width(word) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => wrapped.push(word.to_owned()),
        }
    }
    wrapped.iter().map(|line| head(line, room)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_steers_the_terminal() {
        assert_eq!(
            printable("a\x1b[2Jb\u{9b}c\r\n\u{202e}exe.txt é 日"),
            "a\u{fffd}[2Jb\u{fffd}c\u{fffd}\u{fffd}\u{fffd}exe.txt é 日"
        );
    }

    #[test]
    fn cuts_say_so_and_keep_to_the_room() {
        assert_eq!(head("rate_limiter.py", 8), "rate_li…");
        assert_eq!(tail("rate_limiter.py", 8), "…iter.py");
        assert_eq!(head("日本語", 4), "日…");
        assert_eq!(tail("日本語", 6), "日本語");
        assert_eq!(
            (head("abc", 1), head("abc", 0), tail("abc", 0)),
            ("…".into(), String::new(), String::new())
        );
    }

    #[test]
    fn the_last_line_takes_what_is_left() {
        assert_eq!(wrap("the microphone is gone", 14, 3), ["the microphone", "is gone"]);
        assert_eq!(wrap("the microphone is gone", 9, 2), ["the", "micropho…"]);
        assert_eq!(wrap("", 9, 2), [""]);
    }
}
