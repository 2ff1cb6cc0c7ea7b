//! Functions that a model can call: what Python shows of them, how arguments are bound, what a model is told.

use std::collections::BTreeMap;

use python_wasm::{Error, Python, Raise, Signature, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Searches the catalogue.
///
/// The best match comes first.
#[derive(Deserialize, JsonSchema)]
struct Search {
    /// What to look for.
    query: String,
    /// In which of them.
    shelves: Vec<Shelf>,
    #[serde(default = "three")]
    limit: usize,
    /// Nothing cheaper
    /// than this.
    above: Option<f64>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Shelf {
    Fruit,
    Bread,
}

#[derive(Serialize)]
struct Hits {
    found: Vec<String>,
    prices: BTreeMap<String, f64>,
}

fn three() -> usize {
    3
}

fn search(Search { query, shelves, limit, above }: Search) -> Result<Hits, String> {
    if query == "house" {
        return Err("nobody sells that".into());
    }
    let found: Vec<String> = (0..limit).map(|number| format!("{query} {number} {shelves:?}")).collect();
    let prices = found.iter().map(|name| (name.clone(), above.unwrap_or(0.5))).collect();
    Ok(Hits { found, prices })
}

fn with_search() -> Python {
    let mut py = Python::builder().tool("search", search).build().unwrap();
    py.exec("import host, inspect\nfrom host import search").unwrap();
    py
}

fn type_error(error: Error) -> String {
    match error {
        Error::Exception { type_name, message, .. } if type_name == "TypeError" => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn arguments_are_given_by_position_and_by_name() {
    let mut py = with_search();
    let found = |py: &mut Python, call: &str| py.eval::<Vec<String>>(&format!("{call}['found']")).unwrap();
    assert_eq!(found(&mut py, "search('pear', ['fruit'], limit=1)"), ["pear 0 [Fruit]"]);
    assert_eq!(found(&mut py, "search(shelves=['bread', 'fruit'], query='rye')").len(), 3);
    assert_eq!(
        py.eval::<BTreeMap<String, f64>>("search('pear', [], limit=1, above=2.5)['prices']").unwrap(),
        BTreeMap::from([("pear 0 []".to_owned(), 2.5)])
    );
    assert_eq!(found(&mut py, "search('pear', [], above=None)").len(), 3);
}

#[test]
fn what_does_not_fit_is_a_type_error_in_python_s_words() {
    let mut py = with_search();
    for (call, message) in [
        ("search()", "search(): missing 2 required arguments: 'query', 'shelves'"),
        ("search('pear')", "search(): missing 1 required argument: 'shelves'"),
        ("search('pear', [], 3)", "search(): takes 2 positional arguments but 3 were given"),
        ("search('pear', [], most=3)", "search(): got an unexpected keyword argument 'most'"),
        ("search('pear', [], query='x')", "search(): got multiple values for argument 'query'"),
        ("search(1, [])", "search(): expected a string"),
        ("search('pear', ['meat'])", "search(): unknown variant `meat`, expected `fruit` or `bread`"),
        ("search('pear', [], limit=-1)", "search(): "),
        ("search(**{'query': 'x', 'shelves': [], '': 1})", "search(): got an unexpected keyword argument ''"),
    ] {
        let said = type_error(py.exec(call).unwrap_err());
        assert!(said.starts_with(message) || said.contains("string"), "{call}: {said}");
    }
    assert!(py.exec("search('house', [])").unwrap_err().is_exception("host.Error"));
    assert_eq!(py.eval::<i64>("1").unwrap(), 1);
}

#[test]
fn a_traceback_shows_the_program_alone() {
    let mut py = with_search();
    let Error::Exception { frames, traceback, .. } = py.exec("x = 1\nsearch('house', [])").unwrap_err()
    else {
        panic!("it raises")
    };
    assert_eq!((frames.len(), frames[0].line), (1, 2));
    assert!(traceback.ends_with("host.Error: nobody sells that\n"), "{traceback}");
}

#[test]
fn python_shows_signature_annotations_and_docstring() {
    let mut py = with_search();
    assert_eq!(
        py.eval::<String>("str(inspect.signature(search))").unwrap(),
        "(query, shelves, *, above=None, limit=3)"
    );
    assert_eq!(
        py.repr("search.__annotations__['query'], search.__annotations__['limit']").unwrap(),
        "('str', 'int')"
    );
    assert_eq!(py.repr("search.__annotations__['above']").unwrap(), "'float | None'");
    assert_eq!(
        py.repr("search.__module__, search.__name__, search.__qualname__").unwrap(),
        "('host', 'search', 'search')"
    );
    assert_eq!(py.repr("host.__all__").unwrap(), "['Error', 'search']");
    let help = py.exec("help(search)").unwrap().stdout;
    for text in [
        "search(query, shelves, *, above=None, limit=3)",
        "Searches the catalogue.",
        "The best match comes first.",
    ] {
        assert!(help.contains(text), "{text}: {help}");
    }
    assert_eq!(
        py.eval::<String>("search.__doc__").unwrap(),
        "Searches the catalogue.\n\nThe best match comes first.\n\nquery: What to look for.\n\
         shelves: In which of them.\nabove: Nothing cheaper than this."
    );
}

#[test]
fn a_model_is_told_name_description_and_schema() {
    let py = with_search();
    let tools = py.tools();
    assert_eq!(tools.len(), 1);
    let told = serde_json::to_value(&tools[0]).unwrap();
    assert_eq!(told["name"], "search");
    assert_eq!(told["description"], "Searches the catalogue.\n\nThe best match comes first.");
    let parameters = &told["parameters"];
    assert_eq!(parameters["type"], "object");
    assert_eq!(parameters["required"], json!(["query", "shelves"]));
    assert_eq!(parameters["additionalProperties"], false);
    assert_eq!(
        parameters["properties"]["query"],
        json!({"type": "string", "description": "What to look for."})
    );
    assert_eq!(parameters["properties"]["limit"]["default"], 3);
    // Nothing refers to another place.
    assert!(!parameters.to_string().contains("$ref"), "{parameters}");
    assert_eq!(parameters["properties"]["shelves"]["items"]["enum"], json!(["fruit", "bread"]));
}

#[test]
fn forks_have_tools_and_what_is_spawned_may_replace_them() {
    /// Greets.
    #[derive(Deserialize, JsonSchema)]
    struct Greet {
        #[serde(default)]
        loud: bool,
    }

    let mut py = with_search();
    let fork = py.fork().unwrap();
    assert_eq!(fork.tools(), py.tools());
    let snapshot = py.snapshot().unwrap();
    let greet = |greet: Greet| Ok::<_, String>(if greet.loud { "HELLO" } else { "hello" });
    let mut other = snapshot
        .builder()
        .tool("greet", greet)
        .function("search", |n: i64| Ok::<_, String>(n))
        .spawn()
        .unwrap();
    assert_eq!(other.tools().iter().map(|tool| tool.name.as_str()).collect::<Vec<_>>(), ["greet"]);
    other.exec("import host").unwrap();
    assert_eq!(
        other.repr("host.greet(), host.greet(loud=True), host.search(3)").unwrap(),
        "('hello', 'HELLO', 3)"
    );
}

#[test]
fn a_tool_may_take_nothing() {
    #[derive(Deserialize, JsonSchema)]
    struct Nothing {}

    let mut py = Python::builder()
        .tool("one", |(): ()| Ok::<_, String>(1))
        .tool("two", |Nothing {}: Nothing| Ok::<_, String>(2))
        .build()
        .unwrap();
    py.exec("from host import one, two").unwrap();
    assert_eq!(py.repr("one(), two()").unwrap(), "(1, 2)");
    assert_eq!(
        type_error(py.exec("one(1)").unwrap_err()),
        "one(): takes 0 positional arguments but 1 were given"
    );
}

#[test]
fn arguments_that_are_no_struct_are_refused() {
    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code, reason = "it is never made")]
    enum Either {
        One { a: i64 },
        Two { b: i64 },
    }

    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code, reason = "it is never made")]
    struct Renamed {
        #[serde(rename = "max-items")]
        max_items: u32,
    }

    let wrong = [
        Python::builder().tool("f", |_: String| Ok::<_, String>(1)).build(),
        Python::builder().tool("f", |_: Vec<i64>| Ok::<_, String>(1)).build(),
        Python::builder().tool("f", |_: Either| Ok::<_, String>(1)).build(),
        Python::builder().tool("f", |_: i64| Ok::<_, String>(1)).build(),
    ];
    for built in wrong {
        let error = built.unwrap_err();
        assert!(matches!(error, Error::Config { .. }) && error.to_string().contains("\"f\""), "{error}");
    }
    let error = Python::builder().tool("f", |_: Renamed| Ok::<_, String>(1)).build().unwrap_err();
    assert!(error.to_string().contains("\"max-items\""), "{error}");
    let error = Python::builder().tool("class", |(): ()| Ok::<_, String>(1)).build().unwrap_err();
    assert!(error.to_string().contains("class"), "{error}");
}

