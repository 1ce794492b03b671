## runtime/core: the deterministic machine.
noinst_LTLIBRARIES += libcore.la
libcore_la_CFLAGS = $(AM_CFLAGS) $(XXHASH_CFLAGS)

## A test a module; they see the room's own headers.
if HAVE_CRITERION
check_LTLIBRARIES += libcore_fixture.la
endif
libcore_fixture_la_SOURCES = tests/unit/core_fixture.c tests/unit/core_fixture.h tests/unit/core_fixture_image.c
libcore_fixture_la_CFLAGS = $(UNIT_CFLAGS)
CORE_LIBS = libcore_fixture.la librecords.la libcore.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS)

UNIT_TESTS += tests/unit/core_timer
tests_unit_core_timer_SOURCES = tests/unit/core_timer.c
tests_unit_core_timer_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_timer_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_fact
tests_unit_core_fact_SOURCES = tests/unit/core_fact.c
tests_unit_core_fact_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_fact_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_mark
tests_unit_core_mark_SOURCES = tests/unit/core_mark.c
tests_unit_core_mark_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_mark_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_table
tests_unit_core_table_SOURCES = tests/unit/core_table.c
tests_unit_core_table_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_table_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_names
tests_unit_core_names_SOURCES = tests/unit/core_names.c
tests_unit_core_names_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_names_LDADD = $(CORE_LIBS)

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

UNIT_TESTS += tests/unit/core_steady
tests_unit_core_steady_SOURCES = tests/unit/core_steady.c
tests_unit_core_steady_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_steady_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=core_apply
tests_unit_core_steady_LDADD = $(CORE_LIBS)
UNIT_TESTS += tests/unit/core_v1
tests_unit_core_v1_SOURCES = tests/unit/core_v1.c
tests_unit_core_v1_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_v1_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_parked
tests_unit_core_parked_SOURCES = tests/unit/core_parked.c
tests_unit_core_parked_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_parked_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_cross
tests_unit_core_cross_SOURCES = tests/unit/core_cross.c
tests_unit_core_cross_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_cross_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_hand_over
tests_unit_core_hand_over_SOURCES = tests/unit/core_hand_over.c
tests_unit_core_hand_over_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_hand_over_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_loan
tests_unit_core_loan_SOURCES = tests/unit/core_loan.c
tests_unit_core_loan_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_loan_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_listening
tests_unit_core_listening_SOURCES = tests/unit/core_listening.c
tests_unit_core_listening_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_listening_LDADD = $(CORE_LIBS)
UNIT_TESTS += tests/unit/core_link
tests_unit_core_link_SOURCES = tests/unit/core_link.c tests/unit/link_observed.h
tests_unit_core_link_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_link_LDADD = $(CORE_LIBS)
UNIT_TESTS += tests/unit/core_link_desktop
tests_unit_core_link_desktop_SOURCES = tests/unit/core_link_desktop.c tests/unit/link_observed.h
tests_unit_core_link_desktop_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_link_desktop_LDADD = $(CORE_LIBS)
UNIT_TESTS += tests/unit/core_link_restart
tests_unit_core_link_restart_SOURCES = tests/unit/core_link_restart.c tests/unit/link_observed.h
tests_unit_core_link_restart_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_link_restart_LDADD = $(CORE_LIBS)

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

