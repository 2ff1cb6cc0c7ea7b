//! The command lines as users meet them.
