/* tests/unit/dialer_wire.c - The plugin `dialer` between calling lists and a core: what is handed over, what is
 * allowed, what the lists say afterwards, and that nothing is lost or dialled twice when one of the two goes. */
#include <event2/event.h>
#include <glib.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/message.h"
#include "runtime/vocabulary/denied.h"
#include "tests/unit/lists_world.h"
#include "tests/unit/plugin_rig.h"

TestSuite(dialer_wire, .timeout = 60);

enum { SECOND_US = RIG_SECOND_US, IXN = 77 };

struct stage {
    struct plugin_rig rig;
    struct lists_world world;
    bool lists_there; /* as the plugin has said */
    unsigned ref;
    enum code refuses; /* what the core says to a record; code_ok: it takes it, code_other: it says nothing */
    const char *session, *bury, *own_files;
    char store[100]; /* of contacts; empty: none */
};

static uint64_t wall_us(void *self)
{
    return (uint64_t)((const struct stage *)self)->world.now;
}

/* ---- the core ---- */

static void answers_record(struct stage *stage, const struct message *event)
{
    struct writer writer;
    bool good = stage->refuses == code_ok;
    writer_init(&writer);
    writer_begin(&writer, KIND_Reply);
    writer_u(&writer, ENVELOPE_client, message_u(event, ENVELOPE_client));
    writer_u(&writer, ENVELOPE_req, message_u(event, ENVELOPE_req));
    writer_u(&writer, Reply_outcome, good ? outcome_ok : outcome_error);
    writer_u(&writer, Reply_code, stage->refuses);
    link_server_effect(stage->rig.server, writer_end(&writer));
    writer_free(&writer);
}

static bool on_event(void *self, const struct message *event)
{
    struct stage *stage = self;
    if (event->kind == KIND_PeerLink) stage->lists_there = message_u(event, PeerLink_up) != 0;
    if (!rig_hears(&stage->rig, event)) return true;
    if (event->kind == KIND_EventRecord && stage->refuses != code_other) answers_record(stage, event);
    return true;
}

/* ---- the plugin ---- */

static const char *setting(void *self, const char *key)
{
    const struct stage *stage = self;
    if (strcmp(key, "lists") == 0) return stage->world.target;
    if (strcmp(key, "store") == 0) return *stage->store ? stage->store : NULL;
    if (strcmp(key, "session") == 0) return stage->session;
    if (strcmp(key, "country") == 0) return "DE";
    if (strcmp(key, "bury") == 0) return stage->bury;
    if (strcmp(key, GCX_OWN_FILES) == 0) return stage->own_files;
    return NULL;
}

static void await_lists(struct stage *stage, const char *sql, const char *wanted)
{
    uint64_t end_us = rig_real_us() + RIG_PATIENCE_US;
    while (strcmp(world_asks(&stage->world, sql), wanted) != 0) {
        cr_assert_lt(rig_real_us(), end_us, "%s: %s, not %s", sql, world_asks(&stage->world, sql), wanted);
        rig_run(&stage->rig);
    }
}

static void stage_plays(struct stage *stage)
{
    stage->rig.name = "dialer";
    stage->rig.event = on_event;
    stage->rig.setting = setting;
    stage->rig.wall_us = wall_us;
    stage->rig.base = event_base_new();
    rig_plugin_comes(&stage->rig);
}

/* The plugin goes, and the core with it, which has kept nothing. */
static void plugin_goes(struct stage *stage)
{
    rig_plugin_goes(&stage->rig);
    stage->rig.committed = stage->rig.seq = 0;
}

static void stage_open(struct stage *stage, const char *csv)
{
    *stage = (struct stage){.refuses = code_ok, .session = "one", .bury = "0"};
    world_new(&stage->world);
    cr_assert(world_import(&stage->world, csv), "%s", stage->world.error.text);
    stage_plays(stage);
}

static void stage_close(struct stage *stage)
{
    plugin_goes(stage);
    event_base_free(stage->rig.base);
    world_free(&stage->world);
}

/* ---- what the core asks ---- */

static struct writer *asks(struct stage *stage, unsigned kind, uint64_t ixn)
{
    static struct writer writer;
    if (!writer.bytes) writer_init(&writer);
    stage->rig.posted[0] = '\0';
    writer_clear(&writer);
    writer_begin(&writer, kind);
    writer_u(&writer, ENVELOPE_ixn, ixn);
    writer_u(&writer, ENVELOPE_ref, ++stage->ref);
    return &writer;
}

/* Sends it, and waits for the answer; the events are in `posted`. */
static void answered(struct stage *stage, struct writer *writer)
{
    char wanted[40];
    link_server_effect(stage->rig.server, writer_end(writer));
    snprintf(wanted, sizeof wanted, " ref=%u ", stage->ref);
    rig_await(&stage->rig, stage->rig.posted, wanted);
}

struct wish {
    unsigned count;
    const char *campaign, *filter, *consent, *list, *in_all;
};

static void fetches(struct stage *stage, const struct wish *wish)
{
    struct writer *writer = asks(stage, KIND_FetchRecords, 0);
    struct kv terms;
    kv_init(&terms);
    if (wish->list) kv_put_text(&terms, "list", span_of(wish->list));
    if (wish->consent) kv_put_text(&terms, "consent", span_of(wish->consent));
    if (wish->in_all) kv_put_text(&terms, "in_all", span_of(wish->in_all));
    writer_text(writer, FetchRecords_campaign, wish->campaign ? wish->campaign : "spring");
    writer_u(writer, FetchRecords_count, wish->count);
    writer_text(writer, FetchRecords_filter, wish->filter);
    writer_kv(writer, FetchRecords_terms, &terms);
    kv_free(&terms);
    answered(stage, writer);
}

/* May the number, which the strategy of the record says, be dialled? */
static void checks_number_by(struct stage *stage, const char *digits, const char *number, const char *term,
                             const char *value)
{
    struct writer *writer = asks(stage, KIND_CheckRecord, IXN);
    struct kv terms;
    int64_t version;
    kv_init(&terms);
    if (term) kv_put_text(&terms, term, span_of(value));
    if (term) kv_put_text(&terms, "list", span_of("spring"));
    writer_u(writer, CheckRecord_record, (uint64_t)world_record(&stage->world, digits, &version));
    writer_text(writer, CheckRecord_number, number);
    writer_text(writer, CheckRecord_campaign, "spring");
    if (term) writer_kv(writer, CheckRecord_terms, &terms);
    kv_free(&terms);
    answered(stage, writer);
}

static void checks_number(struct stage *stage, const char *digits, const char *number)
{
    checks_number_by(stage, digits, number, NULL, NULL);
}

static void checks(struct stage *stage, const char *digits)
{
    char number[32];
    snprintf(number, sizeof number, "+4930%s", digits);
    checks_number(stage, digits, number);
}

struct says {
    enum record_status status;
    enum record_type type;
    enum cause result;
    int64_t due;
    enum record_scope scope;
    const char *agent, *block, *field, *value;
    unsigned history;
    int64_t revision; /* 0: the next one */
    bool talks;
};

