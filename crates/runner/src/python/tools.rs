//! Functions that a model can call, and those whose signatures are known as text.

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Python, PythonBuilder};
use crate::functions::{IntoRaise, Raise, Signature, Tool};
use crate::value::Value;

impl PythonBuilder {
    /// Offers a function whose parameters are the fields of a struct, which [serde](serde::Deserialize) reads and
    /// [schemars](schemars::JsonSchema) describes: to Python, which finds it in the module `host`, and to a language
    /// model, for which [`Python::tools`] has its name, description and JSON Schema.
    ///
    /// ```
    /// # use python_wasm::Python;
    /// use schemars::JsonSchema;
    /// use serde::Deserialize;
    ///
    /// /// Searches the catalogue.
    /// #[derive(Deserialize, JsonSchema)]
    /// struct Search {
    ///     /// What to look for.
    ///     query: String,
    ///     /// At most so many.
    ///     #[serde(default = "three")]
    ///     limit: usize,
    /// }
    ///
    /// fn three() -> usize {
    ///     3
    /// }
    ///
    /// let mut py = Python::builder()
    ///     .tool("search", |search: Search| -> Result<Vec<String>, String> {
    ///         Ok((0..search.limit).map(|number| format!("{} {number}", search.query)).collect())
    ///     })
    ///     .build()?;
    /// py.exec("from host import search; import inspect")?;
    /// assert_eq!(py.eval::<Vec<String>>("search('pear', limit=2)")?, ["pear 0", "pear 1"]);
    /// assert_eq!(py.eval::<String>("str(inspect.signature(search))")?, "(query, *, limit=3)");
    /// assert_eq!(py.tools()[0].description, "Searches the catalogue.");
    /// assert_eq!(py.tools()[0].parameters["required"][0], "query");
    /// # Ok::<(), python_wasm::Error>(())
    /// ```
    ///
    /// Fields without a default can be given by position, in their order; the others by name alone. What does not
    /// fit is a `TypeError` in Python. Otherwise it is a function as [`function`](Self::function) offers it.
    ///
    /// [`build`](Self::build) returns [`Error::Config`](crate::Error::Config) for arguments that are no struct with
    /// named fields, or `()`.
    #[must_use]
    pub fn tool<A, T, E>(
        self,
        name: &str,
        function: impl Fn(A) -> Result<T, E> + Send + Sync + 'static,
    ) -> Self
    where
        A: DeserializeOwned + JsonSchema,
        T: Serialize,
        E: IntoRaise,
    {
        self.offer(|functions| functions.tool(name, function))
    }

    /// Offers a [tool](Self::tool) whose parameters are known as a JSON Schema rather than as a type: for a binding of
    /// another language. It gets a [`Value::Dict`] of the arguments that were given, by their names. Whether they
    /// are of the types that the schema wants is the function's to check.
    ///
    /// [`build`](Self::build) returns [`Error::Config`](crate::Error::Config) if the schema is not that of an object,
    /// or a property cannot be the name of a parameter in Python.
    #[must_use]
    pub fn tool_with_schema(
        self,
        name: &str,
        description: impl Into<String>,
        schema: serde_json::Value,
        function: impl Fn(Value) -> Result<Value, Raise> + Send + Sync + 'static,
    ) -> Self {
        self.offer(|functions| functions.described_tool(name, description.into(), schema, function))
    }

    /// Offers a function that takes any arguments, and whose signature is known as text: for a binding of
    /// another language. It gets the positional arguments and the keywords.
    #[must_use]
    pub fn function_with_signature(
        self,
        name: &str,
        signature: Signature,
        function: impl Fn(Vec<Value>, Vec<(String, Value)>) -> Result<Value, Raise> + Send + Sync + 'static,
    ) -> Self {
        self.offer(|functions| functions.signed(name, false, signature, function))
    }

    /// Offers the same to be awaited, as [`async_function`](Self::async_function) does.
    #[must_use]
    pub fn async_function_with_signature(
        self,
        name: &str,
        signature: Signature,
        function: impl Fn(Vec<Value>, Vec<(String, Value)>) -> Result<Value, Raise> + Send + Sync + 'static,
    ) -> Self {
        self.offer(|functions| functions.signed(name, true, signature, function))
    }
}

impl Python {
    /// Returns the [tools](PythonBuilder::tool), by their names, as a language model is told of them.
    pub fn tools(&self) -> Vec<Tool> {
        self.interpreter.guest.instance().state().functions.tools()
    }
}