UNIT_TESTS += tests/unit/core_capacity
tests_unit_core_capacity_SOURCES = tests/unit/core_capacity.c
tests_unit_core_capacity_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_capacity_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_blend
tests_unit_core_blend_SOURCES = tests/unit/core_blend.c
tests_unit_core_blend_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_blend_LDADD = $(CORE_LIBS)
UNIT_TESTS += tests/unit/core_quarantine
tests_unit_core_quarantine_SOURCES = tests/unit/core_quarantine.c
tests_unit_core_quarantine_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_quarantine_LDADD = $(CORE_LIBS)
UNIT_TESTS += tests/unit/core_audit
tests_unit_core_audit_SOURCES = tests/unit/core_audit.c
tests_unit_core_audit_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_audit_LDADD = $(CORE_LIBS)
UNIT_TESTS += tests/unit/core_queues
tests_unit_core_queues_SOURCES = tests/unit/core_queues.c
tests_unit_core_queues_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_queues_LDADD = $(CORE_LIBS)
UNIT_TESTS += tests/unit/core_index
tests_unit_core_index_SOURCES = tests/unit/core_index.c
tests_unit_core_index_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_index_LDADD = $(CORE_LIBS)
EXTRA_tests_unit_core_index_DEPENDENCIES = gcxc$(EXEEXT)
UNIT_TESTS += tests/unit/core_prefer
tests_unit_core_prefer_SOURCES = tests/unit/core_prefer.c
tests_unit_core_prefer_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_prefer_LDADD = $(CORE_LIBS)
EXTRA_tests_unit_core_prefer_DEPENDENCIES = gcxc$(EXEEXT)

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

UNIT_TESTS += tests/unit/core_telephone
tests_unit_core_telephone_SOURCES = tests/unit/core_telephone.c tests/unit/link_observed.h
tests_unit_core_telephone_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_telephone_LDADD = $(CORE_LIBS)
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

UNIT_TESTS += tests/unit/core_turns
tests_unit_core_turns_SOURCES = tests/unit/core_turns.c
tests_unit_core_turns_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_turns_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_setting
tests_unit_core_setting_SOURCES = tests/unit/core_setting.c
tests_unit_core_setting_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_setting_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_query
tests_unit_core_query_SOURCES = tests/unit/core_query.c
tests_unit_core_query_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_query_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_record_request
tests_unit_core_record_request_SOURCES = tests/unit/core_record_request.c tests/unit/record_world.c tests/unit/record_world.h
tests_unit_core_record_request_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_record_request_LDADD = $(CORE_LIBS)
UNIT_TESTS += tests/unit/core_record_preview
tests_unit_core_record_preview_SOURCES = tests/unit/core_record_preview.c tests/unit/record_world.c tests/unit/record_world.h
tests_unit_core_record_preview_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_record_preview_LDADD = $(CORE_LIBS)
UNIT_TESTS += tests/unit/core_campaign
tests_unit_core_campaign_SOURCES = tests/unit/core_campaign.c
tests_unit_core_campaign_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_campaign_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_campaigns
tests_unit_core_campaigns_SOURCES = tests/unit/core_campaigns.c tests/unit/campaign_play.c tests/unit/campaign_play.h
tests_unit_core_campaigns_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_campaigns_LDADD = $(CORE_LIBS)
UNIT_TESTS += tests/unit/core_campaign_pace
tests_unit_core_campaign_pace_SOURCES = tests/unit/core_campaign_pace.c tests/unit/campaign_play.c tests/unit/campaign_play.h
tests_unit_core_campaign_pace_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_campaign_pace_LDADD = $(CORE_LIBS)
UNIT_TESTS += tests/unit/core_campaign_promises
tests_unit_core_campaign_promises_SOURCES = tests/unit/core_campaign_promises.c tests/unit/campaign_play.c tests/unit/campaign_play.h
tests_unit_core_campaign_promises_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_campaign_promises_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_booking
tests_unit_core_booking_SOURCES = tests/unit/core_booking.c
tests_unit_core_booking_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_booking_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_open
tests_unit_core_open_SOURCES = tests/unit/core_open.c tests/unit/core_open_fixture.c tests/unit/core_open_fixture.h
tests_unit_core_open_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_open_LDADD = $(CORE_LIBS)
UNIT_TESTS += tests/unit/core_open_reply
tests_unit_core_open_reply_SOURCES = tests/unit/core_open_reply.c tests/unit/core_open_fixture.c tests/unit/core_open_fixture.h
tests_unit_core_open_reply_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_open_reply_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_authority
tests_unit_core_authority_SOURCES = tests/unit/core_authority.c
tests_unit_core_authority_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_core_authority_LDADD = $(CORE_LIBS) $(JANSSON_LIBS)

