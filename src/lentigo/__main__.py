"""`python -m lentigo`."""

from lentigo.cli import main

main()