static void updates(struct stage *stage, const char *digits, const struct says *says)
{
    struct writer *writer = asks(stage, KIND_UpdateRecord, IXN);
    int64_t version, record = world_record(&stage->world, digits, &version);
    struct kv fields;
    kv_init(&fields);
    if (says->block) kv_put_text(&fields, "number", span_of(says->block));
    if (says->field) kv_put_text(&fields, says->field, span_of(says->value));
    writer_u(writer, UpdateRecord_record, (uint64_t)record);
    writer_u(writer, UpdateRecord_revision, (uint64_t)(says->revision ? says->revision : version + 1));
    writer_u(writer, UpdateRecord_status, says->status);
    writer_u(writer, UpdateRecord_type, says->type);
    writer_u(writer, UpdateRecord_result, says->result);
    writer_i(writer, UpdateRecord_due, says->due);
    writer_text(writer, UpdateRecord_agent, says->agent);
    writer_kv(writer, UpdateRecord_fields, &fields);
    writer_u(writer, UpdateRecord_history, says->history);
    writer_u(writer, UpdateRecord_block, says->block != NULL);
    writer_text(writer, UpdateRecord_campaign, "spring");
    writer_u(writer, UpdateRecord_scope, says->scope);
    writer_u(writer, UpdateRecord_talks, says->talks);
    kv_free(&fields);
    answered(stage, writer);
}

#define POSTED(wanted)       cr_expect(strstr(stage.rig.posted, wanted), "no %s in: %s", wanted, stage.rig.posted)
#define NOT_POSTED(text)     cr_expect_not(strstr(stage.rig.posted, text), "%s in: %s", text, stage.rig.posted)
#define UPDATES(digits, ...) updates(&stage, digits, &(struct says){__VA_ARGS__})
#define FETCHES(...)         fetches(&stage, &(struct wish){__VA_ARGS__})
#define SAYS(sql, wanted)    cr_expect_str_eq(world_asks(&stage.world, sql), wanted)
#define DIALLED              UPDATES("1000001", .status = record_status_retrieved, .history = 1)

#define STATES "select status, coalesce(result, '') from records order by number"
#define TWO    "number,customer,Saldo\n030 1000001,4711,12.5\n030 1000002,,\n"
#define CHAIN  "number,chain,n\n030 1000001,a,1\n030 1000002,a,2\n030 1000003,a,3\n"

static unsigned count_of(const char *text, const char *what)
{
    unsigned count = 0;
    for (; (text = strstr(text, what)); text++) count++;
    return count;
}

Test(dialer_wire, a_portion_is_handed_over_and_shown_again_under_its_ref)
{
    struct stage stage;
    stage_open(&stage, TWO);
    FETCHES(.count = 1);
    POSTED("EventRecord ");
    POSTED("number=+49301000001");
    POSTED("customer");
    POSTED("balance");
    POSTED("zone=Europe/Berlin");
    POSTED("records=1");
    cr_expect_eq(count_of(stage.rig.posted, "EventRecord"), 1);
    cr_expect(strstr(stage.rig.posted, "EventRecord") < strstr(stage.rig.posted, "EventDone"), "%s", stage.rig.posted);
    stage.ref--; /* its answer was lost */
    FETCHES(.count = 1);
    POSTED("number=+49301000001");
    FETCHES(.count = 5, .campaign = "early", .list = "spring");
    POSTED("campaign=early");
    POSTED("number=+49301000002");
    FETCHES(.count = 5);
    POSTED("records=0");
    SAYS("select owner, campaign from chains order by id", "one|spring\none|early");
    stage_close(&stage);
}

Test(dialer_wire, what_cannot_be_fetched_is_said)
{
    struct stage stage;
    stage_open(&stage, TWO);
    FETCHES(.count = 1, .list = "autumn");
    POSTED("EventError");
    POSTED("there is no calling list 'autumn'");
    FETCHES(.count = 1, .filter = "colour = 'red'");
    POSTED("code=invalid");
    POSTED("the filter: ");
    FETCHES(.count = 1, .in_all = "many");
    POSTED("code=invalid");
    FETCHES(.count = 1, .consent = "offers");
    POSTED("records=0");
    stage_close(&stage);
}

static void checks_list(struct stage *stage, const char *campaign, const char *filter, const char *order)
{
    struct writer *writer = asks(stage, KIND_CheckList, 0);
    writer_text(writer, CheckList_campaign, campaign);
    writer_text(writer, CheckList_filter, filter);
    writer_text(writer, CheckList_order, order);
    answered(stage, writer);
}

Test(dialer_wire, list_filter_and_order_are_checked_before_a_campaign_begins)
{
    struct stage stage;
    stage_open(&stage, TWO);
    checks_list(&stage, "spring", "balance > 5", "balance DESC");
    POSTED("outcome=ok");
    checks_list(&stage, "spring", "blance > 5", NULL);
    POSTED("code=invalid text=\"the filter: at 'blance': there is no such column");
    checks_list(&stage, "spring", NULL, "balance down");
    POSTED("code=invalid text=\"the order: at 'down'");
    checks_list(&stage, "autumn", NULL, NULL);
    POSTED("code=invalid text=\"there is no calling list 'autumn'");
    SAYS("select count(*) from chains where owner is not null", "0");
    stage_close(&stage);
}

Test(dialer_wire, records_that_are_imported_are_noticed)
{
    struct stage stage;
    stage_open(&stage, TWO);
    rig_await(&stage.rig, stage.rig.posted, "ListChanged"); /* what came while it was not there */
    FETCHES(.count = 9);
    cr_assert(world_import(&stage.world, "number\n030 1000009\n"));
    stage.rig.hurries = true;
    rig_await(&stage.rig, stage.rig.posted, "ListChanged list=spring");
    stage_close(&stage);
}

/* The core is told of what is due as soon as it is, although it has been handed over all that it has asked for. */
Test(dialer_wire, the_core_hears_what_is_left_and_due)
{
    struct stage stage;
    stage_open(&stage, "number,due\n030 1000001,\n030 1000002,\n030 1000003,2026-03-02 13:01\n");
    FETCHES(.count = 1, .in_all = "3");
    POSTED("number=+49301000001");
    stage.rig.hurries = true;
    rig_await(&stage.rig, stage.rig.posted, "ListChanged campaign=spring left=2");
    NOT_POSTED("due=");
    FETCHES(.count = 0); /* it is unloaded, and loaded again: the core has forgotten what it was told */
    FETCHES(.count = 1, .in_all = "3");
    POSTED("EventRecord"); /* whichever: PostgreSQL passes over a row that is just being let go */
    rig_await(&stage.rig, stage.rig.posted, "ListChanged campaign=spring left=2");
    stage.world.now += INT64_C(61) * SECOND_US;
    rig_await(&stage.rig, stage.rig.posted, "due=1");
    FETCHES(.count = 1, .in_all = "3");
    POSTED("number=+49301000003");
    stage.world.now += INT64_C(301) * SECOND_US;
    rig_await(&stage.rig, stage.rig.posted, "overdue=1");
    FETCHES(.count = 0);
    stage_close(&stage);
}

