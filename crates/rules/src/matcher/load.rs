//! Where the text of a field comes from: a typed or flat event by column, a foreign record by name.

use crate::record::Record;
use crate::slot::SlotText;
use crate::taxonomy::Origin;
use event::{Column, Fields};

pub(super) trait Load {
    /// Pushes the field's values; none when it is not there. Labels come by [`Load::each_label`].
    fn load(&self, origin: &Origin, out: &mut SlotText);
    fn each_label(&self, visit: &mut dyn FnMut(&str, &str));
}

pub(super) struct Native<'a, F>(pub &'a F);

impl<F: Fields> Load for Native<'_, F> {
    fn load(&self, origin: &Origin, out: &mut SlotText) {
        match origin {
            Origin::Column(column) => {
                if let Some(value) = self.0.field(*column) {
                    out.push_value(&value);
                }
            }
            Origin::Initiated => {
                if let Some(direction) = self.0.field(Column::NetworkDirection) {
                    out.push(if direction.text() == "egress" { "true" } else { "false" });
                }
            }
            Origin::Hashes => {
                if let Some(digest) = self.0.field(Column::ProcessHashSha256) {
                    out.push(&format!("SHA256={digest}"));
                }
            }
            Origin::Every => {
                for column in Column::ALL {
                    if let Some(value) = self.0.field(*column) {
                        out.push_value(&value);
                    }
                }
                self.0.each_label(&mut |_, value| out.push(value));
            }
            // Not who vouches for the line, nor when it was written.
            Origin::Line => self.0.each_label(&mut |name, value| {
                if !matches!(name, "log_source" | "log_writer" | "log_facility" | "log_pid" | "log_time") {
                    out.push(value);
                }
            }),
            Origin::Label(_) | Origin::Never | Origin::Foreign(_) => {}
        }
    }

    fn each_label(&self, visit: &mut dyn FnMut(&str, &str)) {
        self.0.each_label(visit);
    }
}

pub(super) struct Foreign<'a, R>(pub &'a R);

impl<R: Record> Load for Foreign<'_, R> {
    fn load(&self, origin: &Origin, out: &mut SlotText) {
        match origin {
            Origin::Foreign(name) => self.0.each_value(name, &mut |text| out.push(text)),
            Origin::Every => self.0.each_text(&mut |text| out.push(text)),
            _ => {}
        }
    }

    fn each_label(&self, _: &mut dyn FnMut(&str, &str)) {}
}
