## runtime/debugger: gcxdb. It shares with gcxc how files are found and libraries of natives are opened.
## The fuzzer of sessions has these, too, with lines of its own.
libdebugger_la_FILES = runtime/debugger/commands.def runtime/debugger/requests.def runtime/debugger/commands.h runtime/debugger/commands.c \
	runtime/debugger/acts.h runtime/debugger/acts.c \
	runtime/debugger/armed.c \
	runtime/debugger/boxes.h runtime/debugger/boxes.c \
	runtime/debugger/changes.c \
	runtime/debugger/compare.c \
	runtime/debugger/condition.c \
	runtime/debugger/dap.h runtime/debugger/dap.c runtime/debugger/dap_variables.c \
	runtime/debugger/parts.h runtime/debugger/parts.c \
	runtime/debugger/displays.h runtime/debugger/displays.c \
	runtime/debugger/dap_wire.h runtime/debugger/dap_wire.c \
	runtime/debugger/debugger.h runtime/debugger/debugger.c \
	runtime/debugger/expression.h runtime/debugger/expression.c \
	runtime/debugger/flow.c \
	runtime/debugger/graft.h runtime/debugger/graft.c \
	runtime/debugger/lanes.c \
	runtime/debugger/live.h runtime/debugger/live.c \
	runtime/debugger/names.c \
	runtime/debugger/past.h runtime/debugger/past.c \
	runtime/debugger/past_play.c runtime/debugger/past_state.h \
	runtime/debugger/retold.h runtime/debugger/retold.c \
	runtime/debugger/retold_agents.c \
	runtime/debugger/retold_arrival.c \
	runtime/debugger/retold_places.c \
	runtime/debugger/retold_state.h runtime/debugger/retold_state.c \
	runtime/debugger/retold_steps.c \
	runtime/debugger/retold_way.c \
	runtime/debugger/session.h runtime/debugger/session.c \
	runtime/debugger/show.h runtime/debugger/show.c \
	runtime/debugger/spell.h runtime/debugger/spell.c \
	runtime/debugger/stops.h runtime/debugger/stops.c \
	runtime/debugger/stops_row.h runtime/debugger/stops_kept.c \
	runtime/debugger/twin.h runtime/debugger/twin.c \
	runtime/debugger/typed.h runtime/debugger/typed.c \
	runtime/debugger/units.c \
	runtime/debugger/variant.h runtime/debugger/variant.c \
	runtime/debugger/watched.c runtime/debugger/waits.c \
	runtime/debugger/written.c
## The parts of gcxdb, its fuzzer and its tests: its sources are compiled once for all of them.
noinst_LTLIBRARIES += libdebugger.la
libdebugger_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS) $(EDIT_CFLAGS)
libdebugger_la_LIBADD = libprotocol.la
bin_PROGRAMS += gcxdb
gcxdb_FILES = runtime/debugger/gcxdb.c runtime/debugger/options.def runtime/debugger/lines.c
gcxdb_CFLAGS = $(libdebugger_la_CFLAGS)
gcxdb_LDADD = libdebugger.la libcli.la liblibraries.la libcompiler.la libnatives.la libvirtual.la libsim.la libplace.la libjournal.la libhost.la libcore.la libadapter.la libvocabulary.la libvm.la libbase.la \
	$(JANSSON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(XXHASH_LIBS) $(EDIT_LIBS)

## Goldens: each NAME.cmd with what gcxdb says to it.
SCRIPT_TESTS += tests/debugger/run.sh tests/debugger/dap.sh
PLAIN_TESTS += tests/debugger/exported.sh tests/debugger/retold.sh
SCRIPT_TESTS += tests/debugger/same.sh tests/debugger/reverse.sh tests/debugger/puzzles.sh
SCRIPT_TESTS += tests/flows/debug_attach.sh tests/flows/debug_chat.sh
## Makes the journals that are replayed.
check_PROGRAMS += tests/debugger/journal
tests/debugger/retold.log tests/debugger/reverse.log tests/debugger/run.log tests/debugger/same.log: tests/debugger/journal$(EXEEXT)
tests_debugger_journal_SOURCES = tests/debugger/journal.c
tests_debugger_journal_LDADD = libvirtual.la libsim.la libjournal.la libhost.la libcore.la libadapter.la libvocabulary.la libvm.la libbase.la \
	$(JANSSON_LIBS) $(SQLITE_LIBS) $(SODIUM_LIBS) $(XXHASH_LIBS)
check_PROGRAMS += tests/debugger/reverse
tests/debugger/reverse.log: tests/debugger/reverse$(EXEEXT)
tests_debugger_reverse_SOURCES = tests/debugger/reverse.c runtime/debugger/lines.c
tests_debugger_reverse_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS) $(EDIT_CFLAGS)
tests_debugger_reverse_LDADD = libdebugger.la libcli.la libcompiler.la libnatives.la libvirtual.la libsim.la libplace.la libjournal.la libhost.la libcore.la libadapter.la \
	libvocabulary.la libvm.la libbase.la $(JANSSON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(XXHASH_LIBS) $(EDIT_LIBS)
DEBUGGER_GOLDENS = abandon asks back beginless busy fails gold graph graph_way left media nobody over past past_altered past_call \
	past_cut past_imageless past_interaction past_later past_near past_nowhere past_other past_pruned past_set past_text past_time \
	past_wrong kept library secret set sold stops strategies told units unknown unreachable usage which with with_call with_elsewhere \
	with_later with_pruned with_text with_time with_waiting world world_wrong wrong