Test(dialer_wire, a_number_is_dialled_once_and_its_attempt_is_written_before)
{
    struct stage stage;
    int64_t version;
    stage_open(&stage, TWO);
    FETCHES(.count = 1);
    checks(&stage, "1000001");
    POSTED("outcome=ok");
    DIALLED;
    POSTED("outcome=ok");
    SAYS("select n, campaign, session, number, result from attempts", "1|spring|one|+49301000001|");
    world_record(&stage.world, "1000001", &version);
    UPDATES("1000001", .status = record_status_retrieved, .history = 1, .revision = version); /* again */
    POSTED("outcome=ok");
    SAYS("select count(*) from attempts", "1");
    UPDATES("1000001", .status = record_status_updated, .result = cause_ok, .history = 1);
    POSTED("outcome=ok");
    SAYS("select result, ixn, ended is null from attempts",
         getenv("GCX_PG_CONNINFO") ? "ok|0-00000000004d|f" : "ok|0-00000000004d|0");
    SAYS("select status, result from records where number = '+49301000001'", "updated|ok");
    checks(&stage, "1000001");
    POSTED("code=refused");
    stage_close(&stage);
}

Test(dialer_wire, a_strategy_dials_again)
{
    struct stage stage;
    stage_open(&stage, TWO);
    FETCHES(.count = 1, .in_all = "2");
    DIALLED;
    UPDATES("1000001", .status = record_status_retrieved, .history = 2);
    POSTED("code=refused"); /* the first attempt is under way */
    UPDATES("1000001", .status = record_status_retrieved, .result = cause_busy, .history = 2);
    POSTED("outcome=ok");
    SAYS("select n, coalesce(result, '') from attempts order by n", "1|busy\n2|");
    UPDATES("1000001", .status = record_status_retrieved, .result = cause_no_answer, .history = 3);
    POSTED("code=suppressed"); /* the campaign allows two; how the second ended is noted */
    SAYS("select n, result from attempts order by n", "1|busy\n2|no_answer");
    UPDATES("1000001", .status = record_status_updated, .history = 3);
    POSTED("outcome=ok");
    SAYS(STATES, "updated|no_answer\nready|");
    stage_close(&stage);
}

Test(dialer_wire, a_number_is_not_dialled_against_the_list)
{
    struct stage stage;
    stage_open(&stage, TWO);
    FETCHES(.count = 2, .in_all = "1");
    struct lists_block block = {.value = span_of("+49301000001"), .since = stage.world.now};
    cr_assert_eq(lists_block(stage.world.lists, &block, &stage.world.error), LISTS_done);
    checks(&stage, "1000001");
    POSTED("code=do_not_call");
    stage.world.now += INT64_C(12) * 3600 * SECOND_US;
    world_asks(&stage.world, "update records set day_from = 0, day_till = 7200 where number = '+49301000002'");
    checks(&stage, "1000002");
    POSTED("outcome=ok");
    stage.world.now += INT64_C(2) * 3600 * SECOND_US;
    UPDATES("1000002", .status = record_status_retrieved, .history = 1);
    POSTED("code=outside_hours");
    SAYS("select count(*) from attempts", "0");
    UPDATES("1000002", .status = record_status_updated, .history = 1); /* the core has counted what was not allowed */
    SAYS("select status, attempt, due > 0 from records where number = '+49301000002'",
         getenv("GCX_PG_CONNINFO") ? "ready|0|t" : "ready|0|1");
    stage_close(&stage);
}

Test(dialer_wire, whoever_refuses_calls_in_the_contact_store_is_not_dialled)
{
    struct stage stage;
    struct error error;
    stage = (struct stage){.refuses = code_ok, .session = "one", .bury = "0"};
    world_new(&stage.world);
    cr_assert(world_import(&stage.world, TWO), "%s", stage.world.error.text);
    snprintf(stage.store, sizeof stage.store, "sqlite:%s/contacts", stage.world.folder);
    struct store *store = store_open(stage.store, &(struct store_options){.country = "DE"}, &error);
    cr_assert_not_null(store, "%s", error.text);
    struct store_refusal refusal = {
        .tenant = "", .media = "voice", .kind = STORE_phone, .address = span_of("030 1000001"), .since = 1};
    cr_assert(store_refuse(store, &refusal, true, NULL, &error), "%s", error.text);
    stage_plays(&stage);
    FETCHES(.count = 2);
    checks(&stage, "1000001");
    POSTED("code=do_not_call");
    checks(&stage, "1000002");
    POSTED("outcome=ok");
    checks_number(&stage, "1000002", "+49301000001"); /* the strategy's own */
    POSTED("code=do_not_call");
    UPDATES("1000001", .status = record_status_retrieved, .history = 1); /* an agent's, who had it in preview */
    POSTED("code=do_not_call");
    SAYS("select count(*) from attempts", "0");
    refusal.media = "sms"; /* which says nothing of calls */
    cr_assert(store_refuse(store, &refusal, true, NULL, &error), "%s", error.text);
    refusal.media = "voice";
    cr_assert(store_refuse(store, &refusal, false, NULL, &error), "%s", error.text);
    checks(&stage, "1000001");
    POSTED("outcome=ok");
    UPDATES("1000001", .status = record_status_retrieved, .history = 1);
    POSTED("outcome=ok");
    store_close(store);
    stage_close(&stage);
}

Test(dialer_wire, a_number_that_cannot_be_looked_for_on_the_do_not_call_list_is_not_dialled)
{
    struct stage stage;
    stage_open(&stage, TWO);
    FETCHES(.count = 1);
    UPDATES("1000001", .block = "030 9999999");
    checks_number(&stage, "1000001", "0309999999");
    POSTED("code=do_not_call");
    checks_number(&stage, "1000001", "9999999"); /* DE: it may be an extension, or lack its area */
    POSTED("code=refused");
    checks_number(&stage, "1000001", "0308888888");
    POSTED("outcome=ok");
    stage_close(&stage);
}

Test(dialer_wire, another_number_has_its_own_consent_and_limits)
{
    struct stage stage;
    stage_open(&stage, TWO);
    struct lists_block consent = {.value = span_of("+49301000001"), .purpose = span_of("offers"), .since = 1};
    cr_assert_eq(lists_consent(stage.world.lists, &consent, &stage.world.error), LISTS_done);
    FETCHES(.count = 2, .consent = "offers");
    POSTED("records=1");
    checks_number_by(&stage, "1000001", "0307777777", "consent", "offers"); /* the customer has agreed */
    POSTED("outcome=ok");
    checks_number_by(&stage, "1000002", "0307777777", "consent", "offers");
    POSTED("code=suppressed");
    consent.value = span_of("+49307777777");
    cr_assert_eq(lists_consent(stage.world.lists, &consent, &stage.world.error), LISTS_done);
    checks_number_by(&stage, "1000002", "0307777777", "consent", "offers");
    POSTED("outcome=ok");
    DIALLED;
    UPDATES("1000001", .status = record_status_updated, .result = cause_ok, .history = 1);
    FETCHES(.count = 2);
    checks_number_by(&stage, "1000002", "0307777777", "of_day", "1");
    POSTED("outcome=ok");
    checks_number_by(&stage, "1000002", "0301000001", "of_day", "1");
    POSTED("code=suppressed");
    stage_close(&stage);
}

