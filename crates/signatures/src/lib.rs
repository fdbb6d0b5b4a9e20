//! Hash sets and ClamAV-format signatures: files of signatures to one matcher.
