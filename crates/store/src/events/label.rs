//! `label(labels, 'name')`: a fact outside the typed columns, read out of the JSON text that holds them; null when it is not
//! there.

use arrow::array::{Array, ArrayRef, AsArray, StringViewBuilder};
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

pub(super) fn label() -> ScalarUDF {
    let two_texts = TypeSignature::Exact(vec![DataType::Utf8View, DataType::Utf8View]);
    ScalarUDF::from(Label { signature: Signature::new(two_texts, Volatility::Immutable) })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Label {
    signature: Signature,
}

impl ScalarUDFImpl for Label {
    fn name(&self) -> &str {
        "label"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [labels, names] = arrays.as_slice() else { return exec_err!("label takes two texts") };
        let (Some(labels), Some(names)) = (labels.as_string_view_opt(), names.as_string_view_opt()) else {
            return exec_err!("label takes two texts");
        };
        let mut out = StringViewBuilder::with_capacity(labels.len());
        for (json, name) in labels.iter().zip(names) {
            out.append_option(json.zip(name).and_then(|(json, name)| find(json, name)));
        }
        let array: ArrayRef = Arc::new(out.finish());
        Ok(ColumnarValue::Array(array))
    }
}

fn find(json: &str, name: &str) -> Option<String> {
    // Most rows do not have it: a look at the text is cheaper than reading it. A name that JSON would escape is always read.
    let plain = name.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
    if plain && !json.contains(name) {
        return None;
    }
    let labels: HashMap<Cow<'_, str>, Cow<'_, str>> = serde_json::from_str(json).ok()?;
    labels.get(name).map(|text| text.clone().into_owned())
}
