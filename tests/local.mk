## tests: the checks of the house itself, and suites that need more than one room. `make dist` ships the folder as it stands,
## and no list names its files (dist-hook in Makefile.am).
PLAIN_TESTS += tests/checks/dialect.sh tests/checks/refusals.sh tests/checks/contract.sh tests/checks/sources.sh tests/checks/readme.sh tests/checks/html.sh tests/checks/dist.sh tests/checks/install.sh \
	tests/checks/arrows.sh tests/checks/names.sh tests/checks/complexity.sh tests/checks/alone.sh tests/checks/folded.sh tests/checks/circles.sh tests/checks/prefixes.sh tests/checks/once.sh tests/checks/rows.sh tests/checks/next.sh tests/checks/tables.sh tests/checks/proving.sh tests/checks/symbols.sh tests/checks/targets.sh tests/checks/bench.sh tests/checks/desk.sh tests/checks/languages.sh tests/checks/weights.sh tests/checks/marked.sh tests/flows/ending.sh tests/flows/ceiling.sh
SLOW_TESTS += tests/checks/reproducible.sh

## Benchmarks: `make bench` prints a line a figure and writes bench.json.
BENCHES = tests/bench/five tests/bench/small tests/bench/load tests/bench/parked tests/bench/fairness tests/bench/select tests/bench/ewt tests/bench/pacing tests/bench/rollouts tests/bench/campaigns_rivals tests/bench/records tests/bench/store tests/bench/mails tests/bench/lists tests/bench/detector tests/bench/month tests/bench/parts tests/bench/stores tests/bench/follow tests/bench/warning tests/bench/outlook
EXTRA_PROGRAMS += $(BENCHES)
tests_bench_five_SOURCES = tests/bench/five.c
tests_bench_five_CFLAGS = $(AM_CFLAGS)
tests_bench_five_LDADD = libvm.la libbase.la $(SODIUM_LIBS)
tests_bench_small_SOURCES = tests/bench/small.c
tests_bench_small_CFLAGS = $(AM_CFLAGS)
tests_bench_small_LDADD = libvm.la libbase.la $(SODIUM_LIBS)
tests_bench_load_SOURCES = tests/bench/load.c
tests_bench_load_CFLAGS = $(AM_CFLAGS)
tests_bench_load_LDADD = libvm.la libbase.la $(SODIUM_LIBS)
tests_bench_records_SOURCES = tests/bench/records.c tests/bench/bench_core.c tests/bench/bench_core.h
tests_bench_records_CFLAGS = $(AM_CFLAGS)
tests_bench_records_LDADD = libcore.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS)
tests_bench_fairness_SOURCES = tests/bench/fairness.c tests/bench/bench_core.c tests/bench/bench_core.h
tests_bench_fairness_CFLAGS = $(AM_CFLAGS)
tests_bench_fairness_LDADD = libcore.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS)
tests_bench_parked_SOURCES = tests/bench/parked.c tests/bench/bench_core.c tests/bench/bench_core.h
tests_bench_parked_CFLAGS = $(AM_CFLAGS)
tests_bench_parked_LDADD = libcore.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS)
tests_bench_select_SOURCES = tests/bench/select.c tests/bench/bench_core.c tests/bench/bench_core.h
tests_bench_select_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_bench_select_LDADD = libcore.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(SQLITE_LIBS)
tests_bench_ewt_SOURCES = tests/bench/ewt.c
tests_bench_ewt_CFLAGS = $(AM_CFLAGS)
tests_bench_ewt_LDADD = libcore.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) -lm
tests_bench_pacing_SOURCES = tests/bench/pacing.c tests/unit/core_pacing_model.c tests/unit/core_pacing_model.h
tests_bench_pacing_CFLAGS = $(AM_CFLAGS)
tests_bench_pacing_LDADD = libcore.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) -lm
tests_bench_warning_SOURCES = tests/bench/warning.c tests/unit/console_soon_model.c tests/unit/console_soon_model.h
tests_bench_warning_CFLAGS = $(AM_CFLAGS)
tests_bench_warning_LDADD = libconsole.la libbase.la $(GLIB_LIBS) $(JANSSON_LIBS) -lm
tests_bench_outlook_SOURCES = tests/bench/outlook.c
tests_bench_outlook_CFLAGS = $(AM_CFLAGS)
tests_bench_outlook_LDADD = libreports.la libsim.la libvocabulary.la libvm.la libbase.la $(JANSSON_LIBS) $(SODIUM_LIBS) -lm
tests_bench_rollouts_SOURCES = tests/bench/rollouts.c
tests_bench_rollouts_CFLAGS = $(AM_CFLAGS)
tests_bench_rollouts_LDADD = libcore.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) -lm
tests_bench_campaigns_rivals_SOURCES = tests/bench/campaigns_rivals.c
tests_bench_campaigns_rivals_CFLAGS = $(AM_CFLAGS)
tests_bench_campaigns_rivals_LDADD = libsim.la libvocabulary.la libvm.la libbase.la $(JANSSON_LIBS) $(SODIUM_LIBS) -lm
tests_bench_store_SOURCES = tests/bench/store.c
tests_bench_store_CFLAGS = $(AM_CFLAGS)
tests_bench_store_LDADD = libstore.la libvocabulary.la libvm.la libbase.la
tests_bench_lists_SOURCES = tests/bench/lists.c
tests_bench_lists_CFLAGS = $(AM_CFLAGS)
tests_bench_lists_LDADD = $(LISTS_LIBS)
tests_bench_detector_SOURCES = tests/bench/detector.c tests/unit/detector_sounds.c tests/unit/detector_sounds.h
if HAVE_SPANDSP
tests_bench_detector_SOURCES += tests/unit/detector_rival.c tests/unit/detector_rival.h
endif
tests_bench_detector_CFLAGS = $(AM_CFLAGS) $(SPANDSP_CFLAGS)
tests_bench_detector_LDADD = libdetector.la libvocabulary.la libvm.la libbase.la $(SPANDSP_LIBS) -lm
## The world of `./quickstart --stay`.
EXTRA_PROGRAMS += tests/quick/world
tests_quick_world_SOURCES = tests/quick/world.c
tests_quick_world_CFLAGS = $(AM_CFLAGS)
tests_quick_world_LDADD = $(tests_debugger_journal_LDADD)
tests_bench_month_SOURCES = tests/bench/month.c
tests_bench_month_CFLAGS = $(AM_CFLAGS)
tests_bench_month_LDADD = $(tests_debugger_journal_LDADD)
tests_bench_mails_SOURCES = tests/bench/mails.c tests/bench/bench_core.c tests/bench/bench_core.h
tests_bench_mails_CFLAGS = $(AM_CFLAGS)
tests_bench_mails_LDADD = libcore.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS)
tests_bench_parts_SOURCES = tests/bench/parts.c
tests_bench_parts_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_bench_parts_LDADD = $(SMS_LIBS)
tests_bench_stores_SOURCES = tests/bench/stores.c
tests_bench_stores_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS)
tests_bench_stores_LDADD = libplace.la libjournal.la libhost.la libcore.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(SQLITE_LIBS) $(PQ_LIBS)
tests_bench_follow_SOURCES = tests/bench/follow.c
tests_bench_follow_LDADD = libplace.la libjournal.la libhost.la libcore.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(SQLITE_LIBS) $(PQ_LIBS)
## A plugin that submits e-mails, for restart.sh.
EXTRA_LTLIBRARIES = tests/bench/flood.la
tests_bench_flood_la_SOURCES = tests/bench/flood.c
tests_bench_flood_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
tests_bench_flood_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nowhere
tests_bench_flood_la_LIBADD = libvocabulary.la libvm.la libbase.la $(EVENT_LIBS)
## Sentences of comments, drawn by chance, for somebody who did not write them.
.PHONY: comments
comments:
	@cd $(top_srcdir) && git ls-files base vm runtime compiler tests/proving | grep -E '\.([chly]|def)$$' | \
		xargs $(AWK) -v seed=$${SEED:-`date +%s`} -v count=30 -f tests/quick/comments.awk
