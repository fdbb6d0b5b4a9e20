//! Features of files and command lines, tree ensembles, and why they say what they say.
