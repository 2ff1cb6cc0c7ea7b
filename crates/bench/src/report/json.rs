//! The JSON file: all samples, and the comparison from the table.

use serde_json::{Map, Value, json};

use crate::results::{Cell, Metric, Results, Sample};

/// Returns all of `results`, compared by `metric`.
pub(crate) fn json(results: &Results, metric: Metric) -> Value {
    let pythons: Vec<Value> =
        (0..results.columns.len()).map(|column| python(results, column, metric)).collect();
    let rows: Vec<Value> = (0..results.rows.len())
        .map(|row| {
            let cells: Map<String, Value> = results
                .live()
                .into_iter()
                .map(|c| (results.columns[c].label.clone(), cell(results.cell(row, c))))
                .collect();
            json!({ "name": results.rows[row], "pythons": cells })
        })
        .collect();
    json!({
        "harness": env!("CARGO_PKG_VERSION"),
        "system": format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        "scale": results.scale,
        "rounds": results.rounds,
        "interrupted": results.interrupted,
        "metric": metric.key(),
        "pythons": pythons,
        "benchmarks": rows,
    })
}

fn python(results: &Results, index: usize, metric: Metric) -> Value {
    let column = &results.columns[index];
    let mut value = json!({ "label": column.label, "command": column.command_line });
    match &column.about {
        Ok(about) => {
            value["python"] = json!(about);
            if let Some(comparison) = results.comparison(index, metric) {
                value["geometric_mean"] = json!(comparison.geometric_mean);
                value["worst"] = json!(comparison.worst);
                value["worst_benchmark"] = json!(results.rows[comparison.worst_row]);
                value["compared"] = json!(comparison.rows);
            }
        }
        Err(failure) => value["error"] = json!(failure.to_string()),
    }
    value
}

fn cell(cell: &Cell) -> Value {
    let mut value = json!({ "samples": cell.samples.iter().map(sample).collect::<Vec<_>>() });
    if let Some(failure) = &cell.failure {
        value["error"] = json!(failure.to_string());
    }
    value
}

fn sample(sample: &Sample) -> Value {
    sample.iter().map(|(metric, value)| (metric.key().to_owned(), json!(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;
    use crate::results::sample::two_pythons;

    #[test]
    fn samples_failures_and_comparisons_are_all_there() {
        let mut results = two_pythons();
        results.columns[0].about = Err(Failure::reported("not there"));
        let mut value = json(&results, Metric::Time);
        value["system"] = json!("(this machine's)");
        value["harness"] = json!("(this version)");
        insta::assert_snapshot!(serde_json::to_string_pretty(&value).unwrap());
    }
}
