## runtime/adapters/sip: the plugin that is a telephone exchange by itself. Its files that need no libre are always built and tested.
noinst_LTLIBRARIES += libsound.la
libsound_la_FILES = \
	runtime/adapters/sip/announce.c runtime/adapters/sip/announce.h \
	runtime/adapters/sip/body.c runtime/adapters/sip/body.h \
	runtime/adapters/sip/dtmf.c runtime/adapters/sip/dtmf.h \
	runtime/adapters/sip/g711.c runtime/adapters/sip/g711.h \
	runtime/adapters/sip/hears.c runtime/adapters/sip/hears.h runtime/adapters/sip/hears.def \
	runtime/adapters/sip/mix.c runtime/adapters/sip/mix.h \
	runtime/adapters/sip/raw.c runtime/adapters/sip/raw.h \
	runtime/adapters/sip/record.c runtime/adapters/sip/record.h \
	runtime/adapters/sip/rtp.c runtime/adapters/sip/rtp.h \
	runtime/adapters/sip/say.c runtime/adapters/sip/say.h runtime/adapters/sip/say.def \
	runtime/adapters/sip/sdp.c runtime/adapters/sip/sdp.h \
	runtime/adapters/sip/sound.c runtime/adapters/sip/sound.h \
	runtime/adapters/sip/sound_fault.c runtime/adapters/sip/sound_fault.h \
	runtime/adapters/sip/wave8k.c runtime/adapters/sip/speech.h \
	runtime/adapters/sip/validate.c runtime/adapters/sip/validate.h
libsound_la_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS)

## The exchange is a library, so that a test can have it on a network and a clock of its own (tests/unit/sip_world.h).
if WITH_SIP
noinst_LTLIBRARIES += libexchange.la
pkglib_LTLIBRARIES += sip.la
endif
libexchange_la_FILES = \
	runtime/adapters/sip/alive.c runtime/adapters/sip/alive.h \
	runtime/adapters/sip/along.c runtime/adapters/sip/along.h \
	runtime/adapters/sip/answer.c \
	runtime/adapters/sip/arrival.c \
	runtime/adapters/sip/brought.c runtime/adapters/sip/brought.h \
	runtime/adapters/sip/consult.c \
	runtime/adapters/sip/consult_tie.c \
	runtime/adapters/sip/control.c \
	runtime/adapters/sip/detect.c \
	runtime/adapters/sip/dial.c \
	runtime/adapters/sip/dictate.c \
	runtime/adapters/sip/exchange.h \
	runtime/adapters/sip/farewell.c runtime/adapters/sip/farewell.h \
	runtime/adapters/sip/farewell_play.c \
	runtime/adapters/sip/fork.c runtime/adapters/sip/fork.h \
	runtime/adapters/sip/front.c \
	runtime/adapters/sip/guard.c runtime/adapters/sip/guard.h \
	runtime/adapters/sip/keep.c \
	runtime/adapters/sip/leg.c runtime/adapters/sip/leg.h \
	runtime/adapters/sip/leg_sdp.c \
	runtime/adapters/sip/look.c runtime/adapters/sip/look.h \
	runtime/adapters/sip/members.c \
	runtime/adapters/sip/monitor.c \
	runtime/adapters/sip/number.c runtime/adapters/sip/number.h \
	runtime/adapters/sip/order_queue.c \
	runtime/adapters/sip/orders.c runtime/adapters/sip/orders.h \
	runtime/adapters/sip/passing.c runtime/adapters/sip/passing.h \
	runtime/adapters/sip/peer.c runtime/adapters/sip/peer.h \
	runtime/adapters/sip/prack.c runtime/adapters/sip/prack.h \
	runtime/adapters/sip/reach.c \
	runtime/adapters/sip/recorder.c \
	runtime/adapters/sip/redirect.c runtime/adapters/sip/redirect.h \
	runtime/adapters/sip/redirect_kept.c runtime/adapters/sip/redirect_kept.h \
	runtime/adapters/sip/refer.c \
	runtime/adapters/sip/refresh.c runtime/adapters/sip/refresh.h \
	runtime/adapters/sip/refuse.c runtime/adapters/sip/refuse.h \
	runtime/adapters/sip/reread.c runtime/adapters/sip/reread.h \
	runtime/adapters/sip/replaces.c \
	runtime/adapters/sip/route.c \
	runtime/adapters/sip/setting.c runtime/adapters/sip/setting.h \
	runtime/adapters/sip/settings.def \
	runtime/adapters/sip/speech.c \
	runtime/adapters/sip/stream.c runtime/adapters/sip/stream.h \
	runtime/adapters/sip/talk.c runtime/adapters/sip/talk.h \
	runtime/adapters/sip/talk_legs.c \
	runtime/adapters/sip/talk_sound.c \
	runtime/adapters/sip/talks.c \
	runtime/adapters/sip/telephone_proof.c \
	runtime/adapters/sip/telephone_register.c \
	runtime/adapters/sip/telephones.c runtime/adapters/sip/telephones.h \
	runtime/adapters/sip/transport.c runtime/adapters/sip/transport.h \
	runtime/adapters/sip/treatment.c \
	runtime/adapters/sip/trunk.c runtime/adapters/sip/trunk.h \
	runtime/adapters/sip/trunk_answer.c runtime/adapters/sip/trunk_answer.h runtime/adapters/sip/trunk_answers.def \
	runtime/adapters/sip/ua/connection.c runtime/adapters/sip/ua/connection.h \
	runtime/adapters/sip/ua/dialog.c runtime/adapters/sip/ua/dialog.h \
	runtime/adapters/sip/ua/framing.c runtime/adapters/sip/ua/framing.h \
	runtime/adapters/sip/ua/libre.h runtime/adapters/sip/ua/loop.h \
	runtime/adapters/sip/ua/message.c runtime/adapters/sip/ua/message.h \
	runtime/adapters/sip/ua/proof.c runtime/adapters/sip/ua/proof.h \
	runtime/adapters/sip/ua/registration.c runtime/adapters/sip/ua/registration.h \
	runtime/adapters/sip/ua/request.c runtime/adapters/sip/ua/served.c \
	runtime/adapters/sip/ua/session.c runtime/adapters/sip/ua/session.h \
	runtime/adapters/sip/ua/ua.c runtime/adapters/sip/ua/ua.h runtime/adapters/sip/ua/way.c
