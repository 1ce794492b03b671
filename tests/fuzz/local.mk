## tests/fuzz: targets of libFuzzer, one a reader of what comes from outside. Built and run by `make fuzz` where
## configure was given --enable-fuzz. A target links $(FUZZ_LIBS), is compiled with $(FUZZ_CFLAGS), and has its seeds in
## tests/fuzz/corpus/NAME/ and its words in tests/fuzz/NAME.dict, where it has any.
FUZZ_TARGETS =
FUZZ_SECONDS = 60
EXTRA_PROGRAMS += $(FUZZ_TARGETS)
EXTRA_DIST += tests/fuzz/run.sh

.PHONY: fuzz
if FUZZ
fuzz: $(FUZZ_TARGETS)
	$(top_srcdir)/tests/fuzz/run.sh $(top_builddir) $(FUZZ_SECONDS) $(FUZZ_TARGETS)
else
fuzz:
	@echo "make fuzz needs a build for it: ../configure --enable-fuzz CC=clang" >&2; exit 1
endif