## One of them: strategies a second.
.PHONY: figure
figure: tests/bench/five$(EXEEXT) gcxc$(EXEEXT)
	@./gcxc build $(top_srcdir)/tests/bench/five.gcx -o tests/bench/five.gcxb && tests/bench/five tests/bench/five.gcxb 1 500000
CLEANFILES += tests/bench/five.gcxb
.PHONY: bench
bench: all $(BENCHES) tests/bench/flood.la tests/debugger/journal
	$(top_srcdir)/tests/bench/run.sh $(top_builddir)
## What these cost in instructions, beside another commit: make bench-against REV=COMMIT ACCEPT='FIGURE...'
AGAINST = tests/bench/five tests/bench/small tests/bench/load tests/bench/parked tests/bench/select tests/bench/records tests/bench/mails
.PHONY: bench-against
bench-against: gcxc $(AGAINST)
	+$(top_srcdir)/tests/bench/against.sh $(top_builddir) '$(REV)' $(ACCEPT)

## What has threads: the daemon's engine and links, its journal, and adapters with a thread beside their loop. check-threads
## runs these under ThreadSanitizer.
THREAD_TESTS = tests/unit/adapter_net tests/unit/adapter_runner tests/unit/adapter_waiting tests/unit/chat_idle \
	tests/unit/cti_users tests/unit/daemon_engine tests/unit/daemon_handover tests/unit/daemon_links tests/unit/daemon_guard tests/unit/daemon_intake \
	tests/unit/daemon_log tests/unit/email_received tests/unit/email_sent tests/unit/journal_batch tests/unit/journal_keys tests/unit/journal_partition \
	tests/unit/journal_snapshot tests/unit/journal_store tests/unit/natives tests/unit/sources_body tests/unit/sources_sqlite tests/unit/store_put \
	tests/unit/webhook_network tests/flows/enterprise_wire.sh tests/flows/enterprise_reload.sh tests/flows/daemon_reload.sh \
	tests/flows/snapshot.sh tests/flows/http_wire.sh tests/flows/natives_wire.sh tests/flows/chat_wire.sh \
	tests/flows/sms_session.sh tests/flows/desk_wire.sh