libexchange_la_CFLAGS = $(AM_CFLAGS) $(RE_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(EVENT_CFLAGS)
sip_la_SOURCES = \
	runtime/adapters/sip/ua/loop.c runtime/adapters/sip/plugin.c
sip_la_CFLAGS = $(AM_CFLAGS) $(RE_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(EVENT_CFLAGS)
## A look-up of a name may outlive the plugin's close(): its code stays.
sip_la_LDFLAGS = $(AM_LDFLAGS) -Wl,-z,nodelete -module -avoid-version -shared -export-symbols-regex '^gcx_adapter$$'
sip_la_LIBADD = libexchange.la libsound.la libdetector.la libcti.la libnet.la libvocabulary.la libbase.la $(RE_LIBS) $(JANSSON_LIBS) $(SODIUM_LIBS) \
	$(TLS_LIBS) $(EVENT_LIBS) -lm

SIP_TEST_LIBS = libsound.la libdetector.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS) -lm
UNIT_TESTS += tests/unit/sip_announce tests/unit/sip_body tests/unit/sip_dtmf tests/unit/sip_mix tests/unit/sip_record tests/unit/sip_rtp tests/unit/sip_say tests/unit/sip_sdp tests/unit/sip_sound tests/unit/sip_torture tests/unit/sip_wave8k
tests_unit_sip_announce_SOURCES = tests/unit/sip_announce.c
tests_unit_sip_announce_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sip_announce_LDADD = $(SIP_TEST_LIBS)
tests_unit_sip_body_SOURCES = tests/unit/sip_body.c
tests_unit_sip_body_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sip_body_LDADD = $(SIP_TEST_LIBS)
tests_unit_sip_dtmf_SOURCES = tests/unit/sip_dtmf.c
tests_unit_sip_dtmf_CFLAGS = $(UNIT_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_sip_dtmf_LDADD = $(SIP_TEST_LIBS)
tests_unit_sip_mix_SOURCES = tests/unit/sip_mix.c
tests_unit_sip_mix_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sip_mix_LDADD = $(SIP_TEST_LIBS)
tests_unit_sip_record_SOURCES = tests/unit/sip_record.c
tests_unit_sip_record_CFLAGS = $(UNIT_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_sip_record_LDADD = $(SIP_TEST_LIBS)
tests_unit_sip_wave8k_SOURCES = tests/unit/sip_wave8k.c
tests_unit_sip_wave8k_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sip_wave8k_LDADD = $(SIP_TEST_LIBS)
tests_unit_sip_rtp_SOURCES = tests/unit/sip_rtp.c
tests_unit_sip_rtp_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sip_rtp_LDADD = $(SIP_TEST_LIBS)
tests_unit_sip_say_SOURCES = tests/unit/sip_say.c
tests_unit_sip_say_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sip_say_LDADD = $(SIP_TEST_LIBS)
tests_unit_sip_sdp_SOURCES = tests/unit/sip_sdp.c
tests_unit_sip_sdp_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sip_sdp_LDADD = $(SIP_TEST_LIBS)
tests_unit_sip_sound_SOURCES = tests/unit/sip_sound.c
tests_unit_sip_sound_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sip_sound_LDADD = $(SIP_TEST_LIBS)
tests_unit_sip_torture_SOURCES = tests/unit/sip_torture.c
tests_unit_sip_torture_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sip_torture_LDADD = $(SIP_TEST_LIBS)
if WITH_SIP
UNIT_TESTS += tests/unit/sip_dialogs tests/unit/sip_handed tests/unit/sip_hears tests/unit/sip_legs tests/unit/sip_outside \
	tests/unit/sip_reread tests/unit/sip_speech tests/unit/sip_telephones tests/unit/sip_together \
	tests/unit/sip_told tests/unit/sip_ua
endif
SIP_WORLD = tests/unit/sip_world.c tests/unit/sip_world.h
SIP_WORLD_CFLAGS = $(UNIT_CFLAGS) $(RE_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(EVENT_CFLAGS)
SIP_WORLD_LIBS = libexchange.la libcti.la libnet.la $(SIP_TEST_LIBS) $(RE_LIBS) $(JANSSON_LIBS) $(TLS_LIBS) $(EVENT_LIBS) $(GLIB_LIBS)
tests_unit_sip_handed_SOURCES = tests/unit/sip_handed.c $(SIP_WORLD)
tests_unit_sip_handed_CFLAGS = $(SIP_WORLD_CFLAGS)
tests_unit_sip_handed_LDADD = $(SIP_WORLD_LIBS)
tests_unit_sip_hears_SOURCES = tests/unit/sip_hears.c $(SIP_WORLD)
tests_unit_sip_hears_CFLAGS = $(SIP_WORLD_CFLAGS)
tests_unit_sip_hears_LDADD = $(SIP_WORLD_LIBS)
tests_unit_sip_legs_SOURCES = tests/unit/sip_legs.c $(SIP_WORLD)
tests_unit_sip_legs_CFLAGS = $(SIP_WORLD_CFLAGS)
tests_unit_sip_legs_LDADD = $(SIP_WORLD_LIBS)
tests_unit_sip_reread_SOURCES = tests/unit/sip_reread.c $(SIP_WORLD)
tests_unit_sip_reread_CFLAGS = $(SIP_WORLD_CFLAGS)
tests_unit_sip_reread_LDADD = $(SIP_WORLD_LIBS)
SIP_FIVE = tests/unit/sip_five.c tests/unit/sip_five.h $(SIP_WORLD)
tests_unit_sip_dialogs_SOURCES = tests/unit/sip_dialogs.c $(SIP_FIVE)
tests_unit_sip_dialogs_CFLAGS = $(SIP_WORLD_CFLAGS)
tests_unit_sip_dialogs_LDADD = $(SIP_WORLD_LIBS)
tests_unit_sip_outside_SOURCES = tests/unit/sip_outside.c $(SIP_FIVE)
tests_unit_sip_outside_CFLAGS = $(SIP_WORLD_CFLAGS)
tests_unit_sip_outside_LDADD = $(SIP_WORLD_LIBS)
tests_unit_sip_telephones_SOURCES = tests/unit/sip_telephones.c tests/unit/disk_faults.h tests/unit/disk_faults.c \
	tests/unit/disk_power.h tests/unit/disk_power.c $(SIP_FIVE)
tests_unit_sip_telephones_CFLAGS = $(SIP_WORLD_CFLAGS)
tests_unit_sip_telephones_LDADD = $(SIP_WORLD_LIBS)
## The file alone, with alarms and files of the test's own.
tests_unit_sip_speech_SOURCES = tests/unit/sip_speech.c runtime/adapters/sip/speech.c
tests_unit_sip_speech_CFLAGS = $(SIP_WORLD_CFLAGS)
tests_unit_sip_speech_LDADD = $(SIP_TEST_LIBS) $(GLIB_LIBS)
## On real sockets, with the plugin's own loop.
tests_unit_sip_ua_SOURCES = tests/unit/sip_ua.c runtime/adapters/sip/ua/loop.c
tests_unit_sip_ua_CFLAGS = $(SIP_WORLD_CFLAGS)
tests_unit_sip_ua_LDADD = $(SIP_WORLD_LIBS)
tests_unit_sip_together_SOURCES = tests/unit/sip_together.c $(SIP_WORLD)
tests_unit_sip_together_CFLAGS = $(SIP_WORLD_CFLAGS)
tests_unit_sip_together_LDADD = $(SIP_WORLD_LIBS)
tests_unit_sip_told_SOURCES = tests/unit/sip_told.c $(SIP_WORLD)
tests_unit_sip_told_CFLAGS = $(SIP_WORLD_CFLAGS)
tests_unit_sip_told_LDADD = $(SIP_WORLD_LIBS)

## With callers by sipp and telephones by baresip (Debian: sip-tester, baresip-core).
SCRIPT_TESTS += tests/flows/sip_front.sh tests/flows/sip_wire.sh tests/flows/sip_races.sh tests/flows/sip_media.sh tests/flows/sip_calls.sh tests/flows/sip_wishes.sh tests/flows/sip_dial.sh tests/flows/sip_outbound.sh tests/flows/sip_redirect.sh
