/* tests/unit/cti_model.c - What the call model keeps: calls, data, effects done, DNs, agents, asks. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/adapters/cti/agents.h"
#include "runtime/adapters/cti/asks.h"
#include "runtime/adapters/cti/call.h"
#include "runtime/adapters/cti/dn.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/message.h"

TestSuite(cti_model, .timeout = 20);

Test(cti_model, an_index_finds_what_was_added_and_not_removed)
{
    static char keys[2000][16];
    struct index index = {0};
    for (int i = 0; i < 2000; i++) {
        snprintf(keys[i], sizeof keys[i], "%d", i);
        index_add(&index, keys[i], keys[i]);
        if (i >= 100) index_remove(&index, keys[i - 100]);
    }
    cr_assert_eq(index_count(&index), 100);
    cr_assert_null(index_find(&index, "1899"));
    cr_assert_eq(index_find(&index, "1900"), keys[1900]);
    index_free(&index);
}

Test(cti_model, a_call_is_found_by_both_its_names_and_no_name_serves_twice)
{
    struct calls calls = {0};
    struct call *call = calls_add(&calls, "17", 0x10000000000001);
    cr_assert_eq(calls_by_id(&calls, "17"), call);
    cr_assert_eq(calls_by_conn(&calls, 0x10000000000001), call);
    cr_assert_str_eq(call->conn_text, "0010000000000001");
    cr_assert_null(calls_add(&calls, "17", 2));
    cr_assert_null(calls_add(&calls, "18", 0x10000000000001));
    calls_remove(&calls, call);
    cr_assert_null(calls_by_id(&calls, "17"));
    calls_free(&calls);
}

Test(cti_model, a_conn_id_is_sixteen_digits_and_not_zero)
{
    uint64_t conn = 0;
    cr_assert(ident_read_conn("00106B49D2000001", &conn));
    cr_assert_eq(conn, 0x00106b49d2000001);
    cr_assert_not(ident_read_conn("106b49d2000001", &conn));
    cr_assert_not(ident_read_conn("0000000000000000", &conn));
    cr_assert_not(ident_read_conn("00106b49d200000x", &conn));
    cr_assert_not(ident_read_conn(NULL, &conn));
}

static void texts(struct kv *kv, const char *const pairs[][2], size_t count)
{
    kv_init(kv);
    for (size_t i = 0; i < count; i++) kv_put_text(kv, pairs[i][0], span_of(pairs[i][1]));
}

static void assert_list(struct span list, const char *expected)
{
    char text[256] = "";
    struct kv_pair pair;
    size_t length = 0;
    for (uint32_t at = 0; kv_next(list, &at, &pair);) {
        length += (size_t)snprintf(text + length, sizeof text - length, "%.*s=%.*s ", (int)pair.key.length,
                                   (const char *)pair.key.bytes, (int)pair.value.span.length,
                                   (const char *)pair.value.span.bytes);
    }
    cr_assert_str_eq(text, expected);
}

Test(cti_model, changed_data_replaces_by_key_and_keeps_order_and_duplicates)
{
    struct calls calls = {0};
    struct call *call = calls_add(&calls, "1", 1);
    struct kv data, changed;
    struct writer writer;
    texts(&data, (const char *const[][2]){{"a", "1"}, {"b", "2"}, {"b", "3"}, {"c", "4"}, {"d", "5"}, {"d", "6"}}, 6);
    texts(&changed, (const char *const[][2]){{"b", "7"}, {"e", "8"}}, 2);
    writer_init(&writer);
    writer_begin(&writer, KIND_EventAttachedDataChanged);
    writer_list_begin(&writer, EventAttachedDataChanged_deleted);
    writer_list_text(&writer, span_of("c"));
    writer_list_end(&writer);
    struct span frame = writer_end(&writer);
    struct message message;
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    call_set_data(call, kv_span(&data));
    call_change_data(call, kv_span(&changed), message_text(&message, EventAttachedDataChanged_deleted));
    assert_list(kv_span(&call->data), "a=1 b=7 d=5 d=6 e=8 ");
    writer_free(&writer);
    kv_free(&data);
    kv_free(&changed);
    calls_free(&calls);
}

Test(cti_model, an_effect_is_begun_once_and_its_answer_kept)
{
    struct calls calls = {0};
    struct call *call = calls_add(&calls, "1", 1);
    struct span answer;
    cr_assert(call_begin(call, 9, 5, &answer));
    cr_assert_not(call_begin(call, 9, 5, &answer));
    cr_assert_eq(answer.length, 0);
    call_answered(call, 9, 5, span_of("routed"));
    cr_assert_not(call_begin(call, 9, 5, &answer));
    cr_assert(span_is(answer, "routed"));
    cr_assert(call_begin(call, 10, 5, &answer), "another interaction's");
    for (uint64_t ref = 100; ref < 100 + CALL_DONE_MAX; ref++) cr_assert(call_begin(call, 9, ref, &answer));
    cr_assert_eq(call->done_count, CALL_DONE_MAX, "what is remembered is bounded");
    cr_assert_eq(call->last_ref, 100 + CALL_DONE_MAX - 1);
    calls_free(&calls);
}

Test(cti_model, parties_are_bounded)
{
    struct calls calls = {0};
    struct call *call = calls_add(&calls, "1", 1);
    char dn[16];
    for (int i = 0; i < CALL_PARTIES_MAX; i++) {
        snprintf(dn, sizeof dn, "%d", i);
        cr_assert_not_null(call_set_party(call, dn, PARTY_ESTABLISHED, 1));
    }
    cr_assert_null(call_set_party(call, "more", PARTY_ESTABLISHED, 1));
    call_remove_party(call, "0");
    cr_assert_not_null(call_set_party(call, "more", PARTY_ESTABLISHED, 1));
    calls_free(&calls);
}

Test(cti_model, a_list_of_destinations_is_split_at_commas)
{
    struct destinations list = {0};
    destinations_split(&list, " 5000, 5001,,5002 ,");
    cr_assert_eq(list.count, 3);
    cr_assert_str_eq(list.names[0], "5000");
    cr_assert_str_eq(list.names[2], "5002");
    destinations_free(&list);
    destinations_split(&list, NULL);
    cr_assert_eq(list.count, 0);
}

Test(cti_model, a_dn_has_one_agent_and_an_agent_has_a_session_at_each_dn)
{
    struct switch_agents agents = {0};
    struct agent_session *marie = agents_login(&agents, "marie", "7001", 1);
    cr_assert_eq(agents_login(&agents, "marie", "7001", 2), marie);
    agents_login(&agents, "marie", "7002", 3);
    cr_assert_eq(agents_at(&agents, "7001"), marie, "also when she logs in at another");
    agents_login(&agents, "paul", "7002", 4);
    cr_assert_eq(agents_of(&agents, "marie"), marie, "she is where nobody has taken her place");
    cr_assert_str_eq(agents_at(&agents, "7002")->agent, "paul");
    cr_assert_eq(agents_at(&agents, "7002")->state, agent_state_not_ready, "logging in does not make ready");
    agents_free(&agents);
}

Test(cti_model, a_session_is_deserted_when_its_last_desktop_leaves)
{
    struct switch_agents agents = {0};
    struct agent_session *session = agents_login(&agents, "marie", "7001", 1);
    session_join(session, 4);
    session_join(session, 5);
    session_join(session, 5);
    cr_assert_not(agent_session_leave(session, 4));
    cr_assert_not(agent_session_leave(session, 4));
    cr_assert(agent_session_leave(session, 5));
    agents_free(&agents);
}

Test(cti_model, the_oldest_ask_that_matches_is_taken_once)
{
    struct asks asks = {0};
    struct cti_asker first = {.client = 1, .reference = 1}, second = {.client = 2, .reference = 1};
    asks_add(&asks, EXPECT_ESTABLISHED, &first, 7, "7001", 50);
    asks_add(&asks, EXPECT_ESTABLISHED, &second, 7, "7001", 60);
    asks_add(&asks, EXPECT_RELEASED, &second, 7, "7001", 10);
    struct ask *ask = asks_take(&asks, EXPECT_ESTABLISHED, 7, "7001");
    cr_assert_eq(ask->asker.client, 1);
    free(ask);
    cr_assert_null(asks_take(&asks, EXPECT_ESTABLISHED, 8, "7001"));
    ask = asks_take_due(&asks, 20);
    cr_assert_eq(ask->expect, EXPECT_RELEASED);
    free(ask);
    asks_add(&asks, EXPECT_HELD, &first, 7, "7001", 50);
    ask = asks_take(&asks, EXPECT_HELD, 0, NULL);
    cr_assert_not_null(ask, "added behind one that was taken from the end");
    free(ask);
    cr_assert_eq(asks.count, 1);
    asks_free(&asks);
    cr_assert_null(asks.all.first);
}
