//! The spans that a subscriber sees.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use python_wasm::Python;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// What is known of a span: its name, that of the span around it, and its fields.
#[derive(Clone, Debug, Default)]
struct Seen {
    name: &'static str,
    within: Option<&'static str>,
    fields: HashMap<&'static str, String>,
    is_closed: bool,
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }
}

#[derive(Clone, Default)]
struct Spans {
    seen: Arc<Mutex<HashMap<u64, Seen>>>,
    entered: Arc<Mutex<Vec<u64>>>,
    next: Arc<AtomicU64>,
}

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.name().starts_with("python.")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let id = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let mut seen = self.seen.lock().unwrap();
        let around = self.entered.lock().unwrap().last().copied();
        let within = around.and_then(|around| seen.get(&around)).map(|around| around.name);
        let mut new = Seen { name: span.metadata().name(), within, ..Seen::default() };
        span.record(&mut new);
        seen.insert(id, new);
        Id::from_u64(id)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        values.record(self.seen.lock().unwrap().get_mut(&span.into_u64()).unwrap());
    }

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, _event: &Event<'_>) {}

    fn enter(&self, span: &Id) {
        self.entered.lock().unwrap().push(span.into_u64());
    }

    fn exit(&self, span: &Id) {
        self.entered.lock().unwrap().retain(|entered| *entered != span.into_u64());
    }

    fn try_close(&self, span: Id) -> bool {
        // The only clones are those that the library makes for the body of a function.
        self.seen.lock().unwrap().get_mut(&span.into_u64()).unwrap().is_closed = true;
        true
    }
}

impl Spans {
    /// Returns the spans of a name, in order.
    fn named(&self, name: &str) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap();
        let mut spans: Vec<_> = seen.iter().filter(|(_, seen)| seen.name == name).collect();
        spans.sort_by_key(|(id, _)| **id);
        spans.into_iter().map(|(_, seen)| seen.clone()).collect()
    }
}

fn number(seen: &Seen, field: &str) -> f64 {
    seen.fields.get(field).unwrap_or_else(|| panic!("{field} is not in {seen:?}")).parse().unwrap()
}

#[test]
fn a_subscriber_sees_sandboxes_calls_and_functions_with_what_they_cost() {
    let spans = Spans::default();
    tracing::subscriber::with_default(spans.clone(), || {
        let mut py = Python::builder()
            .function("price", |_: String| Ok::<_, String>(2))
            .async_function("later", || Ok::<_, String>(3))
            .build()
            .unwrap();
        py.exec("import asyncio, host\nhost.price('apple'), asyncio.run(host.later())").unwrap();
        py.exec("1 / 0").unwrap_err();
        py.snapshot().unwrap().spawn().unwrap();
    });
    let made = spans.named("python.spawn");
    assert_eq!(made.len(), 2);
    for span in made {
        assert!(
            span.is_closed && number(&span, "ms") > 0.0 && number(&span, "memory") >= 65536.0,
            "{span:?}"
        );
    }
    let calls = spans.named("python.exec");
    assert_eq!(calls.len(), 2);
    for call in &calls {
        assert!(call.is_closed && number(call, "fuel") > 100.0 && number(call, "ms") > 0.0, "{call:?}");
        assert!(number(call, "memory") >= 65536.0, "{call:?}");
    }
    assert_eq!(calls[0].fields.get("error"), None);
    assert_eq!(calls[1].fields["error"], "\"Exception\"");
    let functions = spans.named("python.host_call");
    let names: Vec<_> = functions.iter().map(|function| function.fields["name"].as_str()).collect();
    assert_eq!(names, ["\"price\"", "\"later\""]);
    for function in &functions {
        assert!(function.is_closed && number(function, "ms") > 0.0, "{function:?}");
        assert_eq!(function.within, Some("python.exec"));
    }
}
