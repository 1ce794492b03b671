## examples: what others may start from. Installed beside the manual; built and run by tests/flows/example_plugin.sh.
doorbelldir = $(docdir)/examples/doorbell
dist_doorbell_DATA = examples/doorbell/README.md examples/doorbell/Makefile examples/doorbell/doorbell.c \
	examples/doorbell/doorbell.h examples/doorbell/station.c examples/doorbell/entrance.gcx \
	examples/doorbell/directory.sql examples/doorbell/gcxvm.conf
SCRIPT_TESTS += tests/flows/example_plugin.sh
