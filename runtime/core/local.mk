## runtime/core: the deterministic machine.
noinst_LTLIBRARIES += libcore.la
libcore_la_SOURCES = runtime/core/core.h runtime/core/core.c runtime/core/state.h runtime/core/memory.h \
	runtime/core/table.h runtime/core/table.c runtime/core/timer.h runtime/core/timer.c runtime/core/part.h runtime/core/part.c runtime/core/parts.def \
	runtime/core/claim.h runtime/core/claim.c runtime/core/agent.h runtime/core/agent.c \
	runtime/core/vq.h runtime/core/vq.c runtime/core/want.h runtime/core/want.c \
	runtime/core/record.h runtime/core/record.c \
	runtime/core/directory.h runtime/core/directory.c runtime/core/directory_import.h runtime/core/directory_import.c runtime/core/effect.h runtime/core/effect.c \
	runtime/core/link.h runtime/core/link.c runtime/core/session.h runtime/core/session.c \
	runtime/core/setting.h runtime/core/setting.c runtime/core/place.h runtime/core/place.c \
	runtime/core/business.h runtime/core/business.c runtime/core/staged.c \
	runtime/core/coerce.h runtime/core/coerce.c runtime/core/given.h runtime/core/given.c \
	runtime/core/interaction.h runtime/core/interaction.c runtime/core/call.c \
	runtime/core/userdata.h runtime/core/userdata.c runtime/core/select.h runtime/core/select.c \
	runtime/core/match.h runtime/core/match.c runtime/core/order.h runtime/core/order.c \
	runtime/core/profile.h runtime/core/profile.c \
	runtime/core/counter.h runtime/core/counter.c runtime/core/exclude.h runtime/core/exclude.c runtime/core/walk.h runtime/core/walk.c runtime/core/growth.h runtime/core/growth.c \
	runtime/core/next.h runtime/core/next.c runtime/core/consult.h runtime/core/consult.c \
	runtime/core/signal.h runtime/core/signal.c runtime/core/keep.h runtime/core/keep.c \
	runtime/core/booking.h runtime/core/booking.c runtime/core/slots.c \
	runtime/core/invite.h runtime/core/invite.c \
	runtime/core/tries.h runtime/core/tries.c runtime/core/fiber.h runtime/core/fiber.c runtime/core/life.h runtime/core/life.c \
	runtime/core/strategy.h runtime/core/strategy.c \
	runtime/core/ask.h runtime/core/ask.c \
	runtime/core/program.c runtime/core/program.h runtime/core/host.c runtime/core/batch.h runtime/core/step.h runtime/core/step.c runtime/core/steps.c runtime/core/ending.h runtime/core/ending.c runtime/core/resync.h runtime/core/resync.c \
	runtime/core/step_control.c runtime/core/step_delay.c runtime/core/step_fork.c runtime/core/step_grow.c runtime/core/step_mandatory.c runtime/core/step_switch.c \
	 runtime/core/step_http.c runtime/core/step_ivr.c runtime/core/step_query.c runtime/core/step_route.c \
	runtime/core/admin.h runtime/core/admin.c runtime/core/check.h runtime/core/check.c \
	runtime/core/read.h runtime/core/read.c runtime/core/read_one.c runtime/core/read_site.c \
	runtime/core/why.h runtime/core/why.c
libcore_la_CFLAGS = $(AM_CFLAGS) $(XXHASH_CFLAGS)

## A test a module; they see the room's own headers.
if HAVE_CRITERION
check_LTLIBRARIES += libcore_fixture.la
endif
libcore_fixture_la_SOURCES = tests/unit/core_fixture.c tests/unit/core_fixture.h tests/unit/core_fixture_image.c
libcore_fixture_la_CFLAGS = $(UNIT_CFLAGS)
CORE_LIBS = libcore_fixture.la libcore.la libvocabulary.la libvm.la $(CRITERION_LIBS) $(SODIUM_LIBS)

