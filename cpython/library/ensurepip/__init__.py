"""ensurepip has nothing to do: pip is part of the library in the sandbox."""

import importlib.metadata

__all__ = ["version", "bootstrap"]


def version():
    """The version of pip that is there."""
    return importlib.metadata.version("pip")


def bootstrap(*, root=None, upgrade=False, user=False, altinstall=False, default_pip=False, verbosity=0):
    """Say that pip is there; it cannot be installed anywhere else."""
    if root is not None or upgrade or user:
        raise NotImplementedError("pip is part of the WASI sandbox's library, and stays where it is")


def _main(argv=None):
    print(f"pip {version()} is there already: python-wasm -m pip runs it")
    return 0