/* Two records of one customer are both fetched. The dialer is killed while the first one rings; its successor, which
 * has heard no terms, hears that nobody came. */
Test(dialer_wire, who_was_abandoned_is_not_dialled_by_another_record_whatever_dies_between)
{
    struct stage stage;
    stage_open(&stage, "number,customer\n030 1000001,4711\n030 1000002,4711\n");
    FETCHES(.count = 9);
    POSTED("records=2");
    checks_number_by(&stage, "1000001", "0301000001", "abandoned_pause_s", "259200");
    DIALLED;
    checks_number_by(&stage, "1000002", "0301000002", "abandoned_pause_s", "259200");
    POSTED("code=suppressed");
    plugin_goes(&stage);
    rig_plugin_comes(&stage.rig);
    UPDATES("1000001", .status = record_status_updated, .result = cause_abandoned, .history = 1);
    POSTED("outcome=ok");
    SAYS("select number, why from rests", "+49301000001|abandoned");
    checks(&stage, "1000002");
    POSTED("code=suppressed text=\"the person rests");
    stage.world.now += INT64_C(259200) * SECOND_US;
    checks(&stage, "1000002");
    POSTED("outcome=ok");
    stage_close(&stage);
}

Test(dialer_wire, no_attempt_without_the_terms_of_its_campaign)
{
    struct stage stage;
    stage_open(&stage, TWO);
    FETCHES(.count = 1);
    plugin_goes(&stage);
    rig_plugin_comes(&stage.rig);
    DIALLED;
    POSTED("code=refused");
    checks(&stage, "1000001");
    DIALLED;
    POSTED("outcome=ok");
    stage_close(&stage);
}

Test(dialer_wire, records_are_put_off)
{
    struct stage stage;
    int64_t hour = INT64_C(3600) * SECOND_US;
    stage_open(&stage, TWO);
    FETCHES(.count = 2);
    DIALLED;
    UPDATES("1000001", .status = record_status_ready, .type = record_type_campaign_rescheduled, .result = cause_busy,
            .due = -1, .history = 1);
    POSTED("code=refused");
    UPDATES("1000001", .status = record_status_ready, .type = record_type_campaign_rescheduled, .result = cause_busy,
            .due = stage.world.now + hour, .agent = "paul", .history = 1);
    POSTED("outcome=ok");
    SAYS("select status, type, result from records where number = '+49301000001'", "ready|campaign_rescheduled|busy");
    UPDATES("1000002", .status = record_status_ready, .type = record_type_personal_rescheduled, .agent = "marie",
            .due = stage.world.now + 2 * hour);
    POSTED("outcome=ok");
    SAYS("select status, type, agent from records where number = '+49301000002'", "ready|personal_rescheduled|marie");
    FETCHES(.count = 2);
    POSTED("records=0");
    stage.world.now += 2 * hour;
    FETCHES(.count = 2);
    POSTED("agent=marie");
    NOT_POSTED("agent=paul"); /* who spoke last has no right to it */
    POSTED("records=2");
    UPDATES("1000002", .status = record_status_ready, .type = record_type_personal_rescheduled,
            .due = stage.world.now + hour); /* without a name the call-back stays the agent's */
    SAYS("select status, type, agent from records where number = '+49301000002'", "ready|personal_rescheduled|marie");
    UPDATES("1000001", .status = record_status_ready);
    SAYS("select status, attempt from records where number = '+49301000001'", "ready|1");
    stage_close(&stage);
}

Test(dialer_wire, an_attempt_that_the_core_has_not_made_is_taken_back_and_its_number_rests)
{
    struct stage stage;
    stage_open(&stage, TWO);
    FETCHES(.count = 2);
    DIALLED;
    UPDATES("1000001", .status = record_status_ready, .history = 1);
    POSTED("outcome=ok");
    SAYS("select count(*) from attempts", "0");
    SAYS("select status, attempt, due from records where number = '+49301000001'", "ready|0|1772453100000000");
    stage_close(&stage);
}

Test(dialer_wire, a_call_back_waits_for_the_records_hours)
{
    struct stage stage;
    stage_open(&stage, TWO);
    FETCHES(.count = 2);
    DIALLED;
    world_asks(&stage.world, "update records set day_from = 0, day_till = 7200 where number = '+49301000001'");
    UPDATES("1000001", .status = record_status_ready, .result = cause_busy,
            .due = stage.world.now + INT64_C(3600) * SECOND_US, .history = 1);
    POSTED("outcome=ok");
    SAYS("select r.status, r.type, r.result, r.due, p.why from records r join rests p on p.number = r.number",
         "ready|general|busy|1772492400000000|busy"); /* midnight in Berlin */
    world_asks(&stage.world, "update records set zone = 'Mars/Olympus' where number = '+49301000002'");
    UPDATES("1000002", .status = record_status_ready, .type = record_type_campaign_rescheduled,
            .due = stage.world.now + INT64_C(3600) * SECOND_US);
    POSTED("code=outside_hours");
    stage_close(&stage);
}

Test(dialer_wire, an_unknown_fate_rests)
{
    struct stage stage;
    stage_open(&stage, TWO);
    FETCHES(.count = 1);
    DIALLED;
    UPDATES("1000001", .status = record_status_stale, .result = cause_stale, .history = 1);
    POSTED("outcome=ok");
    SAYS(STATES, "ready|stale\nready|");
    SAYS("select result from attempts", "stale");
    FETCHES(.count = 5);
    POSTED("records=1");
    stage.world.now += 299 * SECOND_US;
    FETCHES(.count = 5);
    POSTED("records=0");
    stage.world.now += SECOND_US;
    FETCHES(.count = 5);
    POSTED("records=1");
    UPDATES("1000001", .status = record_status_updated); /* its strategy did not dial */
    SAYS("select status, result, attempt from records where number = '+49301000001'", "ready|stale|1");
    FETCHES(.count = 5);
    POSTED("records=0");
    stage_close(&stage);
}

