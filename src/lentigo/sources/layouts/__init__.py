"""Layouts of data sets as their publishers and hosts deliver them, a module per family.

Each finds its layout in a folder and returns the rows of its tables under the contract's names, with the files they
mean; labels, splits and checks are the same for all and come after. docs/data.md lists the layouts.
"""
