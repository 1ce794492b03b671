## runtime/sim: the virtual world, and gcxsim.
noinst_LTLIBRARIES += libsim.la
libsim_la_FILES = runtime/sim/sim.h runtime/sim/tests.h runtime/sim/tests.c runtime/sim/agenda.h runtime/sim/agenda.c runtime/sim/values.h \
	runtime/sim/values.c runtime/sim/trace.h runtime/sim/trace.c runtime/sim/expect.h runtime/sim/expect.c \
	runtime/sim/expr.c runtime/sim/switch.h runtime/sim/switch_state.h runtime/sim/switch.c runtime/sim/switch_tell.c runtime/sim/switch_calls.c \
	runtime/sim/switch_devices.c runtime/sim/switch_services.c runtime/sim/treat.c \
	runtime/sim/rows.h runtime/sim/rows.c runtime/sim/plan.h runtime/sim/plan.c runtime/sim/events.h runtime/sim/events.c \
	runtime/sim/world.h runtime/sim/world_state.h runtime/sim/world_state.c runtime/sim/world.c runtime/sim/arrival.c runtime/sim/agent.c runtime/sim/place.c \
	runtime/sim/caller.c runtime/sim/rung.c runtime/sim/happenings.c runtime/sim/statement.h \
	runtime/sim/statement.c runtime/sim/site_media.h runtime/sim/site_media.c runtime/sim/declared.c runtime/sim/sent.c \
	runtime/sim/spreads.def runtime/sim/draw.h runtime/sim/draw.c runtime/sim/arrivals.h runtime/sim/arrivals.c runtime/sim/histogram.h runtime/sim/histogram.c \
	runtime/sim/measures.def runtime/sim/treatment.h runtime/sim/treatment.c runtime/sim/asked.h
libsim_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libsim_la_LIBADD = libscenario.la $(JANSSON_LIBS) -lm

## The world with a core in it: tests and simulations on a virtual clock.
noinst_LTLIBRARIES += libvirtual.la
libvirtual_la_FILES = runtime/sim/bridge.h runtime/sim/bridge_state.h runtime/sim/bridge_state.c runtime/sim/bridge.c runtime/sim/bridge_open.c \
	runtime/sim/bridge_faults.c runtime/sim/bridge_dial.c runtime/sim/bridge_record.c \
	runtime/sim/bridge_submitted.c runtime/sim/bridge_held.c runtime/sim/perform.c runtime/sim/asked.c runtime/sim/query.c runtime/sim/explain.h runtime/sim/explain.c \
	runtime/sim/viewed.h runtime/sim/viewed.c \
	runtime/sim/cover.h runtime/sim/cover.c \
	runtime/sim/virtual.c \
	runtime/sim/simulation.h runtime/sim/simulation_state.h runtime/sim/simulation_state.c runtime/sim/simulation.c \
	runtime/sim/simulation_core.c runtime/sim/simulation_calls.c runtime/sim/simulation_campaign.c \
	runtime/sim/simulation_media.c runtime/sim/simulation_found.c runtime/sim/simulation_result.c runtime/sim/simulation_answers.c \
	runtime/sim/refusing.h runtime/sim/refusing.c runtime/sim/holding.h runtime/sim/holding.c
libvirtual_la_CFLAGS = $(libsim_la_CFLAGS)

bin_PROGRAMS += gcxsim
gcxsim_FILES = runtime/sim/gcxsim.h runtime/sim/gcxsim.c runtime/sim/options.def runtime/sim/modes.c runtime/sim/cast.c \
	runtime/sim/rig.h runtime/sim/rig_state.h runtime/sim/rig.c runtime/sim/rig_hear.c runtime/sim/rig_core.c \
	runtime/sim/rig_desks.c runtime/sim/tally.h runtime/sim/tally.c \
	runtime/sim/lines.h runtime/sim/lines.c runtime/sim/wire.h runtime/sim/wire.c \
	runtime/sim/wallet.c \
	runtime/sim/service.h runtime/sim/service.c runtime/sim/desk.h runtime/sim/desk.c \
	runtime/sim/admin.c runtime/sim/provision.h runtime/sim/provision.c runtime/sim/virtual_only.c \
	runtime/sim/sheets.h runtime/sim/sheets.c
