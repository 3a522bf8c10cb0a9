#!/usr/bin/env python3
"""Recomputes a published draw: draw.py COMMITMENT SECRET WORD < REFERENCES (one a line).

Prints the references in the order in which they were drawn, or says what is wrong. Needs nothing but Python.
"""
import hashlib
import sys


def main() -> None:
    commitment, secret, word = sys.argv[1:4]
    if hashlib.sha256(secret.encode()).hexdigest() != commitment:
        sys.exit("the secret is not the one that was committed to")
    references = sys.stdin.read().split("\n")
    references = [reference for reference in references if reference]
    if len(set(references)) != len(references):
        sys.exit("a reference is on the list twice")

    def place(reference: str) -> bytes:
        return hashlib.sha256(f"{secret}\n{word}\n{reference}".encode()).digest()

    for reference in sorted(references, key=place):
        print(reference)


if __name__ == "__main__":
    main()