#[test]
fn a_binding_gives_signatures_as_text() {
    let signature = Signature {
        parameters: "(*rest, x=1, **more)".into(),
        annotations: vec![("x".into(), "int".into())],
        doc: "Adds.".into(),
    };
    let body = |positional: Vec<Value>, keywords: Vec<(String, Value)>| {
        let names: Vec<Value> = keywords.into_iter().map(|(name, _)| Value::Str(name)).collect();
        if names.is_empty() {
            Err(Raise::value_error("none"))
        } else {
            Ok(Value::List([positional, names].concat()))
        }
    };
    let mut py = Python::builder()
        .function_with_signature("add", signature.clone(), body)
        .async_function_with_signature("later", signature, body)
        .build()
        .unwrap();
    py.exec("import asyncio, inspect\nfrom host import add, later").unwrap();
    assert_eq!(py.repr("add(1, [2], z=3)").unwrap(), "[1, [2], 'z']");
    assert_eq!(
        py.repr("str(inspect.signature(later)), later.__doc__").unwrap(),
        "('(*rest, x=1, **more)', 'Adds.')"
    );
    assert_eq!(py.repr("asyncio.run(later(5, a=1))").unwrap(), "[5, 'a']");
    assert!(
        py.eval::<bool>("inspect.iscoroutinefunction(later) and not inspect.iscoroutinefunction(add)")
            .unwrap()
    );
    assert!(py.exec("add()").unwrap_err().is_exception("ValueError"));
    assert!(py.tools().is_empty());
}