Test(dialer_wire, a_chain_goes_on_with_its_next_number)
{
    struct stage stage;
    stage_open(&stage, CHAIN);
    FETCHES(.count = 5);
    POSTED("records=1");
    POSTED("chain_n=1");
    DIALLED;
    UPDATES("1000001", .status = record_status_updated, .result = cause_no_answer, .history = 1,
            .due = stage.world.now);
    POSTED("outcome=ok");
    POSTED("chain_n=2");
    POSTED("number=+49301000002");
    SAYS(STATES, "updated|no_answer\nretrieved|\nretrieved|");
    UPDATES("1000002", .status = record_status_updated, .result = cause_busy, .due = stage.world.now + 60 * SECOND_US);
    NOT_POSTED("EventRecord");
    SAYS(STATES, "updated|no_answer\nupdated|busy\nready|");
    FETCHES(.count = 5);
    POSTED("records=0");
    stage.world.now += 60 * SECOND_US;
    FETCHES(.count = 5);
    POSTED("chain_n=3");
    stage_close(&stage);
}

#define OPEN_CALLS "select count(*) from attempts where ended is null"

/* A strategy goes on to the chain's next number, closes the record or blocks its number as soon as somebody has
 * answered, and talks on. */
Test(dialer_wire, nobody_is_called_while_they_talk_though_their_record_is_closed)
{
    static const struct says closing[] = {
        {.status = record_status_updated, .result = cause_ok, .due = 1},
        {.status = record_status_updated, .result = cause_ok},
        {.status = record_status_ready, .result = cause_ok, .due = 1},
        {.status = record_status_cancelled, .type = record_type_no_call, .result = cause_do_not_call},
    };
    for (size_t at = 0; at < sizeof closing / sizeof *closing; at++) {
        struct stage stage;
        struct says says = closing[at];
        says.history = 1, says.talks = true;
        stage_open(&stage, CHAIN);
        if (says.due) says.due = stage.world.now;
        FETCHES(.count = 5);
        DIALLED;
        UPDATES("1000001", .history = 1, .result = cause_ok); /* it is noted, and the call goes on */
        SAYS(OPEN_CALLS, "1");
        updates(&stage, "1000001", &says);
        POSTED("outcome=ok");
        NOT_POSTED("EventRecord");
        SAYS(OPEN_CALLS, "1");
        stage.world.now += 2 * SECOND_US;
        FETCHES(.count = 5);
        POSTED("records=0");
        UPDATES("1000001", .history = 1); /* the call is over */
        POSTED("outcome=ok");
        SAYS(OPEN_CALLS, "0");
        SAYS("select ended - begun from attempts", "2000000");
        FETCHES(.count = 5);
        POSTED(at == 1 ? "records=0" : "records=1");
        stage_close(&stage);
    }
}

Test(dialer_wire, a_whole_chain_is_shown)
{
    struct stage stage;
    int64_t version;
    stage_open(&stage, CHAIN);
    FETCHES(.count = 5);
    DIALLED;
    UPDATES("1000001", .status = record_status_updated, .result = cause_no_answer, .history = 1,
            .due = stage.world.now);
    struct writer *writer = asks(&stage, KIND_ShowChain, 0);
    writer_u(writer, ShowChain_record, (uint64_t)world_record(&stage.world, "1000002", &version));
    writer_text(writer, ShowChain_campaign, "spring");
    answered(&stage, writer);
    POSTED("number=+49301000001,attempts=1,result=no_answer,state=updated");
    POSTED("number=+49301000003,attempts=0,result=other,state=retrieved");
    NOT_POSTED("+49301000002");
    stage_close(&stage);
}

Test(dialer_wire, a_chain_is_closed_with_its_record)
{
    struct stage stage;
    stage_open(&stage, CHAIN);
    FETCHES(.count = 5);
    DIALLED;
    UPDATES("1000001", .status = record_status_updated, .result = cause_ok, .history = 1);
    NOT_POSTED("EventRecord");
    SAYS(STATES, "updated|ok\nchain_updated|\nchain_updated|");
    SAYS("select coalesce(owner, 'nobody') from chains", "nobody");
    stage_close(&stage);
}

/* The core adds a number to the list, or, "", says that it must not be called. */
static void adds(struct stage *stage, const char *list, const char *number, const char *field, int64_t value)
{
    struct writer *writer = asks(stage, KIND_AddRecord, 1);
    struct kv fields;
    kv_init(&fields);
    writer_text(writer, AddRecord_list, list);
    writer_text(writer, AddRecord_number, number);
    kv_list_begin(&fields, span_of("fields"));
    kv_put_int(&fields, field, value);
    kv_list_end(&fields);
    writer_kv(writer, AddRecord_fields, &fields);
    kv_free(&fields);
    answered(stage, writer);
}

Test(dialer_wire, what_no_list_takes_is_refused_by_the_exit_of_its_reason)
{
    struct stage stage;
    stage_open(&stage, TWO);
    adds(&stage, "spring", "abc", "balance", 1);
    POSTED("code=invalid_number");
    POSTED(denied_words(WHY_number));
    adds(&stage, "", "abc", "balance", 1);
    POSTED("code=invalid_number");
    adds(&stage, "nowhere", "030 7777777", "balance", 1);
    POSTED("code=refused");
    POSTED(denied_words(WHY_list));
    adds(&stage, "spring", "030 7777777", "colour", 1);
    POSTED("code=refused");
    POSTED(denied_words(WHY_field));
    adds(&stage, "spring", "030 7777777", "balance", 7);
    POSTED("outcome=ok");
    SAYS("select replace(cast(fields as text), ' ', '') from records where number = '+49307777777'",
         "{\"balance\":\"7\"}");
    stage_close(&stage);
}

/* The core tells of a consent, or, with no proof, of its end. */
static void consents(struct stage *stage, const char *number, const char *purpose, const char *proof)
{
    struct writer *writer = asks(stage, KIND_NoteConsent, 1);
    writer_text(writer, NoteConsent_number, number);
    writer_text(writer, NoteConsent_purpose, purpose);
    writer_text(writer, NoteConsent_proof, proof);
    writer_u(writer, NoteConsent_withdrawn, !*proof);
    answered(stage, writer);
}

Test(dialer_wire, a_consent_is_noted_with_its_proof_and_ends)
{
    struct stage stage;
    stage_open(&stage, TWO);
    consents(&stage, "030 7777777", "reminders", "form 17");
    POSTED("outcome=ok");
    consents(&stage, "030 7777777", "reminders", "recordings/4711.wav");
    POSTED("outcome=ok");
    SAYS("select value, purpose, source from consents", "+49307777777|reminders|recordings/4711.wav");
    consents(&stage, "abc", "reminders", "form 18");
    POSTED("code=invalid_number");
    POSTED(denied_words(WHY_number));
    consents(&stage, "030 7777777", "reminders", "");
    POSTED("outcome=ok");
    consents(&stage, "030 7777777", "reminders", "");
    POSTED("outcome=ok");
    SAYS("select count(*) from consents", "0");
    stage_close(&stage);
}

static void cancels(struct stage *stage, const char *number, const char *list, const char *why)
{
    struct writer *writer = asks(stage, KIND_CancelRecord, IXN);
    writer_text(writer, CancelRecord_number, number);
    if (list) writer_text(writer, CancelRecord_list, list);
    writer_text(writer, CancelRecord_why, why);
    answered(stage, writer);
}

