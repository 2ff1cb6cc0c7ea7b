//! Functions of the embedding program that Python calls: `from host import price`.

mod caller;
mod calls;
#[cfg(feature = "tokio")]
mod futures;
mod threads;
mod tools;
mod typed;
mod workers;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::caller::{Callable, Caller};
pub(crate) use self::calls::Calls;
#[cfg(feature = "tokio")]
pub use self::futures::FutureFunction;
#[cfg(feature = "tokio")]
use self::futures::Pending;
use self::threads::Threads;
pub use self::tools::{Signature, Tool};
use self::tools::{call, describe, describe_schema, split};
use self::typed::Argument;
pub use self::typed::{CallingFunction, Function, IntoRaise};
#[cfg(feature = "tokio")]
pub(crate) use self::workers::{Worker, Workers};
use crate::value::Value;

/// An exception for Python to raise, with a type of its own choice.
///
/// A function that fails with any other error that can be displayed raises `host.Error`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raise {
    /// The name of a built-in exception. `None` means `host.Error`.
    pub(crate) type_name: Option<String>,
    pub(crate) message: String,
}

impl Raise {
    /// Makes the built-in exception of that name, such as `"KeyError"`. If no exception has the name, Python
    /// raises `host.Error`.
    pub fn new(type_name: &str, message: impl Into<String>) -> Self {
        Self { type_name: Some(type_name.to_owned()), message: message.into() }
    }

    /// Makes a `ValueError`: an argument of the right type with a wrong value.
    pub fn value_error(message: impl Into<String>) -> Self {
        Self::new("ValueError", message)
    }

    pub(crate) fn type_error(message: impl Into<String>) -> Self {
        Self::new("TypeError", message)
    }
}

type Outcome = Result<Value, Raise>;

type PlainBody = dyn Fn(Vec<Argument>) -> Outcome + Send + Sync;
#[cfg(feature = "tokio")]
type FutureBody = dyn Fn(Vec<Argument>) -> Result<Pending, Raise> + Send + Sync;
type CallingBody = dyn Fn(&Caller, Vec<Argument>) -> Outcome + Send + Sync;

/// The body of a function, whatever its types, and where it runs.
#[derive(Clone)]
enum Body {
    /// On the thread that runs Python.
    Plain(Arc<PlainBody>),
    /// On a thread of its own, so that it can be in the middle of something while Python runs.
    Calling(Arc<CallingBody>),
    /// On a thread of its own, from the call on. Python waits for it when it awaits the result.
    Awaited(Arc<PlainBody>),
    /// On the runtime, from the call on. Python waits for it likewise.
    #[cfg(feature = "tokio")]
    Future(Arc<FutureBody>),
}

impl Body {
    /// Whether Python awaits it.
    fn is_awaited(&self) -> bool {
        match self {
            Self::Plain(_) | Self::Calling(_) => false,
            Self::Awaited(_) => true,
            #[cfg(feature = "tokio")]
            Self::Future(_) => true,
        }
    }
}

/// The functions that an interpreter and its forks can call, on whatever threads these run.
#[derive(Clone, Default)]
pub(crate) struct Functions {
    bodies: BTreeMap<String, Body>,
    /// What Python shows of some, and what a model is told of them.
    described: BTreeMap<String, (Signature, Option<Tool>)>,
    /// Whose calls these are.
    pub(crate) tag: Option<Arc<str>>,
    /// The threads of all these interpreters together.
    threads: Threads,
    /// What polls those that are futures.
    #[cfg(feature = "tokio")]
    runtime: Option<tokio::runtime::Handle>,
}

/// The words that cannot be a name in Python, as `keyword.kwlist` has them.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

impl Functions {
    pub(crate) fn is_empty(&self) -> bool {
        self.bodies.is_empty()
    }

    /// Adds other functions, which replace those of the same names.
    pub(crate) fn extend(&mut self, others: Self) {
        self.described.retain(|name, _| !others.bodies.contains_key(name));
        self.described.extend(others.described);
        self.bodies.extend(others.bodies);
        self.tag = others.tag.or(self.tag.take());
        #[cfg(feature = "tokio")]
        {
            self.runtime = others.runtime.or(self.runtime.take());
        }
    }

    /// Chooses the runtime of this thread if one is needed and none was given. The error says that there is none.
    #[cfg(feature = "tokio")]
    pub(crate) fn choose_runtime(&mut self) -> Result<(), String> {
        let future = self.bodies.iter().find(|(_, body)| matches!(body, Body::Future(_)));
        if let Some((name, _)) = future
            && self.runtime.is_none()
        {
            let current = tokio::runtime::Handle::try_current().map_err(|error| {
                format!(
                    "the function {name:?} is a future, and no tokio runtime is here to poll it ({error}): build \
                     the sandbox inside of one, or give its handle to PythonBuilder::runtime"
                )
            })?;
            self.runtime = Some(current);
        }
        Ok(())
    }

