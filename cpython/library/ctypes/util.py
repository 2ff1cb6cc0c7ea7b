"""ctypes.util without libraries: none is found, which is what find_library() says by None."""


def find_library(name):
    """The file of a library: there is none in the WASI sandbox."""
    return None
