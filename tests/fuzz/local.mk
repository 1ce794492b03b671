## tests/fuzz: a target a reader of what comes from outside (fuzz.h). `make fuzz` runs each for FUZZ_SECONDS under
## libFuzzer, where configure was given --enable-fuzz; `make check` runs each in every build with its seeds
## (tests/fuzz/corpus/NAME/, and what seeds.sh takes from the tree) and with what was found before (tests/fuzz/found/NAME/).
FUZZ_TARGETS = tests/fuzz/fuzz_source tests/fuzz/fuzz_image tests/fuzz/fuzz_adapter tests/fuzz/fuzz_cti \
	tests/fuzz/fuzz_core tests/fuzz/fuzz_conf tests/fuzz/fuzz_pulled tests/fuzz/fuzz_postgres \
	tests/fuzz/fuzz_scenario tests/fuzz/fuzz_http tests/fuzz/fuzz_import tests/fuzz/fuzz_admin \
	tests/fuzz/fuzz_differential tests/fuzz/fuzz_life tests/fuzz/fuzz_lsp tests/fuzz/fuzz_body tests/fuzz/fuzz_table \
	tests/fuzz/fuzz_aside tests/fuzz/fuzz_store tests/fuzz/fuzz_mail tests/fuzz/fuzz_dialogue tests/fuzz/fuzz_imap \
	tests/fuzz/fuzz_websocket tests/fuzz/fuzz_desk tests/fuzz/fuzz_debugger tests/fuzz/fuzz_lists tests/fuzz/fuzz_detector \
	tests/fuzz/fuzz_snapshot tests/fuzz/fuzz_head tests/fuzz/fuzz_sip tests/fuzz/fuzz_smpp \
	tests/fuzz/fuzz_webhook tests/fuzz/fuzz_stanza tests/fuzz/fuzz_mm7 tests/fuzz/fuzz_smil \
	tests/fuzz/fuzz_flow tests/fuzz/fuzz_dialplan tests/fuzz/fuzz_workflow tests/fuzz/fuzz_contact_flow tests/fuzz/fuzz_studio tests/fuzz/fuzz_block tests/fuzz/fuzz_work \
	tests/fuzz/fuzz_identity
if WITH_SIP
FUZZ_TARGETS += tests/fuzz/fuzz_sip_message tests/fuzz/fuzz_sip_stream
endif
FUZZ_SECONDS = 60
FUZZ_BUILD_CFLAGS = $(AM_CFLAGS) $(FUZZ_CFLAGS)
# What the targets share, compiled once for all.
check_LTLIBRARIES += libfuzz.la
libfuzz_la_SOURCES = tests/fuzz/fuzz.h tests/fuzz/fuzz.c
libfuzz_la_CFLAGS = $(FUZZ_BUILD_CFLAGS)
if !FUZZ
libfuzz_la_SOURCES += tests/fuzz/replay.c
endif
check_PROGRAMS += $(FUZZ_TARGETS)
tests/fuzz/replay.log: $(FUZZ_TARGETS:=$(EXEEXT)) tests/differential/differential$(EXEEXT)
## With libFuzzer `make fuzz` begins with the same inputs.
if !FUZZ
LONG_TESTS += tests/fuzz/replay.sh
endif