Test(dialer_wire, whoever_calls_in_about_it_is_not_called_though_the_core_has_the_record)
{
    struct stage stage;
    stage_open(&stage, TWO);
    FETCHES(.count = 2);
    cancels(&stage, "030 1000001", "autumn", "has paid");
    POSTED("code=refused");
    POSTED(denied_words(WHY_list));
    cancels(&stage, "abc", "spring", "has paid");
    POSTED("code=invalid_number");
    SAYS(STATES, "retrieved|\nretrieved|");
    cancels(&stage, "030 1000001", "spring", "has paid");
    POSTED("outcome=ok");
    cancels(&stage, "030 1000001", NULL, "again");
    POSTED("outcome=ok");
    SAYS(STATES, "cancelled|\nretrieved|");
    SAYS("select cancelled_why, case when cancelled_by <> '' then 1 end from records where number like '%1'",
         "has paid|1");
    checks(&stage, "1000001");
    POSTED("code=suppressed");
    UPDATES("1000001", .status = record_status_retrieved, .history = 1);
    POSTED("code=suppressed");
    UPDATES("1000001", .status = record_status_updated);
    POSTED("code=refused");
    SAYS("select count(*) from attempts", "0");
    checks(&stage, "1000002");
    POSTED("outcome=ok");
    stage_close(&stage);
}

Test(dialer_wire, numbers_are_blocked_and_records_cancelled)
{
    struct stage stage;
    stage_open(&stage, TWO);
    FETCHES(.count = 2);
    UPDATES("1000001", .block = "030 9999999");
    POSTED("outcome=ok");
    SAYS("select value from do_not_call", "+49309999999");
    SAYS(STATES, "retrieved|\nretrieved|");
    UPDATES("1000001", .block = "030 8888888", .field = "balance", .value = "3");
    POSTED("outcome=ok");
    SAYS("select replace(cast(fields as text), ' ', '') from records order by number", "{\"balance\":\"3\"}\n");
    world_asks(&stage.world, "delete from do_not_call where value = '+49308888888'");
    UPDATES("1000001", .block = "nobody");
    POSTED("code=refused");
    UPDATES("1000001", .status = record_status_cancelled, .type = record_type_no_call, .result = cause_do_not_call,
            .block = "+49301000001");
    POSTED("outcome=ok");
    SAYS("select value from do_not_call order by value", "+49301000001\n+49309999999");
    UPDATES("1000002", .status = record_status_cancelled);
    POSTED("outcome=ok");
    SAYS(STATES, "cancelled|do_not_call\ncancelled|");
    stage_close(&stage);
}

Test(dialer_wire, a_whole_chain_is_cancelled_with_what_the_agent_noted_and_another_number_blocked)
{
    struct stage stage;
    stage_open(&stage, "number,chain,n,Saldo\n030 1000001,a,1,5\n030 1000002,a,2,6\n");
    FETCHES(.count = 1);
    UPDATES("1000001", .status = record_status_cancelled, .scope = record_scope_chain, .block = "030 9999999",
            .field = "balance", .value = "7");
    POSTED("outcome=ok");
    SAYS("select status from records order by number", "cancelled\ncancelled");
    SAYS("select value from do_not_call", "+49309999999");
    const char *fields = world_asks(&stage.world, "select fields from records where number = '+49301000001'");
    cr_expect(strstr(fields, "7"), "%s", fields);
    stage_close(&stage);
}

Test(dialer_wire, a_customer_is_called_no_more)
{
    struct stage stage;
    stage_open(&stage, TWO);
    FETCHES(.count = 1);
    UPDATES("1000001", .status = record_status_cancelled, .type = record_type_no_call, .scope = record_scope_customer,
            .result = cause_do_not_call, .agent = "marie");
    POSTED("outcome=ok");
    SAYS("select value from do_not_call", "4711");
    stage_close(&stage);
}

Test(dialer_wire, agents_note_what_they_have_heard)
{
    struct stage stage;
    stage_open(&stage, TWO);
    FETCHES(.count = 1);
    DIALLED;
    UPDATES("1000001", .field = "balance", .value = "7", .agent = "marie", .result = cause_ok, .history = 1);
    POSTED("outcome=ok");
    SAYS("select status, result, agent, begun is null from records where number = '+49301000001'",
         getenv("GCX_PG_CONNINFO") ? "retrieved|ok|marie|f" : "retrieved|ok|marie|0");
    UPDATES("1000001", .field = "colour", .value = "red", .history = 1);
    POSTED("code=refused");
    UPDATES("1000001", .status = record_status_agent_error, .history = 1);
    POSTED("outcome=ok");
    SAYS(STATES, "agent_error|ok\nready|");
    stage_close(&stage);
}

Test(dialer_wire, what_the_core_does_not_take_goes_back)
{
    struct stage stage;
    stage_open(&stage, TWO);
    stage.refuses = code_overload;
    FETCHES(.count = 1);
    await_lists(&stage, STATES, "ready|\nready|");
    SAYS("select count(*) from chains where owner is not null", "0");
    stage.refuses = code_invalid_number;
    FETCHES(.count = 1);
    await_lists(&stage, STATES, "updated|invalid_number\nready|");
    stage_close(&stage);
}

/* Another program has written it. */
Test(dialer_wire, what_no_core_could_read_is_closed_and_its_chain_goes_on)
{
    struct stage stage;
    char spoil[512], number[301] = "";
    stage_open(&stage, CHAIN);
    memset(number, '1', sizeof number - 1);
    snprintf(spoil, sizeof spoil, "update records set number = '%s' where number = '+49301000001'", number);
    world_asks(&stage.world, spoil);
    FETCHES(.count = 1);
    POSTED("records=0");
    cr_expect(strstr(stage.rig.log, "record 1: it is closed, since it cannot be handed over: "), "%s", stage.rig.log);
    SAYS(STATES, "ready|\nready|\nupdated|invalid_number");
    FETCHES(.count = 1);
    POSTED("number=+49301000002");
    stage_close(&stage);
}

Test(dialer_wire, a_campaign_is_unloaded)
{
    struct stage stage;
    stage_open(&stage, TWO);
    FETCHES(.count = 1);
    FETCHES(.count = 1, .campaign = "early", .list = "spring");
    FETCHES(.count = 0);
    POSTED("outcome=ok");
    SAYS(STATES, "ready|\nretrieved|");
    SAYS("select coalesce(owner, 'nobody') from chains order by id", "nobody\none");
    stage_close(&stage);
}

