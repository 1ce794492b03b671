## compiler/cli: gcxc.
bin_PROGRAMS += gcxc
gcxc_SOURCES = compiler/cli/main.c compiler/cli/build.c compiler/cli/dis.c compiler/cli/test.c compiler/cli/command.h
gcxc_LDADD = libcompiler.la libsim.la libcore.la libjournal.la libhost.la libadapter.la libvocabulary.la libvm.la \
	$(JANSSON_LIBS) $(SQLITE_LIBS) $(SODIUM_LIBS) $(XXHASH_LIBS)
