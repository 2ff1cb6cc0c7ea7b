//! Functions that a model can call: with keywords and defaults, a docstring, and a JSON Schema of their arguments.
//!
//! In Python such a function takes any arguments, and shows the signature that it has here. What comes is a list of
//! positional arguments and a dict of keywords, which are bound here.

use schemars::{JsonSchema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::typed::{Argument, outcome};
use super::{IntoRaise, Outcome, Raise, is_name};
use crate::value::{Value, from_value};

/// A tool, as a language model is told of it. Serializes as most of them want it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tool {
    /// Its name in the module `host`.
    pub name: String,
    /// What it does: the documentation of the type of its arguments.
    pub description: String,
    /// A JSON Schema of its arguments, an object.
    pub parameters: Json,
}

/// What Python shows of a function: for bindings that know it as text. A [`Tool`] is made from a type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// The parameters in parentheses, without annotations and with literals as defaults: `(query, limit=10)`.
    pub parameters: String,
    /// The names of parameters, or `return`, with their annotations.
    pub annotations: Vec<(String, String)>,
    /// The docstring.
    pub doc: String,
}

/// The parameters of a tool. The required ones come first, and can be given by position.
#[derive(Clone, Debug)]
pub(super) struct Parameters {
    names: Vec<String>,
    required: usize,
}

/// Describes a tool by the type of its arguments: what a model is told, and what Python shows.
///
/// The error says why the type has no parameters: only a struct with named fields, or `()`, does.
pub(super) fn describe<A: JsonSchema>(name: &str) -> Result<(Tool, Signature, Parameters), String> {
    let mut schema = inline_generator().into_root_schema_for::<A>();
    schema.remove("$schema");
    schema.remove("title");
    if schema.get("type").and_then(Json::as_str) == Some("null") {
        schema = schemars::json_schema!({"type": "object"});
    }
    if schema.get("type").and_then(Json::as_str) != Some("object") || schema.get("oneOf").is_some() {
        return Err(format!(
            "the tool {name:?} takes no struct with named fields, whose fields its parameters are"
        ));
    }
    let description = schema.remove("description").and_then(|text| text.as_str().map(str::to_owned));
    schema.insert("additionalProperties".into(), false.into());
    describe_schema(name, description.unwrap_or_default(), schema.to_value())
}

/// Describes a tool by the JSON Schema of its arguments: what a model is told, and what Python shows.
///
/// The error says why it cannot be called: the schema is not one of an object, or a property has no name in Python.
pub(super) fn describe_schema(
    name: &str,
    description: String,
    schema: Json,
) -> Result<(Tool, Signature, Parameters), String> {
    if schema.get("type").and_then(Json::as_str) != Some("object") {
        return Err(format!("the schema of the tool {name:?} has no \"type\": \"object\""));
    }
    let required: Vec<String> = names(schema.get("required"));
    let properties = schema.get("properties").and_then(Json::as_object).cloned().unwrap_or_default();
    let optional = properties.keys().filter(|name| !required.contains(name)).cloned();
    let ordered: Vec<String> = required.iter().cloned().chain(optional).collect();
    if let Some(wrong) = ordered.iter().find(|parameter| !is_name(parameter)) {
        return Err(format!(
            "the parameter {wrong:?} of the tool {name:?} is not a name for a parameter in Python"
        ));
    }
    let mut texts: Vec<String> = required.clone();
    let mut annotations = Vec::new();
    let mut told = Vec::new();
    for (index, parameter) in ordered.iter().enumerate() {
        let property = properties.get(parameter).unwrap_or(&Json::Null);
        if index >= required.len() {
            if index == required.len() {
                texts.push("*".into());
            }
            texts.push(format!("{parameter}={}", literal(property.get("default").unwrap_or(&Json::Null))));
        }
        annotations.push((parameter.clone(), annotation(property)));
        if let Some(text) = property.get("description").and_then(Json::as_str) {
            told.push(format!("{parameter}: {}", text.replace('\n', " ")));
        }
    }
    let doc = format!("{description}\n\n{}", told.join("\n")).trim().to_owned();
    let signature = Signature { parameters: format!("({})", texts.join(", ")), annotations, doc };
    let parameters = Parameters { required: required.len(), names: ordered };
    let tool = Tool { name: name.to_owned(), description, parameters: schema };
    Ok((tool, signature, parameters))
}

/// A generator whose schemas refer to nothing: models read them as they are.
fn inline_generator() -> SchemaGenerator {
    let settings = schemars::generate::SchemaSettings::draft2020_12();
    settings.with(|settings| settings.inline_subschemas = true).into_generator()
}

fn names(list: Option<&Json>) -> Vec<String> {
    let items = list.and_then(Json::as_array).into_iter().flatten();
    items.filter_map(Json::as_str).map(str::to_owned).collect()
}

