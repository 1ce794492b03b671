/* tests/unit/tserver_dial.c - Calls that the core has dialled, and those that it no longer wants. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/unit/tserver_rig.h"

TestSuite(tserver_dial, .timeout = 30);

/* Of interaction 9, under this number; the switch tells of it as this call. */
static void dial(struct rig *rig, uint64_t ref, const char *call_id)
{
    char line[256];
    struct writer *writer = rig_effect(rig, KIND_RequestMakeCall, ref, 0);
    writer_text(writer, RequestMakeCall_number, "5551234");
    writer_text(writer, RequestMakeCall_origin, "1800");
    rig_perform(rig);
    snprintf(line, sizeof line,
             "{\"event\":\"Originated\",\"callID\":\"%s\",\"device\":\"1800\",\"correlator\":\"%s\"}", call_id,
             desk_text(rig_asked(rig, "MakeCall"), "correlator"));
    cr_assert(rig_result(rig, "MakeCall"));
    rig_event(rig, line);
}

static void cancel(struct rig *rig, uint64_t ixn, uint64_t conn, uint64_t of)
{
    struct writer *writer = rig_effect(rig, KIND_Cancel, 0, conn);
    writer_clear(writer);
    writer_begin(writer, KIND_Cancel);
    if (ixn != 0) writer_u(writer, ENVELOPE_ixn, ixn);
    if (conn != 0) writer_conn(writer, ENVELOPE_conn, conn);
    writer_u(writer, Cancel_of, of);
    rig_perform(rig);
}

Test(tserver_dial, a_call_that_is_no_longer_wanted_is_cleared)
{
    struct rig rig = {0};
    rig_open(&rig);
    dial(&rig, 7, "17");
    cancel(&rig, 9, 0, 8);
    cr_assert_null(rig_asked(&rig, "ClearCall"), "that was another effect");
    cancel(&rig, 9, 0, 7);
    cr_assert_str_eq(desk_text(rig_asked(&rig, "ClearCall"), "callID"), "17");
    rig_free(&rig);
}

/* The core does not want a call of which it is told, and it has ended meanwhile: its effect's number is another's,
 * too. */
Test(tserver_dial, a_number_alone_is_nobodys)
{
    struct rig rig = {0};
    rig_open(&rig);
    dial(&rig, 7, "17");
    cancel(&rig, 0, rig_conn(&rig, "17") + 1, 7);
    cr_assert_null(rig_asked(&rig, "ClearCall"));
    cancel(&rig, 0, rig_conn(&rig, "17"), 7);
    cr_assert_not_null(rig_asked(&rig, "ClearCall"));
    rig_free(&rig);
}

/* It is answered and treated: then the core no longer gives up to have it dialled, whatever number it says. */
Test(tserver_dial, a_call_that_the_core_has_is_not_cleared_by_a_number)
{
    struct rig rig = {0};
    rig_open(&rig);
    dial(&rig, 7, "17");
    rig_event(&rig, "{\"event\":\"RouteRequest\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r1\"}");
    struct writer *writer = rig_effect(&rig, KIND_RequestApplyTreatment, 8, rig_conn(&rig, "17"));
    writer_u(writer, RequestApplyTreatment_type, treatment_Music);
    rig_perform(&rig);
    cr_assert_not_null(rig_asked(&rig, "ApplyTreatment"));
    cancel(&rig, 9, rig_conn(&rig, "17"), 7);
    cr_assert_null(rig_asked(&rig, "ClearCall"));
    rig_free(&rig);
}
