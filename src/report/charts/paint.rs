//! Pictures to SVG and PNG, by plotters.

use std::sync::LazyLock;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::register_font;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::picture::{Anchor, Ink, Picture, Shape};

/// DejaVu Sans, cut down to Latin, Greek and Cyrillic letters; its licence lies beside it.
const FONT: &[u8] = include_bytes!("../font/DejaVuSans.ttf");
const FAMILY: &str = "sans-serif";
/// In plotters' units; 12 pixels in an SVG.
const SIZE: i32 = 15;

static REGISTERED: LazyLock<bool> = LazyLock::new(|| register_font(FAMILY, FontStyle::Normal, FONT).is_ok());

pub fn svg(picture: &Picture) -> String {
    let mut svg = String::new();
    {
        let backend = SVGBackend::with_string(&mut svg, (picture.width, picture.height));
        painted(&backend.into_drawing_area(), picture, 1, 0);
    }
    svg
}

pub fn png(picture: &Picture, scale: u32) -> Vec<u8> {
    let (width, height) = (picture.width * scale, picture.height * scale);
    let mut pixels = vec![255; (width * height * 3) as usize];
    {
        let backend = BitMapBackend::with_buffer(&mut pixels, (width, height));
        // Letters of a bitmap stand a tenth too high.
        painted(&backend.into_drawing_area(), picture, scale, SIZE * scale as i32 / 10);
    }
    encoded(&pixels, width, height)
        .unwrap_or_else(|error| unreachable!("bytes in memory take what is written: {error}"))
}

fn encoded(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

fn painted<DB: DrawingBackend>(area: &DrawingArea<DB, Shift>, picture: &Picture, scale: u32, lower: i32) {
    debug_assert!(*REGISTERED, "the font cannot be read");
    // Memory cannot be full or locked; what is left is a fault of ours.
    if let Err(error) = paint(area, picture, f64::from(scale), lower).and_then(|()| area.present()) {
        debug_assert!(false, "a chart could not be drawn: {error}");
    }
}

type Painted<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

fn paint<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    picture: &Picture,
    scale: f64,
    lower: i32,
) -> Painted<DB> {
    let px = |length: f64| (length * scale).round() as i32;
    let point = |&(x, y): &(f64, f64)| (px(x), px(y));
    for shape in &picture.shapes {
        match shape {
            Shape::Bar { left, top, width, height, ink } => {
                let corners = [(px(*left), px(*top)), (px(left + width), px(top + height))];
                area.draw(&Rectangle::new(corners, colour(*ink).filled()))?;
            }
            Shape::Line { points, ink, width } => {
                let points: Vec<(i32, i32)> = points.iter().map(point).collect();
                let style = colour(*ink).stroke_width(px(f64::from(*width)) as u32);
                area.draw(&PathElement::new(points, style))?;
            }
            Shape::Dot { at, radius, ink } => {
                area.draw(&Circle::new(point(at), px(*radius), colour(*ink).filled()))?;
            }
            Shape::Cross { at, radius, ink } => {
                let style = colour(*ink).stroke_width(px(3.0) as u32);
                area.draw(&Cross::new(point(at), px(*radius), style))?;
            }
            Shape::Text { at, text, ink, anchor } => {
                let horizontal = match anchor {
                    Anchor::Start => HPos::Left,
                    Anchor::Middle => HPos::Center,
                    Anchor::End => HPos::Right,
                };
                let font = (FAMILY, SIZE * scale as i32).into_font().color(&colour(*ink));
                let style = font.pos(Pos::new(horizontal, VPos::Center));
                let (x, y) = point(at);
                area.draw(&Text::new(text.clone(), (x, y + lower), style))?;
            }
        }
    }
    Ok(())
}

fn colour(ink: Ink) -> RGBColor {
    let (red, green, blue) = ink.rgb();
    RGBColor(red, green, blue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_hold_the_same_picture() {
        let mut picture = Picture::new(80, 40);
        picture.bar(10.0, 10.0, 20.0, 20.0, Ink::Speech);
        picture.text((55.0, 20.0), "<b> & é", Ink::Text, Anchor::Middle);
        let svg = svg(&picture);
        assert!(svg.contains("fill=\"#2F6FB0\"") && svg.contains("&lt;b&gt; &amp; é"), "{svg}");
        let bytes = png(&picture, 2);
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), (160, 80));
        let pixel = |x: usize, y: usize| &pixels[(y * 160 + x) * 3..][..3];
        assert_eq!(pixel(40, 40), [47, 111, 176]);
        assert_eq!(pixel(4, 4), [255, 255, 255]);
        let letters = (0..160 * 80).filter(|&at| at % 160 > 66 && pixel(at % 160, at / 160)[0] < 200);
        assert!(letters.count() > 60, "the letters are not there");
    }
}
