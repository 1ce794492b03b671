/* tests/unit/sim_tally.c - What became of calls is counted once each, and decisions are told from waits. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/sim/tally.h"

static void report(struct tally *t, uint32_t call, enum switch_report_kind kind, uint64_t at_us)
{
    struct switch_report r = {.kind = kind, .how = route_how_instructed, .cause = cause_ok};
    if (kind == SWITCH_TREATMENT_ENDED)
        strcpy(r.digits, "1");
    else if (kind == SWITCH_CLEARED)
        r.cause = cause_abandoned;
    tally_report(t, call, &r, true, at_us);
}

static json_int_t number(json_t *all, const char *group, const char *key)
{
    json_t *object = !group ? all : json_object_get(all, group);
    return json_integer_value(json_object_get(object, key));
}

Test(sim_tally, each_call_has_one_end, .timeout = 10)
{
    struct tally *t = tally_new(4);
    for (uint32_t call = 0; call < 4; call++) report(t, call, SWITCH_ROUTE_REQUEST, 1000 + call);
    report(t, 0, SWITCH_ESTABLISHED, 5000);
    report(t, 0, SWITCH_CALL_CLEARED, 6000);
    report(t, 1, SWITCH_CLEARED, 5000);
    report(t, 1, SWITCH_CALL_CLEARED, 5000);
    report(t, 2, SWITCH_QUEUED, 5000);
    report(t, 3, SWITCH_CALL_CLEARED, 5000);
    cr_assert_eq(tally_count(t, TALLY_ROUTED), 1);
    cr_assert_eq(tally_count(t, TALLY_ABANDONED), 1);
    cr_assert_eq(tally_count(t, TALLY_QUEUED), 1);
    cr_assert_eq(tally_count(t, TALLY_LOST), 1, "gone without anybody having had it");
    tally_defaulted(t, 1);
    cr_assert_eq(tally_count(t, TALLY_QUEUED), 0);
    cr_assert_eq(tally_count(t, TALLY_DEFAULTED), 1, "the core knows how it came there");
    tally_free(t);
}

Test(sim_tally, a_decision_is_from_the_last_answer_to_the_route, .timeout = 10)
{
    struct tally *t = tally_new(2);
    for (uint32_t call = 0; call < 2; call++) {
        report(t, call, SWITCH_ROUTE_REQUEST, 1000);
        report(t, call, SWITCH_TREATMENT_STARTED, 1100);
        report(t, call, SWITCH_TREATMENT_ENDED, 2000);
        report(t, call, SWITCH_TREATMENT_STARTED, 2100);
        report(t, call, SWITCH_TREATMENT_ENDED, 3000);
    }
    tally_selected(t, 0, 3400);
    report(t, 1, SWITCH_TREATMENT_STARTED, 3100); /* music: it waits */
    tally_selected(t, 1, 9000);
    json_t *all = tally_json(t);
    cr_assert_eq(number(all, "decision", "count"), 1);
    cr_assert_eq(number(all, "decision", "p50_us"), 400);
    cr_assert_eq(number(all, "wait", "count"), 2);
    cr_assert_eq(number(all, "wait", "max_us"), 6000);
    json_decref(all);
    tally_free(t);
}