gcxsim_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(EVENT_CFLAGS) $(SQLITE_CFLAGS)
gcxsim_LDADD = liblite.la libsim.la libprotocol.la libnet.la libvocabulary.la libvm.la libbase.la $(JANSSON_LIBS) $(EVENT_LIBS) $(SQLITE_LIBS) $(SODIUM_LIBS)

UNIT_TESTS += tests/unit/sim_switch tests/unit/sim_scenario tests/unit/sim_expect tests/unit/sim_world
tests_unit_sim_switch_SOURCES = tests/unit/sim_switch.c
tests_unit_sim_switch_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sim_switch_LDADD = libsim.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS)
tests_unit_sim_scenario_SOURCES = tests/unit/sim_scenario.c tests/unit/scenario_json.h tests/unit/scenario_json.c
tests_unit_sim_scenario_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_sim_scenario_LDADD = libsim.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS) $(JANSSON_LIBS) $(SODIUM_LIBS)
tests_unit_sim_expect_SOURCES = tests/unit/sim_expect.c tests/unit/scenario_json.h tests/unit/scenario_json.c
tests_unit_sim_expect_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_sim_expect_LDADD = $(tests_unit_sim_scenario_LDADD)
tests_unit_sim_world_SOURCES = tests/unit/sim_world.c tests/unit/scenario_json.h tests/unit/scenario_json.c
tests_unit_sim_world_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_sim_world_LDADD = $(tests_unit_sim_scenario_LDADD)

UNIT_TESTS += tests/unit/sim_statement tests/unit/sim_wire
tests_unit_sim_statement_SOURCES = tests/unit/sim_statement.c
tests_unit_sim_statement_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sim_statement_LDADD = libsim.la $(ROOM_LIBS) $(CRITERION_LIBS)
tests_unit_sim_wire_SOURCES = tests/unit/sim_wire.c runtime/sim/lines.c runtime/sim/wire.c runtime/sim/service.c
tests_unit_sim_wire_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS) $(EVENT_CFLAGS)
tests_unit_sim_wire_LDADD = libsim.la libnet.la $(tests_unit_sim_scenario_LDADD) $(EVENT_LIBS)

UNIT_TESTS += tests/unit/sim_virtual
EXTRA_tests_unit_sim_virtual_DEPENDENCIES = gcxc$(EXEEXT)
tests_unit_sim_virtual_SOURCES = tests/unit/sim_virtual.c tests/unit/sim_played.h
tests_unit_sim_virtual_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sim_virtual_LDADD = libvirtual.la libsim.la libjournal.la libhost.la libcore.la libvocabulary.la libvm.la libbase.la \
	$(CRITERION_LIBS) $(JANSSON_LIBS) $(SQLITE_LIBS) $(SODIUM_LIBS) $(XXHASH_LIBS)

UNIT_TESTS += tests/unit/sim_sites
EXTRA_tests_unit_sim_sites_DEPENDENCIES = gcxc$(EXEEXT)
tests_unit_sim_sites_SOURCES = tests/unit/sim_sites.c
tests_unit_sim_sites_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sim_sites_LDADD = $(tests_unit_sim_virtual_LDADD)
## Hours of virtual calls against the theory of queues: the sanitizers have the same code in sim_virtual and sim_sites.
if !SANITIZED
UNIT_TESTS += tests/unit/sim_truth
SHIPPED_TESTS += tests/unit/sim_truth
endif
EXTRA_tests_unit_sim_truth_DEPENDENCIES = gcxc$(EXEEXT)
tests_unit_sim_truth_SOURCES = tests/unit/sim_truth.c
tests_unit_sim_truth_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sim_truth_LDADD = $(tests_unit_sim_virtual_LDADD)
SCRIPT_TESTS += tests/flows/sim_players.sh tests/flows/sim_cli.sh

UNIT_TESTS += tests/unit/sim_tally
tests_unit_sim_tally_SOURCES = tests/unit/sim_tally.c runtime/sim/tally.c
tests_unit_sim_tally_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_sim_tally_LDADD = $(tests_unit_sim_scenario_LDADD)