    /// Sets what polls the functions that are futures.
    #[cfg(feature = "tokio")]
    pub(crate) fn set_runtime(&mut self, runtime: tokio::runtime::Handle) {
        self.runtime = Some(runtime);
    }

    #[cfg(feature = "tokio")]
    pub(crate) fn future<A>(&mut self, name: &str, function: impl FutureFunction<A>) -> Result<(), String> {
        self.add(name, Body::Future(Arc::new(move |arguments| function.call(arguments))))
    }

    pub(crate) fn plain<A>(&mut self, name: &str, function: impl Function<A>) -> Result<(), String> {
        self.add(name, Body::Plain(Arc::new(move |arguments| function.call(arguments))))
    }

    pub(crate) fn calling<A>(&mut self, name: &str, function: impl CallingFunction<A>) -> Result<(), String> {
        self.add(name, Body::Calling(Arc::new(move |caller, arguments| function.call(caller, arguments))))
    }

    pub(crate) fn awaited<A>(&mut self, name: &str, function: impl Function<A>) -> Result<(), String> {
        self.add(name, Body::Awaited(Arc::new(move |arguments| function.call(arguments))))
    }

    /// Adds a function whose parameters are the fields of `A`.
    pub(crate) fn tool<A, T, E>(
        &mut self,
        name: &str,
        function: impl Fn(A) -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<(), String>
    where
        A: DeserializeOwned + JsonSchema,
        T: Serialize,
        E: IntoRaise,
    {
        let (tool, signature, parameters) = describe::<A>(name)?;
        let body = move |arguments| call(&parameters, &function, arguments);
        self.add(name, Body::Plain(Arc::new(body)))?;
        self.described.insert(name.to_owned(), (signature, Some(tool)));
        Ok(())
    }

    /// Adds a function whose parameters are the properties of a JSON Schema.
    pub(crate) fn described_tool(
        &mut self,
        name: &str,
        description: String,
        schema: serde_json::Value,
        function: impl Fn(Value) -> Outcome + Send + Sync + 'static,
    ) -> Result<(), String> {
        let (tool, signature, parameters) = describe_schema(name, description, schema)?;
        let body = move |arguments| function(Value::Dict(parameters.bind_all(arguments)?));
        self.add(name, Body::Plain(Arc::new(body)))?;
        self.described.insert(name.to_owned(), (signature, Some(tool)));
        Ok(())
    }

    /// Adds a function whose signature is known as text.
    pub(crate) fn signed(
        &mut self,
        name: &str,
        is_awaited: bool,
        signature: Signature,
        function: impl Fn(Vec<Value>, Vec<(String, Value)>) -> Outcome + Send + Sync + 'static,
    ) -> Result<(), String> {
        let body = Arc::new(move |arguments| {
            let (positional, keywords) = split(arguments)?;
            function(positional, keywords)
        });
        self.add(name, if is_awaited { Body::Awaited(body) } else { Body::Plain(body) })?;
        self.described.insert(name.to_owned(), (signature, None));
        Ok(())
    }

    /// Returns the tools, by their names.
    pub(crate) fn tools(&self) -> Vec<Tool> {
        self.described.values().filter_map(|(_, tool)| tool.clone()).collect()
    }

    fn add(&mut self, name: &str, body: Body) -> Result<(), String> {
        if !is_name(name) || name.starts_with("__") || name == "Error" {
            return Err(format!("{name:?} is not a name for a function of the host"));
        }
        match self.bodies.insert(name.to_owned(), body) {
            None => Ok(()),
            Some(_) => Err(format!("there are two functions of the host with the name {name:?}")),
        }
    }

    /// Returns the names of the functions that are called, of those that are awaited, and what is told of some.
    pub(crate) fn names(&self) -> [Value; 3] {
        let names = |awaited| {
            let chosen = self.bodies.iter().filter(|(_, body)| body.is_awaited() == awaited);
            Value::List(chosen.map(|(name, _)| name.as_str().into()).collect())
        };
        let told = self.described.iter().map(|(name, (signature, _))| signature.told(name));
        [names(false), names(true), Value::List(told.collect())]
    }
}

/// Whether a name in Python may be so, of the letters that all of us have.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !KEYWORDS.contains(&name)
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.bodies.keys()).finish()
    }
}
