## stdlib: the standard library. The compiler carries it with it; it is installed to be read.
LIBRARY = stdlib/callers.gcx stdlib/data.gcx stdlib/days.gcx stdlib/hours.gcx stdlib/lists.gcx stdlib/maps.gcx \
	stdlib/phone.gcx stdlib/queues.gcx stdlib/statistics.gcx stdlib/targets.gcx stdlib/text.gcx
librarydir = $(pkgdatadir)/stdlib
dist_library_DATA = $(LIBRARY) $(LIBRARY:.gcx=_tests.gcx) stdlib/site.gcx stdlib/README.md