UNIT_TESTS += tests/unit/core_timer
tests_unit_core_timer_SOURCES = tests/unit/core_timer.c
tests_unit_core_timer_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_timer_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_table
tests_unit_core_table_SOURCES = tests/unit/core_table.c
tests_unit_core_table_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_table_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_claim
tests_unit_core_claim_SOURCES = tests/unit/core_claim.c
tests_unit_core_claim_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_claim_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_agent
tests_unit_core_agent_SOURCES = tests/unit/core_agent.c
tests_unit_core_agent_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_agent_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_vq
tests_unit_core_vq_SOURCES = tests/unit/core_vq.c
tests_unit_core_vq_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_vq_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_v1
tests_unit_core_v1_SOURCES = tests/unit/core_v1.c
tests_unit_core_v1_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_v1_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_parked
tests_unit_core_parked_SOURCES = tests/unit/core_parked.c
tests_unit_core_parked_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_parked_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_link
tests_unit_core_link_SOURCES = tests/unit/core_link.c
tests_unit_core_link_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_link_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_userdata
tests_unit_core_userdata_SOURCES = tests/unit/core_userdata.c
tests_unit_core_userdata_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_userdata_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_call
tests_unit_core_call_SOURCES = tests/unit/core_call.c
tests_unit_core_call_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_call_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_chaos
tests_unit_core_chaos_SOURCES = tests/unit/core_chaos.c
tests_unit_core_chaos_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_chaos_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_hostile
tests_unit_core_hostile_SOURCES = tests/unit/core_hostile.c tests/unit/core_hostile_frames.c \
	tests/unit/core_hostile_frames.h
tests_unit_core_hostile_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_hostile_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_select
tests_unit_core_select_SOURCES = tests/unit/core_select.c
tests_unit_core_select_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_select_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_why
tests_unit_core_why_SOURCES = tests/unit/core_why.c
tests_unit_core_why_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_why_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_directory
tests_unit_core_directory_SOURCES = tests/unit/core_directory.c
tests_unit_core_directory_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_directory_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_consult
tests_unit_core_consult_SOURCES = tests/unit/core_consult.c
tests_unit_core_consult_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_consult_LDADD = $(CORE_LIBS)
UNIT_TESTS += tests/unit/core_signal
tests_unit_core_signal_SOURCES = tests/unit/core_signal.c
tests_unit_core_signal_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_signal_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_fork
tests_unit_core_fork_SOURCES = tests/unit/core_fork.c
tests_unit_core_fork_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_fork_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_palette
tests_unit_core_palette_SOURCES = tests/unit/core_palette.c
tests_unit_core_palette_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_palette_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_coerce
tests_unit_core_coerce_SOURCES = tests/unit/core_coerce.c
tests_unit_core_coerce_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_coerce_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_switch
tests_unit_core_switch_SOURCES = tests/unit/core_switch.c
tests_unit_core_switch_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_switch_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_next
tests_unit_core_next_SOURCES = tests/unit/core_next.c
tests_unit_core_next_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_next_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_setting
tests_unit_core_setting_SOURCES = tests/unit/core_setting.c
tests_unit_core_setting_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_setting_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_query
tests_unit_core_query_SOURCES = tests/unit/core_query.c
tests_unit_core_query_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_query_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_booking
tests_unit_core_booking_SOURCES = tests/unit/core_booking.c
tests_unit_core_booking_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_booking_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_invite
tests_unit_core_invite_SOURCES = tests/unit/core_invite.c
tests_unit_core_invite_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_invite_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_tries
tests_unit_core_tries_SOURCES = tests/unit/core_tries.c
tests_unit_core_tries_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_tries_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_session
tests_unit_core_session_SOURCES = tests/unit/core_session.c
tests_unit_core_session_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_session_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_overdue
tests_unit_core_overdue_SOURCES = tests/unit/core_overdue.c
tests_unit_core_overdue_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_overdue_LDADD = $(CORE_LIBS)
UNIT_TESTS += tests/unit/core_http
tests_unit_core_http_SOURCES = tests/unit/core_http.c
tests_unit_core_http_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_http_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_counter
tests_unit_core_counter_SOURCES = tests/unit/core_counter.c
tests_unit_core_counter_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_counter_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_keep
tests_unit_core_keep_SOURCES = tests/unit/core_keep.c
tests_unit_core_keep_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_keep_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_share
tests_unit_core_share_SOURCES = tests/unit/core_share.c
tests_unit_core_share_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_share_LDADD = $(CORE_LIBS)
