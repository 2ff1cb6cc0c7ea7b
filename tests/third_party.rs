//! Programs by others.
