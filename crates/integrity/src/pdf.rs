//! Lines of text to a PDF of A4 pages, in the fonts that every reader has. Those know Latin letters only: what else stands
//! in a path is written as `\u{…}`, never left out.

use pdf_writer::types::TabOrder;
use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    Title,
    Heading,
    Plain,
    Fixed,
    Small,
}

/// In points.
pub struct Page;

impl Page {
    pub const WIDTH: f32 = 595.0;
    pub const HEIGHT: f32 = 842.0;
    pub const MARGIN: f32 = 42.0;
}

pub struct Pages {
    title: String,
    done: Vec<Vec<u8>>,
    now: Content,
    /// Where the next line's top is, from below.
    at: f32,
}

impl Face {
    /// Font, size, height of a line, characters that fit on one.
    const fn measures(self) -> (&'static [u8], f32, f32, usize) {
        match self {
            Face::Title => (b"F2", 17.0, 26.0, 52),
            Face::Heading => (b"F2", 11.5, 22.0, 80),
            Face::Plain => (b"F1", 9.5, 13.0, 110),
            // Courier is 0.6 of its size wide.
            Face::Fixed => (b"F3", 7.5, 10.5, 113),
            Face::Small => (b"F1", 7.5, 10.5, 140),
        }
    }
}

impl Pages {
    pub fn new(title: String) -> Pages {
        Pages { title, done: Vec::new(), now: Content::new(), at: Page::HEIGHT - Page::MARGIN }
    }

    /// A line, broken where it does not fit.
    pub fn line(&mut self, face: Face, text: &str) {
        let (font, size, height, fits) = face.measures();
        let letters: Vec<u8> = latin(text);
        let pieces: Vec<&[u8]> = if letters.is_empty() { vec![&[]] } else { letters.chunks(fits).collect() };
        for piece in pieces {
            if self.at - height < Page::MARGIN {
                self.turn();
            }
            self.at -= height;
            self.now.begin_text();
            self.now.set_font(Name(font), size);
            self.now.next_line(Page::MARGIN, self.at);
            self.now.show(Str(piece));
            self.now.end_text();
        }
    }

    fn turn(&mut self) {
        self.done.push(std::mem::replace(&mut self.now, Content::new()).finish().to_vec());
        self.at = Page::HEIGHT - Page::MARGIN;
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.turn();
        let mut pdf = Pdf::new();
        let (catalog, tree, info) = (Ref::new(1), Ref::new(2), Ref::new(3));
        let fonts = [(&b"F1"[..], &b"Helvetica"[..]), (b"F2", b"Helvetica-Bold"), (b"F3", b"Courier")];
        let font = |number: usize| Ref::new(4 + number as i32);
        let page = |number: usize| Ref::new(7 + 2 * number as i32);
        let content = |number: usize| Ref::new(8 + 2 * number as i32);
        pdf.catalog(catalog).pages(tree);
        pdf.document_info(info).title(TextStr(&self.title)).producer(TextStr("Tamon"));
        let pages = self.done.len();
        pdf.pages(tree).kids((0..pages).map(page)).count(pages as i32);
        for (number, (_, name)) in fonts.iter().enumerate() {
            let mut written = pdf.type1_font(font(number));
            written.base_font(Name(name));
            written.encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        for (number, bytes) in self.done.iter().enumerate() {
            let mut written = pdf.page(page(number));
            written.parent(tree).media_box(Rect::new(0.0, 0.0, Page::WIDTH, Page::HEIGHT)).contents(content(number));
            written.tab_order(TabOrder::StructureOrder);
            let mut resources = written.resources();
            let mut all = resources.fonts();
            for (number, (name, _)) in fonts.iter().enumerate() {
                all.pair(Name(name), font(number));
            }
            all.finish();
            resources.finish();
            written.finish();
            pdf.stream(content(number), bytes);
        }
        pdf.finish()
    }
}

/// Windows-1252 agrees with Latin-1 but for 0x80 to 0x9f, which are not used.
fn latin(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c) {
            code @ (0x20..=0x7e | 0xa0..=0xff) => out.push(code as u8),
            _ => out.extend(c.escape_unicode().to_string().bytes()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_what_was_written() {
        let mut pages = Pages::new("Report".into());
        pages.line(Face::Title, "A title");
        (0..200).for_each(|n| pages.line(Face::Fixed, &format!("line {n}")));
        let bytes = pages.finish();
        assert!(bytes.starts_with(b"%PDF-1.") && bytes.trim_ascii_end().ends_with(b"%%EOF"));
        let has = |what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
        assert!(has(b"(A title)") && has(b"(line 199)") && has(b"/Count 3"));
        assert_eq!(latin("Größe 日"), b"Gr\xf6\xdfe \\u{65e5}");
    }
}