UNIT_TESTS += tests/unit/core_review
tests_unit_core_review_SOURCES = tests/unit/core_review.c
tests_unit_core_review_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_review_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_register
tests_unit_core_register_SOURCES = tests/unit/core_register.c
tests_unit_core_register_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_register_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_chat
tests_unit_core_chat_SOURCES = tests/unit/core_chat.c
tests_unit_core_chat_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_chat_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_desk
tests_unit_core_desk_SOURCES = tests/unit/core_desk.c
tests_unit_core_desk_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_desk_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_invite
tests_unit_core_invite_SOURCES = tests/unit/core_invite.c
tests_unit_core_invite_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_invite_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_place
tests_unit_core_place_SOURCES = tests/unit/core_place.c
tests_unit_core_place_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_place_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_ring
tests_unit_core_ring_SOURCES = tests/unit/core_ring.c
tests_unit_core_ring_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_ring_LDADD = $(CORE_LIBS)
UNIT_TESTS += tests/unit/core_tries
tests_unit_core_tries_SOURCES = tests/unit/core_tries.c
tests_unit_core_tries_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_tries_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_debug
tests_unit_core_debug_SOURCES = tests/unit/core_debug.c
tests_unit_core_debug_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_debug_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_golden
tests_unit_core_golden_SOURCES = tests/unit/core_golden.c
tests_unit_core_golden_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_golden_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_snapshot
tests_unit_core_snapshot_SOURCES = tests/unit/core_snapshot.c
tests_unit_core_snapshot_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_snapshot_LDADD = $(CORE_LIBS)
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

UNIT_TESTS += tests/unit/core_latch
tests_unit_core_latch_SOURCES = tests/unit/core_latch.c
tests_unit_core_latch_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_latch_LDADD = $(CORE_LIBS)
UNIT_TESTS += tests/unit/core_statistic
tests_unit_core_statistic_SOURCES = tests/unit/core_statistic.c
tests_unit_core_statistic_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_statistic_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_counter
tests_unit_core_counter_SOURCES = tests/unit/core_counter.c
tests_unit_core_counter_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_counter_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_keep
tests_unit_core_keep_SOURCES = tests/unit/core_keep.c
tests_unit_core_keep_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_keep_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_order
tests_unit_core_order_SOURCES = tests/unit/core_order.c
tests_unit_core_order_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_order_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_share
tests_unit_core_share_SOURCES = tests/unit/core_share.c
tests_unit_core_share_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_share_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_pacing
tests_unit_core_pacing_SOURCES = tests/unit/core_pacing.c tests/unit/pacer_made.h tests/unit/core_pacing_model.c tests/unit/core_pacing_model.h
tests_unit_core_pacing_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_pacing_LDADD = $(CORE_LIBS) -lm
UNIT_TESTS += tests/unit/core_pacing_late
tests_unit_core_pacing_late_SOURCES = tests/unit/core_pacing_late.c tests/unit/pacer_made.h tests/unit/core_pacing_model.h
tests_unit_core_pacing_late_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_pacing_late_LDADD = $(CORE_LIBS)
UNIT_TESTS += tests/unit/core_pacing_kept
tests_unit_core_pacing_kept_SOURCES = tests/unit/core_pacing_kept.c tests/unit/pacer_made.h tests/unit/core_pacing_model.h
tests_unit_core_pacing_kept_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_pacing_kept_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_evidence
tests_unit_core_evidence_SOURCES = tests/unit/core_evidence.c
tests_unit_core_evidence_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_evidence_LDADD = $(CORE_LIBS) -lm

UNIT_TESTS += tests/unit/core_rollout
tests_unit_core_rollout_SOURCES = tests/unit/core_rollout.c
tests_unit_core_rollout_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_rollout_LDADD = $(CORE_LIBS)

UNIT_TESTS += tests/unit/core_pass_on
tests_unit_core_pass_on_SOURCES = tests/unit/core_pass_on.c
tests_unit_core_pass_on_CFLAGS = $(UNIT_CFLAGS)
tests_unit_core_pass_on_LDADD = $(CORE_LIBS)
