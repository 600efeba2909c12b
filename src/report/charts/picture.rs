//! What a chart is made of: shapes on a sheet, before anything paints them.

/// What a colour stands for. The page has its own shade of each, for dark and light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    Text,
    Grid,
    Speech,
    Interviewer,
    Silence,
    LongSilence,
    Announced,
    Edit,
    Unexplained,
    Stage,
    Plan,
    Pass,
    Fail,
    Why,
    Syntax,
    Band,
    /// Words on a dark shape.
    Paper,
}

impl Ink {
    pub const ALL: [Self; 17] = [
        Self::Text,
        Self::Grid,
        Self::Speech,
        Self::Interviewer,
        Self::Silence,
        Self::LongSilence,
        Self::Announced,
        Self::Edit,
        Self::Unexplained,
        Self::Stage,
        Self::Plan,
        Self::Pass,
        Self::Fail,
        Self::Why,
        Self::Syntax,
        Self::Band,
        Self::Paper,
    ];

    /// On white. No two are equal, so that a page can tell them apart.
    pub fn rgb(self) -> (u8, u8, u8) {
        match self {
            Self::Text => (89, 98, 109),
            Self::Grid => (223, 227, 232),
            Self::Speech => (47, 111, 176),
            Self::Interviewer => (134, 142, 150),
            Self::Silence => (230, 178, 84),
            Self::LongSilence => (196, 61, 46),
            Self::Announced => (240, 205, 160),
            Self::Edit => (104, 88, 168),
            Self::Unexplained => (199, 191, 229),
            Self::Stage => (70, 104, 95),
            Self::Plan => (186, 199, 195),
            Self::Pass => (30, 125, 76),
            Self::Fail => (190, 56, 40),
            Self::Why => (46, 110, 175),
            Self::Syntax => (214, 158, 58),
            Self::Band => (226, 240, 231),
            Self::Paper => (255, 255, 255),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// Lengths are pixels of the sheet.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    Bar {
        left: f64,
        top: f64,
        width: f64,
        height: f64,
        ink: Ink,
    },
    Line {
        points: Vec<(f64, f64)>,
        ink: Ink,
        width: u32,
    },
    Dot {
        at: (f64, f64),
        radius: f64,
        ink: Ink,
    },
    Cross {
        at: (f64, f64),
        radius: f64,
        ink: Ink,
    },
    /// `at`: left, middle or right end, and half the height of the letters.
    Text {
        at: (f64, f64),
        text: String,
        ink: Ink,
        anchor: Anchor,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub shapes: Vec<Shape>,
}

/// About the width of a letter.
pub const LETTER: f64 = 7.2;

impl Picture {
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, shapes: Vec::new() }
    }

    pub fn bar(&mut self, left: f64, top: f64, width: f64, height: f64, ink: Ink) {
        self.shapes.push(Shape::Bar { left, top, width: width.max(0.0), height, ink });
    }

    pub fn line(&mut self, points: Vec<(f64, f64)>, ink: Ink, width: u32) {
        self.shapes.push(Shape::Line { points, ink, width });
    }

    pub fn dot(&mut self, at: (f64, f64), radius: f64, ink: Ink) {
        self.shapes.push(Shape::Dot { at, radius, ink });
    }

    pub fn cross(&mut self, at: (f64, f64), radius: f64, ink: Ink) {
        self.shapes.push(Shape::Cross { at, radius, ink });
    }

    pub fn text(&mut self, at: (f64, f64), text: impl Into<String>, ink: Ink, anchor: Anchor) {
        // What steers or reverses text has no place in a picture.
        let text = text.into().chars().filter(|c| !is_control(*c)).collect();
        self.shapes.push(Shape::Text { at, text, ink, anchor });
    }

    /// The first of `words` that fits into a bar, in its middle.
    pub fn inside(&mut self, left: f64, width: f64, middle: f64, words: &[&str], ink: Ink) {
        let room = |words: &&&str| words.chars().count() as f64 * LETTER + 6.0 <= width;
        if let Some(words) = words.iter().find(room) {
            self.text((left + width / 2.0, middle), *words, ink, Anchor::Middle);
        }
    }

    /// Marks at round times under a plot, with lines through it.
    pub fn time_axis(&mut self, end: f64, plot: Plot) {
        let marks = super::ticks(end);
        // Every second mark is named where all would not fit.
        let widest = marks.iter().map(|mark| mark.1.len()).max().unwrap_or(0) as f64 * LETTER + 8.0;
        let apart = plot.width / (marks.len().max(2) - 1) as f64;
        let named = (widest / apart).ceil().max(1.0) as usize;
        for (index, (at, words)) in marks.into_iter().enumerate() {
            let x = plot.x(at / end);
            self.line(vec![(x, plot.top), (x, plot.bottom())], Ink::Grid, 1);
            if index % named == 0 {
                let half = words.len() as f64 * LETTER / 2.0;
                let x = x.clamp(half + 2.0, f64::from(self.width) - half - 2.0);
                self.text((x, plot.bottom() + 13.0), words, Ink::Text, Anchor::Middle);
            }
        }
    }
}

/// Where the data lie on a sheet.
#[derive(Clone, Copy, Debug)]
pub struct Plot {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl Plot {
    /// `share`: 0 at the left end, 1 at the right one.
    pub fn x(self, share: f64) -> f64 {
        self.left + self.width * share
    }

    /// `share`: 0 at the bottom, 1 at the top.
    pub fn y(self, share: f64) -> f64 {
        self.top + self.height * (1.0 - share)
    }

    pub fn bottom(self) -> f64 {
        self.top + self.height
    }
}

fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_inks_are_alike() {
        for (index, ink) in Ink::ALL.iter().enumerate() {
            assert!(Ink::ALL[..index].iter().all(|other| other.rgb() != ink.rgb()), "{ink:?}");
        }
    }

    #[test]
    fn words_that_do_not_fit_are_left_out() {
        let mut picture = Picture::new(100, 20);
        picture.inside(0.0, 40.0, 10.0, &["much too long", "fits"], Ink::Paper);
        picture.inside(0.0, 10.0, 10.0, &["much too long", "fits"], Ink::Paper);
        assert_eq!(picture.shapes.len(), 1);
        picture.text((0.0, 0.0), "a\u{202e}b\0", Ink::Text, Anchor::Start);
        assert!(matches!(&picture.shapes[1], Shape::Text { text, .. } if text == "ab"));
    }
}