Test(dialer_wire, records_wait_for_credit_and_their_end_with_them)
{
    struct stage stage;
    struct link_allowance none = {.arrivals = 0};
    stage_open(&stage, "number\n030 1000001\n");
    plugin_goes(&stage);
    stage.rig.arrivals = 1;
    rig_plugin_comes(&stage.rig);
    cr_assert(world_import(&stage.world, "number\n030 1000002\n030 1000003\n"));
    link_server_allow(stage.rig.server, &none);
    struct writer *writer = asks(&stage, KIND_FetchRecords, 0);
    writer_text(writer, FetchRecords_campaign, "spring");
    writer_u(writer, FetchRecords_count, 3);
    link_server_effect(stage.rig.server, writer_end(writer));
    rig_await(&stage.rig, stage.rig.posted, "EventRecord");
    checks(&stage, "1000001"); /* answers do not wait */
    POSTED("outcome=ok");
    NOT_POSTED("EventRecord");
    NOT_POSTED("records=3");
    link_server_allow(stage.rig.server, &(struct link_allowance){.arrivals = 10});
    rig_await(&stage.rig, stage.rig.posted, "records=3");
    cr_expect_eq(count_of(stage.rig.posted, "EventRecord"), 2);
    stage_close(&stage);
}

/* What the session has, and that alone, is offered again: another process has it, and a core that was away. */
Test(dialer_wire, a_dialer_that_begins_again_goes_on_with_its_records)
{
    struct stage stage;
    stage_open(&stage, "number\n030 1000001\n030 1000002\n030 1000003\n");
    FETCHES(.count = 2);
    DIALLED;
    plugin_goes(&stage);
    stage.rig.posted[0] = '\0';
    rig_plugin_comes(&stage.rig);
    rig_await(&stage.rig, stage.rig.posted, "number=+49301000002");
    NOT_POSTED("number=+49301000001"); /* its attempt is under way */
    NOT_POSTED("number=+49301000003");
    rig_core_goes(&stage.rig);
    stage.rig.posted[0] = '\0';
    rig_core_comes(&stage.rig);
    rig_await(&stage.rig, stage.rig.posted, "number=+49301000002");
    UPDATES("1000001", .status = record_status_updated, .result = cause_busy, .history = 1);
    POSTED("outcome=ok");
    SAYS("select result from attempts", "busy");
    stage_close(&stage);
}

/* An agent who dials: the check, whose answer nobody awaits, and the note behind it. */
Test(dialer_wire, a_dialer_that_begins_again_learns_the_terms_by_a_check)
{
    struct stage stage;
    stage_open(&stage, TWO);
    FETCHES(.count = 1);
    plugin_goes(&stage);
    stage.rig.posted[0] = '\0';
    rig_plugin_comes(&stage.rig);
    rig_await(&stage.rig, stage.rig.posted, "number=+49301000001");
    DIALLED;
    POSTED("code=refused");
    checks(&stage, "1000001");
    DIALLED;
    POSTED("outcome=ok");
    SAYS("select count(*) from attempts", "1");
    stage_close(&stage);
}

static void move_lists(const struct stage *stage, bool away)
{
    char file[128], other[140];
    snprintf(file, sizeof file, "%s/lists.db", stage->world.folder);
    snprintf(other, sizeof other, "%s.away", file);
    cr_assert_eq(away ? rename(file, other) : rename(other, file), 0);
}

Test(dialer_wire, lists_that_are_away_are_told_and_found_again)
{
    struct stage stage;
    if (getenv("GCX_PG_CONNINFO")) cr_skip_test("the server is another test's");
    stage_open(&stage, TWO);
    FETCHES(.count = 1);
    cr_expect(stage.lists_there);
    move_lists(&stage, true);
    FETCHES(.count = 1);
    POSTED("code=unavailable");
    cr_expect_not(stage.lists_there); /* so the core begins nothing */
    rig_await(&stage.rig, stage.rig.log, "nothing is dialled until they can be asked again");
    move_lists(&stage, false);
    checks(&stage, "1000001");
    POSTED("code=unavailable"); /* it is not asked at once */
    stage.rig.hurries = true;
    stage.rig.posted[0] = '\0';
    rig_await(&stage.rig, stage.rig.log, "they can be asked again\n"); /* by whoever comes first */
    rig_await(&stage.rig, stage.rig.posted, "number=+49301000001");
    cr_expect(stage.lists_there);
    checks(&stage, "1000001");
    POSTED("outcome=ok");
    stage_close(&stage);
}