/// A value of JSON as Python writes it.
fn literal(value: &Json) -> String {
    match value {
        Json::Null => "None".into(),
        Json::Bool(true) => "True".into(),
        Json::Bool(false) => "False".into(),
        Json::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Json::Object(pairs) => {
            let pair =
                |(key, value): (&String, &Json)| format!("{}: {}", Json::from(key.as_str()), literal(value));
            format!("{{{}}}", pairs.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        // JSON's strings and numbers are Python's.
        other => other.to_string(),
    }
}

/// The annotation that says about what a schema says.
fn annotation(schema: &Json) -> String {
    let kinds = match schema.get("type") {
        Some(Json::String(kind)) => vec![kind.as_str()],
        Some(Json::Array(kinds)) => kinds.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    };
    if let Some(values) = schema.get("enum").and_then(Json::as_array) {
        return format!("Literal[{}]", values.iter().map(literal).collect::<Vec<_>>().join(", "));
    }
    if let Some(alternatives) = schema.get("anyOf").and_then(Json::as_array) {
        return alternatives.iter().map(annotation).collect::<Vec<_>>().join(" | ");
    }
    let named = |kind: &&str| match *kind {
        "string" => "str".into(),
        "integer" => "int".into(),
        "number" => "float".into(),
        "boolean" => "bool".into(),
        "null" => "None".into(),
        "array" => {
            schema.get("items").map_or_else(|| "list".into(), |items| format!("list[{}]", annotation(items)))
        }
        "object" => "dict".into(),
        other => other.to_owned(),
    };
    if kinds.is_empty() {
        "object".into()
    } else {
        kinds.iter().map(named).collect::<Vec<String>>().join(" | ")
    }
}

/// Calls a tool with the list and the dict that Python sent.
pub(super) fn call<A: DeserializeOwned, T: Serialize, E: IntoRaise>(
    parameters: &Parameters,
    function: &impl Fn(A) -> Result<T, E>,
    arguments: Vec<Argument>,
) -> Outcome {
    let bound = parameters.bind_all(arguments)?;
    // A tool without parameters may take `()`.
    let whole = if parameters.names.is_empty() { Value::None } else { Value::Dict(bound) };
    let whole = match (from_value(whole), parameters.names.is_empty()) {
        (Err(_), true) => from_value(Value::Dict(Vec::new())),
        (whole, _) => whole,
    };
    let argument = whole.map_err(|error| Raise::type_error(error.to_string()))?;
    outcome(function(argument))
}

/// The positional arguments and the keywords of a call.
pub(super) type Given = (Vec<Value>, Vec<(String, Value)>);

/// Takes the arguments of a call apart.
pub(super) fn split(arguments: Vec<Argument>) -> Result<Given, Raise> {
    let mut values = arguments.into_iter().map(|argument| argument.value);
    let (Some(Value::List(positional)), Some(Value::Dict(keywords)), None) =
        (values.next(), values.next(), values.next())
    else {
        return Err(Raise::type_error("takes a list of arguments and a dict of keywords"));
    };
    let named = |(name, value)| match name {
        Value::Str(name) => Ok((name, value)),
        _ => Err(Raise::type_error("keywords must be strings")),
    };
    Ok((positional, keywords.into_iter().map(named).collect::<Result<_, _>>()?))
}

impl Parameters {
    /// Finds the parameters for the list and the dict that Python sent.
    pub(super) fn bind_all(&self, arguments: Vec<Argument>) -> Result<Vec<(Value, Value)>, Raise> {
        let (positional, keywords) = split(arguments)?;
        self.bind(positional, keywords)
    }

    /// Finds the parameter for each argument, with Python's own words for what does not fit.
    fn bind(
        &self,
        positional: Vec<Value>,
        keywords: Vec<(String, Value)>,
    ) -> Result<Vec<(Value, Value)>, Raise> {
        if positional.len() > self.required {
            let (takes, given) = (self.required, positional.len());
            let plural = if takes == 1 { "" } else { "s" };
            let message = format!("takes {takes} positional argument{plural} but {given} were given");
            return Err(Raise::type_error(message));
        }
        let mut bound: Vec<(String, Value)> = self.names.iter().cloned().zip(positional).collect();
        for (name, value) in keywords {
            if !self.names.contains(&name) {
                return Err(Raise::type_error(format!("got an unexpected keyword argument '{name}'")));
            }
            if bound.iter().any(|(other, _)| *other == name) {
                return Err(Raise::type_error(format!("got multiple values for argument '{name}'")));
            }
            bound.push((name, value));
        }
        let is_missing = |name: &&String| !bound.iter().any(|(other, _)| other == *name);
        let missing: Vec<String> =
            self.names[..self.required].iter().filter(is_missing).map(|name| format!("'{name}'")).collect();
        if !missing.is_empty() {
            let plural = if missing.len() == 1 { "" } else { "s" };
            let (count, names) = (missing.len(), missing.join(", "));
            return Err(Raise::type_error(format!("missing {count} required argument{plural}: {names}")));
        }
        Ok(bound.into_iter().map(|(name, value)| (Value::Str(name), value)).collect())
    }
}

impl Signature {
    /// Makes what Python's side is told of a function with this name.
    pub(super) fn told(&self, name: &str) -> Value {
        let annotations = self.annotations.iter();
        let annotations = annotations.map(|(name, text)| (name.as_str().into(), text.as_str().into()));
        Value::Tuple(vec![
            name.into(),
            self.parameters.as_str().into(),
            Value::Dict(annotations.collect()),
            self.doc.as_str().into(),
        ])
    }
}
