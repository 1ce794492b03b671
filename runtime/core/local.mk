## runtime/core: the deterministic machine.
noinst_LTLIBRARIES += libcore.la
libcore_la_SOURCES = \
	runtime/core/admin.c runtime/core/admin.h runtime/core/check.c runtime/core/check.h runtime/core/core.c \
	runtime/core/core.h runtime/core/handlers.def \
	runtime/core/base/batch.h runtime/core/base/media.h runtime/core/base/memory.h runtime/core/base/part.c runtime/core/base/part.h \
	runtime/core/base/parts.def runtime/core/base/record.c runtime/core/base/record.h runtime/core/base/state.h \
	runtime/core/base/table.c runtime/core/base/table.h runtime/core/base/timer.c runtime/core/base/timer.h \
	runtime/core/base/timers.def \
	runtime/core/links/link.c runtime/core/links/link.h \
	runtime/core/people/agent.c runtime/core/people/agent.h runtime/core/people/claim.c \
	runtime/core/people/claim.h \
	runtime/core/interactions/coerce.c runtime/core/interactions/coerce.h runtime/core/interactions/effect.c \
	runtime/core/interactions/effect.h runtime/core/interactions/fiber.c runtime/core/interactions/fiber.h \
	runtime/core/interactions/interaction.c runtime/core/interactions/interaction.h \
	runtime/core/interactions/userdata.c runtime/core/interactions/userdata.h \
	runtime/core/site/business.c runtime/core/site/business.h runtime/core/site/counter.c \
	runtime/core/site/counter.h runtime/core/site/directory.c runtime/core/site/directory.h \
	runtime/core/site/place.c runtime/core/site/place.h runtime/core/site/program.c runtime/core/site/program.h \
	runtime/core/site/setting.c runtime/core/site/setting.h runtime/core/site/table_cursor.c \
	runtime/core/site/table_cursor.h \
	runtime/core/sessions/session.c runtime/core/sessions/session.h \
	runtime/core/queues/ageing.c runtime/core/queues/ageing.h runtime/core/queues/exclude.c \
	runtime/core/queues/exclude.h runtime/core/queues/match.c runtime/core/queues/match.h \
	runtime/core/queues/order.c runtime/core/queues/order.h runtime/core/queues/profile.c \
	runtime/core/queues/profile.h runtime/core/queues/selector.c runtime/core/queues/selector.h \
	runtime/core/queues/vq.c runtime/core/queues/vq.h \
	runtime/core/run/activation.c runtime/core/run/activation.h runtime/core/run/arguments.c \
	runtime/core/run/arguments.h runtime/core/run/consult.c runtime/core/run/consult.h runtime/core/run/ending.c \
	runtime/core/run/ending.h runtime/core/run/follow_up.c runtime/core/run/follow_up.h runtime/core/run/signal.c \
	runtime/core/run/signal.h runtime/core/run/step.c runtime/core/run/step.h runtime/core/run/strategy.c \
	runtime/core/run/strategy.h runtime/core/run/tries.c runtime/core/run/tries.h \
	runtime/core/steps/ask.c runtime/core/steps/ask.h runtime/core/steps/booking.c runtime/core/steps/booking.h \
	runtime/core/steps/control.c runtime/core/steps/delay.c runtime/core/steps/fork.c runtime/core/steps/grow.c \
	runtime/core/steps/host.c runtime/core/steps/http.c runtime/core/steps/invite.c runtime/core/steps/invite.h \
	runtime/core/steps/ivr.c runtime/core/steps/kept_place.c runtime/core/steps/kept_place.h \
	runtime/core/steps/mandatory.c runtime/core/steps/query.c runtime/core/steps/route.c \
	runtime/core/steps/select.c runtime/core/steps/select.h runtime/core/steps/slots.c runtime/core/steps/steps.c \
	runtime/core/steps/switch.c \
	runtime/core/directory/import.c runtime/core/directory/import.h runtime/core/directory/stage.c \
	runtime/core/media/callback.c runtime/core/media/media.c runtime/core/media/media.def runtime/core/media/media.h \
	runtime/core/media/resync.c runtime/core/media/resync.h runtime/core/media/voice.c runtime/core/media/voice.h \
	runtime/core/read/one.c runtime/core/read/read.c runtime/core/read/read.h runtime/core/read/site.c \
	runtime/core/read/why.c runtime/core/read/why.h
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
