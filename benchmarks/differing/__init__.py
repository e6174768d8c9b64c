"""The figures of docs/differences.md, by subject: what each library answers about one small shared file."""
