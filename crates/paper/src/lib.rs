//! Lines of text to a PDF of A4 pages, without carrying fonts: Latin letters in the fonts that every reader has, Japanese in the
//! font that the standard lets a reader supply by itself. What neither knows is written as `\u{…}`, never left out.

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, TabOrder};
use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};

/// Where the Japanese font stands among a page's resources.
const WIDE: &[u8] = b"F4";

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
    /// Font, size, height of a line, Latin letters that fit on one; a Japanese one takes the room of two.
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

    /// A line, broken where it does not fit: at a blank if there is one in its last third.
    pub fn line(&mut self, face: Face, text: &str) {
        let (font, size, height, fits) = face.measures();
        for piece in broken(&signs(text), fits) {
            if self.at - height < Page::MARGIN {
                self.turn();
            }
            self.at -= height;
            self.now.begin_text();
            self.now.set_font(Name(font), size);
            self.now.next_line(Page::MARGIN, self.at);
            for run in piece.chunk_by(|a, b| a.is_wide() == b.is_wide()) {
                let wide = run.first().is_some_and(Sign::is_wide);
                self.now.set_font(Name(if wide { WIDE } else { font }), size);
                self.now.show(Str(&run.iter().flat_map(Sign::bytes).collect::<Vec<u8>>()));
            }
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
        let (wide, glyphs, described) = (Ref::new(7), Ref::new(8), Ref::new(9));
        let page = |number: usize| Ref::new(10 + 2 * number as i32);
        let content = |number: usize| Ref::new(11 + 2 * number as i32);
        pdf.catalog(catalog).pages(tree);
        pdf.document_info(info).title(TextStr(&self.title)).producer(TextStr("Tamon"));
        let pages = self.done.len();
        pdf.pages(tree).kids((0..pages).map(page)).count(pages as i32);
        for (number, (_, name)) in fonts.iter().enumerate() {
            let mut written = pdf.type1_font(font(number));
            written.base_font(Name(name));
            written.encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        japanese(&mut pdf, wide, glyphs, described);
        for (number, bytes) in self.done.iter().enumerate() {
            let mut written = pdf.page(page(number));
            written.parent(tree).media_box(Rect::new(0.0, 0.0, Page::WIDTH, Page::HEIGHT)).contents(content(number));
            written.tab_order(TabOrder::StructureOrder);
            let mut resources = written.resources();
            let mut all = resources.fonts();
            for (number, (name, _)) in fonts.iter().enumerate() {
                all.pair(Name(name), font(number));
            }
            all.pair(Name(WIDE), wide);
            all.finish();
            resources.finish();
            written.finish();
            pdf.stream(content(number), bytes);
        }
        pdf.finish()
    }
}

/// A composite font by its standard name (ISO 32000-1, 9.7.5.2): nothing is embedded, the reader has it or one like it.
fn japanese(pdf: &mut Pdf, font: Ref, glyphs: Ref, described: Ref) {
    let name = Name(b"HeiseiKakuGo-W5");
    let mut written = pdf.type0_font(font);
    written.base_font(Name(b"HeiseiKakuGo-W5-UniJIS-UTF16-H"));
    written.encoding_predefined(Name(b"UniJIS-UTF16-H")).descendant_font(glyphs);
    written.finish();
    let mut written = pdf.cid_font(glyphs);
    written.subtype(CidFontType::Type0).base_font(name).font_descriptor(described).default_width(1000.0);
    written.system_info(SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Japan1"), supplement: 5 });
    written.finish();
    let mut written = pdf.font_descriptor(described);
    written.name(name).flags(FontFlags::SYMBOLIC).bbox(Rect::new(-92.0, -250.0, 1010.0, 922.0));
    written.italic_angle(0.0).ascent(752.0).descent(-221.0).cap_height(737.0).stem_v(114.0);
}

/// One letter as a font knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// Windows-1252, which agrees with Latin-1 but for 0x80 to 0x9f; those are not used.
    Latin(u8),
    /// UTF-16.
    Wide(u16),
}

impl Sign {
    const fn is_wide(&self) -> bool {
        matches!(self, Sign::Wide(_))
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Sign::Latin(byte) => vec![*byte],
            Sign::Wide(unit) => unit.to_be_bytes().to_vec(),
        }
    }
}

fn signs(text: &str) -> Vec<Sign> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c) {
            code @ (0x20..=0x7e | 0xa0..=0xff) => out.push(Sign::Latin(code as u8)),
            // Kana, ideographs, full-width forms, and the punctuation of both languages.
            code @ (0x2010..=0x2027
            | 0x2030..=0x203b
            | 0x2190..=0x2193
            | 0x3000..=0x30ff
            | 0x3400..=0x9fff
            | 0xff00..=0xffef) => {
                out.push(Sign::Wide(code as u16));
            }
            _ => out.extend(c.escape_unicode().to_string().bytes().map(Sign::Latin)),
        }
    }
    out
}

/// One empty piece for an empty line.
fn broken(signs: &[Sign], fits: usize) -> Vec<&[Sign]> {
    let mut out = Vec::new();
    let mut rest = signs;
    loop {
        let mut room = fits;
        let end = rest.iter().position(|sign| {
            let takes = if sign.is_wide() { 2 } else { 1 };
            let full = room < takes;
            room = room.saturating_sub(takes);
            full
        });
        let Some(end) = end else {
            out.push(rest);
            return out;
        };
        let blank = rest[..end].iter().rposition(|sign| *sign == Sign::Latin(b' ')).filter(|at| at * 3 > end * 2);
        let (piece, after) = rest.split_at(blank.map_or(end, |at| at + 1).max(1));
        out.push(piece);
        rest = after;
    }
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
    }

    #[test]
    fn letters_and_lines() {
        let text = |signs: &[Sign]| signs.iter().flat_map(Sign::bytes).collect::<Vec<u8>>();
        assert_eq!(text(&signs("Größe")), b"Gr\xf6\xdfe");
        assert_eq!(text(&signs("日\u{1f600}")), b"\x65\xe5\\u{1f600}");
        let lines =
            |line: &str, fits| -> Vec<usize> { broken(&signs(line), fits).iter().map(|piece| piece.len()).collect() };
        assert_eq!(lines("", 10), [0]);
        assert_eq!(lines("0123456789", 10), [10]);
        assert_eq!(lines("0123456 89ab", 10), [8, 4], "at the blank");
        assert_eq!(lines("0 23456789ab", 10), [10, 2], "the blank is too far back");
        assert_eq!(lines("日本日本日本", 5), [2, 2, 2], "two places each");
    }
}
