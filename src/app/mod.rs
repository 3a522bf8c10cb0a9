//! Use cases, one verb a file: each reads as the story, in one transaction.
