"""The local AWS: moto behind HTTP, made strict, and remembered in a journal."""