Test(dialer_wire, lists_that_do_not_answer_are_told_until_they_do)
{
    struct stage stage;
    sqlite3 *other;
    stage_open(&stage, TWO);
    if (strncmp(stage.world.target, "sqlite:", 7) != 0) cr_skip("it needs a file");
    FETCHES(.count = 1);
    cr_assert_eq(sqlite3_open(stage.world.target + 7, &other), SQLITE_OK);
    sqlite3_busy_timeout(other, 10000);
    cr_assert_eq(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    struct writer *writer = asks(&stage, KIND_FetchRecords, 0);
    writer_text(writer, FetchRecords_campaign, "spring");
    writer_u(writer, FetchRecords_count, 1);
    link_server_effect(stage.rig.server, writer_end(writer));
    rig_run(&stage.rig);
    rig_run(&stage.rig);
    stage.rig.skew_us += 11 * (uint64_t)SECOND_US;
    rig_await(&stage.rig, stage.rig.log, "they have not answered for 10 seconds");
    rig_run(&stage.rig);
    cr_expect_not(stage.lists_there);
    sqlite3_close(other);
    rig_await(&stage.rig, stage.rig.posted, "records=1");
    rig_await(&stage.rig, stage.rig.log, "lists: they have answered");
    while (!stage.lists_there) rig_run(&stage.rig);
    stage_close(&stage);
}

Test(dialer_wire, another_dialer_that_is_silent_is_buried)
{
    struct stage stage;
    stage_open(&stage, TWO);
    FETCHES(.count = 2);
    DIALLED;
    plugin_goes(&stage);
    stage.session = "two", stage.bury = "60";
    stage.world.now += 59 * SECOND_US;
    rig_plugin_comes(&stage.rig);
    await_lists(&stage, "select name from sessions order by name", "one\ntwo");
    SAYS("select owner from chains order by id", "one\none");
    stage.world.now += 60 * SECOND_US, stage.rig.hurries = true;
    rig_await(&stage.rig, stage.rig.log, "session one is silent");
    SAYS(STATES, "ready|stale\nready|");
    UPDATES("1000001", .status = record_status_updated, .result = cause_ok, .history = 1);
    POSTED("code=refused"); /* two has never had it */
    stage_close(&stage);
}

/* Its state folder was lost. */
Test(dialer_wire, a_core_of_another_journal_gets_what_the_one_before_had_not_dialled)
{
    struct stage stage;
    stage_open(&stage, TWO);
    plugin_goes(&stage);
    stage.rig.journal = 7, stage.ref = 0;
    rig_plugin_comes(&stage.rig);
    FETCHES(.count = 2);
    DIALLED;
    SAYS("select name from sessions where name <> 'one'", "one#00000007");
    plugin_goes(&stage);
    stage.rig.journal = 8, stage.ref = 0;
    rig_plugin_comes(&stage.rig);
    FETCHES(.count = 2);
    POSTED("number=+49301000002");
    POSTED("records=1"); /* not those of the old portion 1 */
    SAYS("select status, coalesce(result, ''), due from records order by number",
         "ready|stale|1772453100000000\nretrieved||0");
    SAYS("select result from attempts", "stale");
    cr_expect(strstr(stage.rig.log, "session one#00000007 is of a journal that is gone"));
    stage.world.now += 300 * SECOND_US;
    FETCHES(.count = 2);
    POSTED("number=+49301000001");
    stage_close(&stage);
}

/* Two of one machine and one name, each in the state folder of its own gcxvm. */
Test(dialer_wire, dialers_of_two_state_folders_have_sessions_of_their_own)
{
    struct stage stage, other = {.refuses = code_ok, .bury = "3600", .own_files = "/var/lib/second/dialer"};
    stage_open(&stage, "number\n030 1000001\n030 1000002\n");
    plugin_goes(&stage);
    stage.session = NULL, stage.own_files = "/var/lib/first/dialer";
    rig_plugin_comes(&stage.rig);
    other.world = stage.world;
    stage_plays(&other);
    await_lists(&stage, "select count(*) from sessions where name like '%/dialer-%'", "2");
    char *machine = NULL, named[80], host[64] = "";
    gethostname(host, sizeof host - 1);
    g_file_get_contents("/etc/machine-id", &machine, NULL, NULL);
    char *whole = g_strconcat(machine ? machine : "", host, other.own_files, NULL);
    snprintf(named, sizeof named, "select count(*) from sessions where name like '%%-%08x'", g_str_hash(whole));
    SAYS(named, "1");
    g_free(whole);
    g_free(machine);
    plugin_goes(&other);
    event_base_free(other.rig.base);
    stage_close(&stage);
}

/* The second machine's goes on with what the first one's had, and a core of another journal has a session of its own.
 */
Test(dialer_wire, dialers_of_machines_that_lead_one_journal_have_one_session)
{
    struct stage stage;
    setenv("GCX_TERM", "3", 1);
    stage_open(&stage, TWO);
    plugin_goes(&stage);
    stage.session = NULL, stage.own_files = "/var/lib/first/dialer", stage.rig.journal = 7, stage.ref = 0;
    rig_plugin_comes(&stage.rig);
    FETCHES(.count = 1);
    POSTED("number=+49301000001");
    plugin_goes(&stage);
    stage.own_files = "/var/lib/second/dialer";
    stage.rig.posted[0] = '\0';
    rig_plugin_comes(&stage.rig);
    rig_await(&stage.rig, stage.rig.posted, "number=+49301000001");
    SAYS("select name from sessions where name <> 'one'", "dialer-0000000000000007#00000007");
    stage_close(&stage);
}

static void asks_for_both(struct stage *stage)
{
    struct writer *writer = asks(stage, KIND_FetchRecords, 0);
    writer_text(writer, FetchRecords_campaign, "spring");
    writer_u(writer, FetchRecords_count, 2);
    link_server_effect(stage->rig.server, writer_end(writer));
}

Test(dialer_wire, two_dialers_have_different_records)
{
    struct stage stage, other = {.refuses = code_ok, .session = "two", .bury = "3600"};
    stage_open(&stage, "number\n030 1000001\n030 1000002\n030 1000003\n030 1000004\n");
    other.world = stage.world;
    stage_plays(&other);
    asks_for_both(&stage);
    asks_for_both(&other);
    rig_await(&stage.rig, stage.rig.posted, "records=2");
    rig_await(&other.rig, other.rig.posted, "records=2");
    SAYS("select owner, count(*) from chains group by owner order by owner", "one|2\ntwo|2");
    bool first_is_ours = strstr(stage.rig.posted, "number=+49301000001") != NULL;
    checks(first_is_ours ? &other : &stage, "1000001");
    updates(first_is_ours ? &other : &stage, "1000001", &(struct says){.status = record_status_retrieved});
    cr_expect(strstr(first_is_ours ? other.rig.posted : stage.rig.posted, "code=refused"));
    SAYS("select count(*) from attempts", "0");
    plugin_goes(&other);
    event_base_free(other.rig.base);
    stage_close(&stage);
}

/* The database is put back from a copy of before: nothing is dialled until somebody says that this is known. */
Test(dialer_wire, lists_that_were_put_back_from_a_copy_are_not_dialled)
{
    struct stage stage;
    char deep[401] = "", own_files[500], written[520], sql[120];
    int64_t rest;
    stage_open(&stage, TWO);
    plugin_goes(&stage);
    while (strlen(deep) + 2 < sizeof deep) strcat(deep, "/."); /* a long name of a folder is not cut */
    snprintf(own_files, sizeof own_files, "%s%s/dialer", stage.world.folder, deep);
    snprintf(written, sizeof written, "%s.written", own_files);
    stage.own_files = own_files;
    rig_plugin_comes(&stage.rig);
    uint64_t end_us = rig_real_us() + RIG_PATIENCE_US;
    while (!g_file_test(written, G_FILE_TEST_EXISTS) && rig_real_us() < end_us) rig_run(&stage.rig);
    cr_expect(g_file_test(written, G_FILE_TEST_EXISTS));
    plugin_goes(&stage);
    rig_plugin_comes(&stage.rig); /* the same ones: all is well */
    stage.ref = 0;
    FETCHES(.count = 1);
    POSTED("records=1");
    plugin_goes(&stage);
    world_asks(&stage.world, "update dialers set written = written - 1");
    rig_plugin_comes(&stage.rig);
    FETCHES(.count = 1);
    POSTED("code=unavailable");
    stage.world.now += SECOND_US;
    cr_assert(lists_restored(stage.world.lists, stage.world.now, 60 * SECOND_US, &rest, &stage.world.error));
    cr_expect_eq(rest, 2);
    SAYS("select count(*) from rests where why = 'stale'", "2");
    snprintf(sql, sizeof sql, "select count(*) from dialers where name <> '' and written >= %lld",
             (long long)stage.world.now);
    await_lists(&stage, sql, "1");
    FETCHES(.count = 1);
    POSTED("records=0"); /* the numbers rest */
    remove(written);
    stage_close(&stage);
}

/* By a clock that was ahead somebody rests for years, and nobody would know. */
Test(dialer_wire, a_clock_that_was_ahead_is_told_in_the_log)
{
    struct stage stage;
    char sql[160];
    stage_open(&stage, TWO);
    plugin_goes(&stage);
    cr_expect_null(strstr(stage.rig.log, "a clock was ahead"), "%s", stage.rig.log);
    const long long then = stage.world.now + (long long)80 * 365 * 86400 * SECOND_US;
    snprintf(sql, sizeof sql, "insert into dialers values('another', %lld)", then);
    world_asks(&stage.world, sql);
    snprintf(sql, sizeof sql, "insert into rests values('', '+49301000001', 'abandoned', %lld)", then);
    world_asks(&stage.world, sql);
    rig_plugin_comes(&stage.rig);
    rig_await(&stage.rig, stage.rig.log,
              "a clock was ahead and has written into them until 2106-02-11 12:00:00Z: 1 rests");
    stage_close(&stage);
}
