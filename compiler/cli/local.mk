## compiler/cli: gcxc.
bin_PROGRAMS += gcxc
gcxc_SOURCES = compiler/cli/main.c compiler/cli/build.c compiler/cli/dis.c compiler/cli/command.h
gcxc_LDADD = libcompiler.la libvm.la $(SODIUM_LIBS)