## Two compilers and two levels of optimization decide alike.
.PHONY: check-compilers
check-compilers:
	$(top_srcdir)/tests/compilers.sh $(top_builddir)

## The enterprise flow over the wire: real processes, killed, starved and lied to.
SCRIPT_TESTS += tests/flows/enterprise_steps.sh tests/flows/enterprise_kill.sh tests/flows/enterprise_kill_ringing.sh \
	tests/flows/enterprise_adapter.sh tests/flows/enterprise_database.sh tests/flows/enterprise_wire.sh tests/flows/orders_wire.sh tests/flows/counters.sh \
	tests/flows/consult_wire.sh tests/flows/locale.sh \
	tests/flows/callback.sh tests/flows/preview.sh tests/flows/booked.sh tests/flows/faults.sh tests/flows/enterprise_reload.sh tests/flows/enterprise_hang.sh tests/flows/enterprise_clock.sh tests/flows/wire_abuse.sh
## Wire security: TLS, users and roles, limits, with real peers.
SCRIPT_TESTS += tests/flows/security_flow.sh tests/flows/security_remote.sh tests/flows/preview_remote.sh \
	tests/flows/security_roles.sh tests/flows/security_limits.sh tests/flows/security_manual.sh
## Promises: one script per promise that the manual makes to a person (gcx-promises(7)), a line for each.
PROMISES += tests/promises/abandoned.sh tests/promises/erased.sh tests/promises/told.sh tests/promises/refused.sh tests/promises/who_may.sh tests/promises/backup_restores.sh \
	tests/promises/no_orphan.sh tests/promises/nobody_free.sh tests/promises/three_talk.sh tests/promises/two_sites.sh \
	tests/promises/ready_and_alone.sh tests/promises/names.sh tests/promises/do_not_call.sh tests/promises/cancelled.sh tests/promises/one_person.sh tests/promises/messages.sh \
	tests/promises/work_once.sh tests/promises/one_to_two.sh tests/promises/across.sh tests/promises/takeover.sh tests/promises/restart.sh \
	tests/promises/flow_desk.sh tests/promises/desk_kills.sh tests/promises/frozen.sh tests/promises/no_reply.sh tests/promises/night_phone.sh \
	tests/promises/night_phone_sip.sh tests/promises/night_phone_standby.sh \
	tests/promises/rollout.sh tests/promises/rollout_standby.sh tests/promises/rollout_neighbours.sh tests/promises/by_hand.sh tests/promises/merged_back.sh tests/promises/closed_stays.sh
## Scripts that let a unit's program ask a real server: without that program they are skipped, as without the server.
if HAVE_CRITERION
tests/flows/postgres_journal.log: tests/unit/journal_follow$(EXEEXT) tests/unit/journal_kinds$(EXEEXT) \
	tests/unit/journal_leads$(EXEEXT)
