//! What a file holds: text in one form for all encodings and line ends, or the reason why there is none.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use super::notebook;
use super::stamp::Stamp;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Lines ended by `\n`.
    Text(Arc<str>),
    /// Nothing is there, or something that is no plain file.
    Gone,
    /// There is a file but it cannot be followed, for this reason.
    LeftOut(String),
}

/// What is at `path` now. Links are not followed, and what is no plain file is never opened: reading a FIFO would
/// wait for ever.
pub fn read(path: &Path, max_bytes: u64) -> (Content, Option<Stamp>) {
    let data = match fs::symlink_metadata(path) {
        Ok(data) if data.is_file() => data,
        Ok(_) => return (Content::Gone, None),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return (Content::Gone, None);
        }
        Err(error) => return (Content::LeftOut(unreadable(&error)), None),
    };
    // Taken before the text is: a change while reading is then seen by the next look.
    let stamp = Some(Stamp::of(&data));
    if data.len() > max_bytes {
        return (too_large(max_bytes), stamp);
    }
    let mut bytes = Vec::new();
    match File::open(path).and_then(|file| file.take(max_bytes + 1).read_to_end(&mut bytes)) {
        Ok(_) if bytes.len() as u64 > max_bytes => (too_large(max_bytes), stamp),
        Ok(_) => (decode(path, &bytes), stamp),
        Err(error) if error.kind() == ErrorKind::NotFound => (Content::Gone, None),
        Err(error) => (Content::LeftOut(unreadable(&error)), stamp),
    }
}

fn unreadable(error: &std::io::Error) -> String {
    format!("it cannot be read ({})", error.kind())
}

fn too_large(max_bytes: u64) -> Content {
    Content::LeftOut(format!("it is larger than {:.1} MB", max_bytes as f64 / 1e6))
}

/// `path` tells only whether this is a notebook.
fn decode(path: &Path, bytes: &[u8]) -> Content {
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    if text.contains('\0') {
        return Content::LeftOut("it is no text".into());
    }
    if text.contains("-----BEGIN") && text.contains("PRIVATE KEY-----") {
        return Content::LeftOut("it holds a private key".into());
    }
    if !notebook::is_notebook(path) {
        return Content::Text(lines(&text));
    }
    match notebook::text(&text) {
        Some(source) => Content::Text(lines(&source)),
        None => Content::LeftOut("it is no whole notebook".into()),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// One `\n` after each line, whatever the line ends were.
fn lines(text: &str) -> Arc<str> {
    let mut plain = String::with_capacity(text.len() + 1);
    for line in text.split_terminator('\n') {
        plain.push_str(line.trim_end_matches('\r'));
        plain.push('\n');
    }
    plain.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Content {
        decode(Path::new("a.py"), bytes)
    }

    fn is(expected: &str) -> Content {
        Content::Text(expected.into())
    }

    #[test]
    fn line_ends_and_marks_are_no_content() {
        for same in ["a\nb\n", "a\r\nb\r\n", "a\nb", "\u{feff}a\nb\n", "a\r\r\nb\r"] {
            assert_eq!(text(same.as_bytes()), is("a\nb\n"), "{same:?}");
        }
        assert_eq!(text(b""), is(""));
        assert_eq!(text(b"\n"), is("\n"));
    }

    #[test]
    fn other_encodings_are_read_as_well_as_can_be() {
        assert_eq!(text(b"\xff\xfeh\0i\0\n\0"), is("hi\n"));
        assert_eq!(text(b"\xfe\xff\0h\0i"), is("hi\n"));
        assert_eq!(text(b"\xff\xfeh\0\x00\xd8!"), is("h\u{fffd}\n"));
        assert_eq!(text(b"caf\xe9\n"), is("caf\u{fffd}\n"));
    }

    #[test]
    fn what_must_not_or_cannot_be_followed_is_left_out() {
        assert!(matches!(text(b"a\0b"), Content::LeftOut(why) if why.contains("no text")));
        let key = b"x = '''-----BEGIN RSA PRIVATE KEY-----'''";
        assert!(matches!(text(key), Content::LeftOut(why) if why.contains("private key")));
        assert!(matches!(decode(Path::new("n.ipynb"), b"{\"cells\": ["), Content::LeftOut(_)));
    }

    #[test]
    fn only_plain_files_of_the_right_size_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.py");
        assert_eq!(read(&path, 9).0, Content::Gone);
        assert_eq!(read(&path.join("below"), 9).0, Content::Gone);
        assert_eq!(read(folder.path(), 9).0, Content::Gone);
        fs::write(&path, "123456789").unwrap();
        assert_eq!(read(&path, 9).0, is("123456789\n"));
        assert!(matches!(read(&path, 8).0, Content::LeftOut(why) if why.contains("larger than 0.0 MB")));
        #[cfg(unix)]
        {
            let link = folder.path().join("link.py");
            std::os::unix::fs::symlink(&path, &link).unwrap();
            assert_eq!(read(&link, 9).0, Content::Gone);
        }
    }
}
