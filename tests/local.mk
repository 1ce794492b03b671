## tests: the checks of the house itself, and suites that need more than one room.
EXTRA_DIST += tests/lsan.supp tests/checks/arrows.def tests/allow/vm.symbols tests/allow/core.symbols
SCRIPT_TESTS += tests/checks/arrows.sh tests/checks/symbols.sh
EXTRA_DIST += $(SCRIPT_TESTS) tests/packages tests/quick/common.sh tests/quick/check.sh tests/quick/demo.sh