tests/flows/postgres_sources.log: tests/unit/sources_postgres$(EXEEXT)
tests/flows/postgres_store.log: tests/unit/store_put$(EXEEXT) tests/unit/store_find$(EXEEXT) tests/unit/store_who$(EXEEXT) tests/unit/store_rings$(EXEEXT) tests/unit/store_quality$(EXEEXT) tests/unit/postbook$(EXEEXT)
tests/flows/postgres_lists.log: tests/unit/lists_import$(EXEEXT) tests/unit/lists_fetch$(EXEEXT) \
	tests/unit/lists_persons$(EXEEXT) tests/unit/lists_change$(EXEEXT) tests/unit/lists_forget$(EXEEXT) tests/unit/dialer_wire$(EXEEXT)
endif
## An exchange on a machine of its own, under two gcxvm of which one leads.
SCRIPT_TESTS += tests/flows/standby_sip.sh
SCRIPT_TESTS += tests/flows/restart_emptied.sh
LONG_TESTS += tests/flows/record_wire.sh tests/flows/soak_short.sh tests/flows/snapshot.sh tests/flows/overload_disk.sh tests/flows/matrix_switch_gone.sh tests/language/run.sh
## Load and links: more than is let in, no space, adapters that hang, flood and lie.
SCRIPT_TESTS += tests/flows/overload_arrivals.sh tests/flows/link_lies.sh \
	tests/flows/log_personal.sh tests/flows/link_core_hangs.sh tests/flows/link_switch_hangs.sh tests/flows/link_grace.sh
check_PROGRAMS += tests/flows/liar
HELPERS += tests/flows/liar$(EXEEXT)
tests_flows_liar_SOURCES = tests/flows/liar.c
tests_flows_liar_LDADD = libvocabulary.la libvm.la libbase.la
check_PROGRAMS += tests/flows/wire_tool
HELPERS += tests/flows/wire_tool$(EXEEXT)
tests_flows_wire_tool_SOURCES = tests/flows/wire_tool.c
## Mails of every kind, each with what is to be read of it, and by a second parser.
check_PROGRAMS += tests/mails/reader
HELPERS += tests/mails/reader$(EXEEXT)
tests_mails_reader_SOURCES = tests/mails/reader.c
tests_mails_reader_CFLAGS = $(AM_CFLAGS) $(GMIME_CFLAGS) $(JANSSON_CFLAGS)
tests_mails_reader_LDADD = $(EMAIL_LIBS)
SCRIPT_TESTS += tests/mails/mails.sh
## The matrix of faults (tests/README.md): who vanishes, repeats, restarts, has no disk.
SCRIPT_TESTS += tests/flows/matrix_switch_says.sh tests/flows/matrix_switch_text.sh tests/flows/matrix_desktop.sh tests/flows/matrix_desktops.sh \
	tests/flows/matrix_callers.sh tests/flows/matrix_restart.sh tests/flows/matrix_disk.sh
PLAIN_TESTS += tests/checks/matrix.sh
check_LTLIBRARIES += tests/flows/fault_disk.la
HELPERS += tests/flows/fault_disk.la
tests_flows_fault_disk_la_SOURCES = tests/flows/fault_disk.c
tests_flows_fault_disk_la_CFLAGS = $(AM_CFLAGS) -fno-sanitize=all
tests_flows_fault_disk_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nowhere

## Endpoints, and the server that they ask.
SCRIPT_TESTS += tests/flows/told_wire.sh
SCRIPT_TESTS += tests/flows/place_wire.sh tests/flows/settings_wire.sh
SCRIPT_TESTS += tests/flows/two_switches.sh tests/flows/switches.sh
SCRIPT_TESTS += tests/flows/http_wire.sh tests/flows/https_wire.sh

## Tests of things that optimised code could do otherwise, or that only a plain build can do: a unit of every room, goldens, budgets, digests.
SHIPPED_TESTS += tests/language/run.sh tests/language/explain.sh tests/differential/seeds.sh tests/flows/enterprise_steps.sh \
	tests/flows/enterprise_kill.sh tests/flows/enterprise_clock.sh tests/flows/snapshot.sh tests/flows/upgrade.sh \
	tests/unit/vm_run tests/unit/vm_fork tests/unit/compiler_run tests/unit/vocabulary_codec \
	tests/unit/base_dumps tests/unit/core_call tests/unit/core_select tests/unit/core_golden \
	tests/unit/core_parked tests/unit/core_chaos tests/unit/journal_store tests/unit/journal_determinism \
	tests/unit/adapter_protocol tests/unit/sources_sqlite tests/unit/daemon_conf tests/unit/sim_sites
