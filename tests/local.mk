## tests: the checks of the house itself, and suites that need more than one room.
EXTRA_DIST += tests/lsan.supp