tests_fuzz_fuzz_source_SOURCES = tests/fuzz/fuzz_source.c tests/fuzz/drive.c tests/fuzz/units.c
tests_fuzz_fuzz_source_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_source_LDADD = libfuzz.la libcompiler.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_image_SOURCES = tests/fuzz/fuzz_image.c tests/fuzz/drive.c
tests_fuzz_fuzz_image_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_image_LDADD = libfuzz.la libvm.la libbase.la $(SODIUM_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_adapter_SOURCES = tests/fuzz/fuzz_adapter.c tests/fuzz/frames.c tests/fuzz/frames.h
tests_fuzz_fuzz_adapter_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_adapter_LDADD = libfuzz.la $(ROOM_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_cti_SOURCES = tests/fuzz/fuzz_cti.c tests/fuzz/lines.c tests/fuzz/json.c tests/fuzz/frames.c tests/fuzz/frames.h
tests_fuzz_fuzz_cti_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(SODIUM_CFLAGS) $(JANSSON_CFLAGS) $(EVENT_CFLAGS)
tests_fuzz_fuzz_cti_LDADD = libfuzz.la libtserver_rig.la libnet.la $(JANSSON_LIBS) $(SODIUM_LIBS) $(EVENT_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_webhook_SOURCES = tests/fuzz/fuzz_webhook.c
tests_fuzz_fuzz_webhook_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS) $(CURL_CFLAGS)
tests_fuzz_fuzz_webhook_LDADD = libfuzz.la libnetwork.la libconversation.la libpost.la libweb.la libworker.la libstore.la liblistsbare.la $(GLIB_LIBS) $(CURL_LIBS) $(ROOM_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_work_SOURCES = tests/fuzz/fuzz_work.c $(work_la_FILES)
tests_fuzz_fuzz_work_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(TLS_CFLAGS)
tests_fuzz_fuzz_work_LDADD = libfuzz.la $(work_la_LIBADD) $(FUZZ_LIBS)
tests_fuzz_fuzz_stanza_SOURCES = tests/fuzz/fuzz_stanza.c
tests_fuzz_fuzz_stanza_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_stanza_LDADD = libfuzz.la $(XMPP_LIBS) $(ROOM_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_mm7_SOURCES = tests/fuzz/fuzz_mm7.c
tests_fuzz_fuzz_mm7_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(GMIME_CFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_mm7_LDADD = libfuzz.la $(MMS_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_smil_SOURCES = tests/fuzz/fuzz_smil.c
tests_fuzz_fuzz_smil_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_smil_LDADD = libfuzz.la $(MMS_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_block_SOURCES = tests/fuzz/fuzz_block.c
tests_fuzz_fuzz_block_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_block_LDADD = libdifferential.la libfuzz.la libcompiler.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_flow_SOURCES = tests/fuzz/fuzz_flow.c tests/fuzz/imported.c tests/fuzz/imported.h
tests_fuzz_fuzz_flow_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_flow_LDADD = libfuzz.la libimport.la libcompiler.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(EXPAT_LIBS) $(JANSSON_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_dialplan_SOURCES = tests/fuzz/fuzz_dialplan.c tests/fuzz/imported.c tests/fuzz/imported.h
tests_fuzz_fuzz_dialplan_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_dialplan_LDADD = $(tests_fuzz_fuzz_flow_LDADD)
tests_fuzz_fuzz_workflow_SOURCES = tests/fuzz/fuzz_workflow.c tests/fuzz/imported.c tests/fuzz/imported.h
tests_fuzz_fuzz_workflow_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_workflow_LDADD = $(tests_fuzz_fuzz_flow_LDADD)
tests_fuzz_fuzz_contact_flow_SOURCES = tests/fuzz/fuzz_contact_flow.c tests/fuzz/imported.c tests/fuzz/imported.h
tests_fuzz_fuzz_contact_flow_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_contact_flow_LDADD = $(tests_fuzz_fuzz_flow_LDADD)
tests_fuzz_fuzz_studio_SOURCES = tests/fuzz/fuzz_studio.c tests/fuzz/imported.c tests/fuzz/imported.h
tests_fuzz_fuzz_studio_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_studio_LDADD = $(tests_fuzz_fuzz_flow_LDADD)
tests_fuzz_fuzz_core_SOURCES = tests/fuzz/fuzz_core.c tests/fuzz/core.h tests/fuzz/core_enterprise.c tests/fuzz/frames.c tests/fuzz/frames.h
tests_fuzz_fuzz_core_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(SODIUM_CFLAGS)
tests_fuzz_fuzz_core_LDADD = libfuzz.la libjournal.la libhost.la libcore.la libcompiler.la libvocabulary.la libvm.la libbase.la \
	$(SODIUM_LIBS) $(SQLITE_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_snapshot_SOURCES = tests/fuzz/fuzz_snapshot.c tests/fuzz/core.h tests/fuzz/core_enterprise.c tests/fuzz/frames.c \
	tests/fuzz/frames.h
tests_fuzz_fuzz_snapshot_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(SODIUM_CFLAGS)
tests_fuzz_fuzz_snapshot_LDADD = $(tests_fuzz_fuzz_core_LDADD)
tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz_conf.c
tests_fuzz_fuzz_conf_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_conf_LDADD = libfuzz.la $(ROOM_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_pulled_SOURCES = tests/fuzz/fuzz_pulled.c
tests_fuzz_fuzz_pulled_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_pulled_LDADD = libfuzz.la libcompiler.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_table_SOURCES = tests/fuzz/fuzz_table.c
tests_fuzz_fuzz_table_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_table_LDADD = libfuzz.la libcompiler.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_aside_SOURCES = tests/fuzz/fuzz_aside.c tests/fuzz/aside.h tests/fuzz/aside.c compiler/cli/file.c compiler/cli/view.c
tests_fuzz_fuzz_aside_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_aside_LDADD = libfuzz.la libcli.la libcompiler.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_store_SOURCES = tests/fuzz/fuzz_store.c
tests_fuzz_fuzz_store_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_store_LDADD = libfuzz.la libstore.la libvocabulary.la libvm.la libbase.la $(FUZZ_LIBS)
tests_fuzz_fuzz_lists_SOURCES = tests/fuzz/fuzz_lists.c
tests_fuzz_fuzz_lists_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_lists_LDADD = libfuzz.la $(LISTS_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_detector_SOURCES = tests/fuzz/fuzz_detector.c
tests_fuzz_fuzz_detector_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_detector_LDADD = libfuzz.la libdetector.la libvocabulary.la libvm.la libbase.la $(FUZZ_LIBS)
tests_fuzz_fuzz_mail_SOURCES = tests/fuzz/fuzz_mail.c
tests_fuzz_fuzz_mail_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(GMIME_CFLAGS)
tests_fuzz_fuzz_mail_LDADD = libfuzz.la $(EMAIL_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_imap_SOURCES = tests/fuzz/fuzz_imap.c
tests_fuzz_fuzz_imap_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_imap_LDADD = libfuzz.la $(EMAIL_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_dialogue_SOURCES = tests/fuzz/fuzz_dialogue.c
tests_fuzz_fuzz_dialogue_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_dialogue_LDADD = libfuzz.la $(EMAIL_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_sip_SOURCES = tests/fuzz/fuzz_sip.c
tests_fuzz_fuzz_sip_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_sip_LDADD = libfuzz.la libsound.la libdetector.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(FUZZ_LIBS) -lm
tests_fuzz_fuzz_sip_message_SOURCES = tests/fuzz/fuzz_sip_message.c
tests_fuzz_fuzz_sip_message_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(RE_CFLAGS)
tests_fuzz_fuzz_sip_message_LDADD = libfuzz.la libsound.la libdetector.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(RE_LIBS) $(FUZZ_LIBS) -lm
## The file of the user agent alone, over buffers.
tests_fuzz_fuzz_sip_stream_SOURCES = tests/fuzz/fuzz_sip_stream.c runtime/adapters/sip/ua/framing.c
tests_fuzz_fuzz_sip_stream_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(RE_CFLAGS) $(EVENT_CFLAGS)
tests_fuzz_fuzz_sip_stream_LDADD = libfuzz.la libsound.la libdetector.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(RE_LIBS) $(EVENT_LIBS) $(FUZZ_LIBS) -lm
tests_fuzz_fuzz_smpp_SOURCES = tests/fuzz/fuzz_smpp.c
tests_fuzz_fuzz_smpp_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_smpp_LDADD = libfuzz.la $(SMS_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_identity_SOURCES = tests/fuzz/fuzz_identity.c runtime/adapters/chat/identity.c
tests_fuzz_fuzz_identity_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(TLS_CFLAGS)
tests_fuzz_fuzz_identity_LDADD = libfuzz.la libvocabulary.la libbase.la $(JANSSON_LIBS) $(SODIUM_LIBS) $(TLS_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_head_SOURCES = tests/fuzz/fuzz_head.c
tests_fuzz_fuzz_head_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_head_LDADD = libfuzz.la libvocabulary.la libvm.la libbase.la $(FUZZ_LIBS)
tests_fuzz_fuzz_websocket_SOURCES = tests/fuzz/fuzz_websocket.c
tests_fuzz_fuzz_websocket_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_websocket_LDADD = libfuzz.la libweb.la $(GLIB_LIBS) $(ROOM_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_desk_SOURCES = tests/fuzz/fuzz_desk.c
tests_fuzz_fuzz_desk_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
tests_fuzz_fuzz_desk_LDADD = libfuzz.la libdesk.la libconsole.la libstudio.la libquality.la libconversation.la libpost.la libweb.la libworker.la libstore.la liblistsbare.la libcti.la libnet.la libvocabulary.la libvm.la libbase.la \
	$(GLIB_LIBS) $(JANSSON_LIBS) $(GIT2_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(TLS_LIBS) $(EVENT_LIBS) $(FUZZ_LIBS) $(CURL_LIBS)
tests_fuzz_fuzz_debugger_SOURCES = tests/fuzz/fuzz_debugger.c
tests_fuzz_fuzz_debugger_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS)
tests_fuzz_fuzz_debugger_LDADD = libfuzz.la libdebugger.la libcompiler.la libnatives.la libvirtual.la libsim.la libplace.la libjournal.la libhost.la libcore.la \
	libadapter.la libvocabulary.la libvm.la libbase.la $(JANSSON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(XXHASH_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_postgres_SOURCES = tests/fuzz/fuzz_postgres.c
tests_fuzz_fuzz_postgres_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_postgres_LDADD = libfuzz.la libsources.la libhost.la libvocabulary.la libvm.la libbase.la $(SQLITE_LIBS) $(PQ_LIBS) \
	$(EVENT_LIBS) $(SODIUM_LIBS) $(FUZZ_LIBS)

tests_fuzz_fuzz_scenario_SOURCES = tests/fuzz/fuzz_scenario.c tests/unit/sim_played.h tests/unit/scenario_json.h tests/unit/scenario_json.c \
	tests/fuzz/json.c
tests_fuzz_fuzz_scenario_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_scenario_LDADD = libfuzz.la libcompiler.la libvirtual.la libsim.la libjournal.la libhost.la libcore.la libadapter.la \
	libvocabulary.la libvm.la libbase.la $(JANSSON_LIBS) $(SODIUM_LIBS) $(SQLITE_LIBS) $(EVENT_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_body_SOURCES = tests/fuzz/fuzz_body.c
tests_fuzz_fuzz_body_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_body_LDADD = libfuzz.la libsources.la libhost.la libvocabulary.la libvm.la libbase.la $(SQLITE_LIBS) $(PQ_LIBS) \
	$(CURL_LIBS) $(JANSSON_LIBS) $(EVENT_LIBS) $(SODIUM_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_http_SOURCES = tests/fuzz/fuzz_http.c
tests_fuzz_fuzz_http_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(EVENT_CFLAGS)
tests_fuzz_fuzz_http_LDADD = libfuzz.la $(ROOM_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_import_SOURCES = tests/fuzz/fuzz_import.c
tests_fuzz_fuzz_import_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_import_LDADD = libfuzz.la $(ROOM_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_admin_SOURCES = tests/fuzz/fuzz_admin.c tests/fuzz/lines.c tests/fuzz/json.c
tests_fuzz_fuzz_admin_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(TLS_CFLAGS)
tests_fuzz_fuzz_admin_LDADD = libfuzz.la libcompiler.la $(DAEMON_LIBS) $(JANSSON_LIBS) $(SODIUM_LIBS) $(SQLITE_LIBS) $(EVENT_LIBS) \
	$(TLS_LIBS) $(FUZZ_LIBS)

tests_fuzz_fuzz_lsp_SOURCES = tests/fuzz/fuzz_lsp.c tests/fuzz/lines.c tests/fuzz/json.c
tests_fuzz_fuzz_lsp_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_lsp_LDADD = libfuzz.la liblsp.la libcompiler.la libvocabulary.la libvm.la libbase.la $(JANSSON_LIBS) $(SODIUM_LIBS) $(FUZZ_LIBS)

# Random programs, run by the interpreter and by an evaluator of the tree: by libFuzzer, and by seeds. Compiled once for
# all who take them.
check_LTLIBRARIES += libdifferential.la
libdifferential_la_SOURCES = tests/differential/program.h tests/differential/program.c tests/differential/program_body.c \
	tests/differential/program_expr.c tests/differential/evaluate.h tests/differential/evaluate.c \
	tests/differential/evaluate_call.c tests/differential/evaluate_calendar.c tests/differential/evaluate_expr.c \
	tests/differential/evaluate_show.c tests/differential/evaluate_site.c tests/differential/evaluate_step.c \
	tests/differential/program_head.c tests/differential/program_literal.c tests/differential/program_site.c tests/differential/program_step.c tests/differential/program_settled.c tests/differential/program_secret.c tests/differential/evaluate_mark.c \
	tests/differential/world.h tests/differential/world.c \
	tests/differential/interpret.c tests/differential/natives.h tests/differential/natives.c \
	tests/differential/evaluate_native.c tests/differential/evaluate_asked.c tests/differential/evaluate_wait.c tests/differential/program_core.c \
	tests/differential/differ.h tests/differential/differ.c tests/differential/oracles.h \
	tests/differential/oracles.c tests/differential/oracles_image.c tests/fuzz/drive.c
tests_fuzz_fuzz_differential_SOURCES = tests/fuzz/fuzz_differential.c
# The same programs in a core, with whatever happens to calls.
tests_fuzz_fuzz_life_SOURCES = tests/fuzz/fuzz_life.c tests/fuzz/fuzz_core.c tests/fuzz/core.h tests/fuzz/frames.c \
	tests/fuzz/frames.h
tests_fuzz_fuzz_life_CFLAGS = $(FUZZ_BUILD_CFLAGS) $(SODIUM_CFLAGS)
tests_fuzz_fuzz_life_LDADD = libdifferential.la libfuzz.la libjournal.la libhost.la libcore.la libcompiler.la libvocabulary.la libvm.la libbase.la \
	$(SODIUM_LIBS) $(SQLITE_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_differential_CFLAGS = $(FUZZ_BUILD_CFLAGS)
tests_fuzz_fuzz_differential_LDADD = libdifferential.la libfuzz.la libcompiler.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(FUZZ_LIBS)
check_PROGRAMS += tests/differential/differential
tests/differential/seeds.log tests/differential/formatted.log: tests/differential/differential$(EXEEXT)
# In a checked build with the VM that is not checked, which alone runs the code that loading makes (vm/quick.h).
if CHECKED
check_PROGRAMS += tests/differential/differential_quick
tests/differential/seeds.log: tests/differential/differential_quick$(EXEEXT)
endif
tests_differential_differential_quick_SOURCES = $(tests_differential_differential_SOURCES)
tests_differential_differential_quick_LDFLAGS = $(AM_LDFLAGS) $(STARVED_WRAPS)
tests_differential_differential_quick_CFLAGS = $(AM_CFLAGS)
tests_differential_differential_quick_LDADD = libdifferential.la libstarved.la libfuzz.la libcompiler.la libvocabulary.la $(LIBVM_PLAIN) $(SODIUM_LIBS)
SCRIPT_TESTS += tests/differential/seeds.sh tests/differential/formatted.sh
tests_differential_differential_SOURCES = tests/differential/main.c tests/differential/starving.h tests/differential/starving.c
tests_differential_differential_LDFLAGS = $(AM_LDFLAGS) $(STARVED_WRAPS)
tests_differential_differential_CFLAGS = $(AM_CFLAGS)
tests_differential_differential_LDADD = libdifferential.la libstarved.la libfuzz.la libcompiler.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS)

.PHONY: fuzz fuzz-targets fuzz-programs
## As in `all`, what is made of tables and grammars is there before anything is compiled.
fuzz-targets: $(BUILT_SOURCES)
	$(MAKE) $(AM_MAKEFLAGS) fuzz-programs
fuzz-programs: $(FUZZ_TARGETS) gcxc$(EXEEXT) tests/differential/differential$(EXEEXT)
if FUZZ
fuzz: fuzz-targets
	$(top_srcdir)/tests/fuzz/run.sh $(top_builddir) $(FUZZ_SECONDS) $(FUZZ_TARGETS)
else
fuzz:
	@echo "make fuzz needs a build for it: ../configure --enable-fuzz CC=clang" >&2; exit 1
endif
