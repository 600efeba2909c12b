//! Notebooks: only what the cells' source says is code; outputs, counters and layout of the JSON are not.

use std::path::Path;

use serde_json::Value;

pub fn is_notebook(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "ipynb")
}

/// Each cell's source under a line `# %% [code]`, as editors show notebooks in plain text. `None` for what is no
/// notebook, such as one that is only half written.
pub fn text(json: &str) -> Option<String> {
    if json.trim().is_empty() {
        return Some(String::new());
    }
    let notebook: Value = serde_json::from_str(json).ok()?;
    let mut text = String::new();
    for cell in notebook.get("cells")?.as_array()? {
        let kind = cell.get("cell_type").and_then(Value::as_str).unwrap_or("code");
        text.push_str(&format!("# %% [{kind}]\n"));
        match cell.get("source") {
            Some(Value::String(source)) => text.push_str(source),
            Some(Value::Array(lines)) => text.extend(lines.iter().filter_map(Value::as_str)),
            _ => {}
        }
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_source_of_the_cells_counts() {
        let ran = r##"{"cells": [
            {"cell_type": "markdown", "source": "# Title"},
            {"cell_type": "code", "execution_count": 7, "outputs": [{"data": "x"}], "source": ["a = 1\n", "b"]},
            {"cell_type": "code"}
        ], "nbformat": 4}"##;
        assert_eq!(text(ran).unwrap(), "# %% [markdown]\n# Title\n# %% [code]\na = 1\nb\n# %% [code]\n");
    }

    #[test]
    fn what_is_no_notebook_has_no_text() {
        for wrong in ["{", "{\"cells\": [", "[]", "{}", "{\"cells\": 3}", "null"] {
            assert_eq!(text(wrong), None, "{wrong}");
        }
        assert_eq!(text(" \n").unwrap(), "");
        assert!(is_notebook(Path::new("a/n.ipynb")) && !is_notebook(Path::new("ipynb")));
    }
}