fn described(schema: serde_json::Value) -> Result<Python, Error> {
    let echo = |arguments: Value| Ok(arguments);
    Python::builder().tool_with_schema("search", "Searches.", schema, echo).build()
}

#[test]
fn a_tool_that_is_known_by_its_schema_binds_and_shows_its_parameters() {
    let schema = json!({
        "type": "object",
        "required": ["query", "shelf"],
        "properties": {"limit": {"type": "integer", "default": 3}, "query": {"type": "string"}, "shelf": {}},
    });
    let mut py = described(schema.clone()).unwrap();
    py.exec("import inspect\nfrom host import search").unwrap();
    assert_eq!(
        py.repr("search('pear', shelf=1, limit=2)").unwrap(),
        "{'query': 'pear', 'shelf': 1, 'limit': 2}"
    );
    assert_eq!(py.repr("search('pear', [2])").unwrap(), "{'query': 'pear', 'shelf': [2]}");
    assert_eq!(py.eval::<String>("str(inspect.signature(search))").unwrap(), "(query, shelf, *, limit=3)");
    let refused = type_error(py.exec("search('pear', 1, 2)").unwrap_err());
    assert_eq!(refused, "search(): takes 2 positional arguments but 3 were given");
    let tool = &py.tools()[0];
    assert_eq!((tool.description.as_str(), &tool.parameters), ("Searches.", &schema));
}

#[test]
fn a_schema_that_says_no_parameters_is_refused() {
    for (schema, part) in [
        (json!({"type": "array"}), "has no \"type\": \"object\""),
        (json!([1]), "has no \"type\": \"object\""),
        (json!({"type": "object", "properties": {"a b": {}}}), "\"a b\""),
        (json!({"type": "object", "required": ["class"]}), "\"class\""),
    ] {
        let Err(Error::Config { message, .. }) = described(schema) else { panic!("{part}") };
        assert!(message.contains(part), "{message}");
    }
    described(json!({"type": "object"})).unwrap();
}
