/* runtime/sim/rig_hear.c - Handles the reports of a rig's switch and its services, and logs them.
 *
 * Each report of the switch is passed on in this fixed order: to the T-Server (wire), the tally, the log, the people
 * (world), the happenings. The T-Server comes first, so that a reaction of people reaches the switch as a request
 * after this event. */
#include "runtime/sim/rig_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "runtime/sim/service.h"

void rig_log_line(void *self, uint64_t at_us, const char *component, uint32_t arrival, const char *text)
{
    struct rig *rig = self;
    struct timeval now;
    struct tm utc;
    char stamp[32];
    (void)at_us;
    if (!rig->options.log) return;
    gettimeofday(&now, NULL);
    gmtime_r(&now.tv_sec, &utc);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    const char *conn = arrival != NO_ARRIVAL ? rig->conns[arrival] : "";
    printf("%s.%03uZ info %s %s%s%s%s\n", stamp, (unsigned)(now.tv_usec / 1000), component,
           conn[0] == '\0' ? "" : "conn=", conn, conn[0] == '\0' ? "" : " ", text);
    fflush(stdout);
}

/* Writes an object as name key=value ...; `skip`: members that the line shows elsewhere. */
void rig_print_object(json_t *object, const char *const *skip, const char *name, char *out, size_t size)
{
    const char *key;
    json_t *value;
    size_t used = (size_t)snprintf(out, size, "%s", name);
    json_object_foreach(object, key, value)
    {
        bool skipped = false;
        for (const char *const *s = skip; *s; s++) skipped = skipped || strcmp(*s, key) == 0;
        if (skipped || used >= size) continue;
        char *text = json_is_string(value) ? strdup(json_string_value(value))
                                           : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        used += (size_t)snprintf(out + used, size - used, " %s=%s", key, !text ? "?" : text);
        free(text);
    }
}

static void log_report(struct rig *rig, const struct switch_report *r, uint32_t arrival)
{
    static const char *const skip[] = {"event", "correlator", "callType", NULL};
    char text[800];
    json_t *event = service_event(r, r->kind == SWITCH_ROUTE_REQUEST ? switch_call(rig->sw, r->call) : NULL, NULL);
    rig_print_object(event, skip, service_event_name(r), text, sizeof text);
    bool device = r->kind == SWITCH_TREATMENT_STARTED || r->kind == SWITCH_TREATMENT_ENDED;
    trace_say(rig->trace, r->at_us, device ? "ivr" : "switch", arrival, "%s", text);
    json_decref(event);
}

json_t *rig_brought(void *self, uint64_t call)
{
    const struct rig *rig = self;
    uint32_t arrival = world_arrival_of(rig->world, call);
    return arrival == NO_ARRIVAL ? NULL : world_says(rig->world, arrival)->data;
}

void rig_settle(void *self)
{
    struct rig *rig = self;
    struct switch_report r;
    while (switch_report(rig->sw, &r)) {
        uint32_t arrival = r.call == 0 ? NO_ARRIVAL : world_arrival_of(rig->world, r.call);
        wire_event(rig->wire, &r);
        if (arrival != NO_ARRIVAL)
            tally_report(rig->tally, arrival, &r, plan_agent_at(rig->plan, r.dn) != NO_AGENT, rig_monotonic_us());
        log_report(rig, &r, arrival);
        world_hear(rig->world, &r);
        happenings_hear(rig->happenings, &r);
    }
    rig_arm(rig);
}

/* Adds the step of a recording service to the trace. */
static void step_happened(struct rig *rig, uint32_t arrival, const char *service)
{
    static const char *const steps[][2] = {{"StartRecording", "recording.start"},
                                           {"PauseRecording", "recording.pause"},
                                           {"ResumeRecording", "recording.resume"},
                                           {"StopRecording", "recording.stop"}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (strcmp(service, steps[i][0]) == 0) {
            trace_happened(rig->trace, rig_play_us(rig), arrival, "step", NULL, NULL,
                           json_pack("{s:s, s:{}}", "step", steps[i][1], "args"));
        }
    }
}

/* Adds to the trace how the T-Server ended a call and why, as the virtual player does. */
static void rig_strategy_ends(struct rig *rig, uint32_t arrival, const char *name, const struct service_outcome *did)
{
    uint64_t now_us = rig_play_us(rig);
    if (strcmp(name, "ClearCall") == 0 && did->keep) {
        (void)world_keep(rig->world, arrival, did->keep, now_us);
    } else if (strcmp(name, "ClearCall") == 0 || (strcmp(name, "RouteReject") == 0 && did->why)) {
        trace_happened(rig->trace, now_us, arrival, name[0] == 'C' ? "stopped" : "rejected", NULL,
                       !did->why ? "" : did->why, NULL);
    } else if (strcmp(name, "RouteSelect") == 0 && did->why) {
        trace_happened(rig->trace, now_us, arrival, "failed", NULL, did->why, NULL);
    }
}

void rig_on_service(void *self, const char *name, const struct service_outcome *did)
{
    struct rig *rig = self;
    uint64_t call = did->call;
    enum code outcome = did->code;
    const char *what = did->what;
    uint32_t arrival = call == 0 ? NO_ARRIVAL : world_arrival_of(rig->world, call);
    if (arrival != NO_ARRIVAL) {
        const struct switch_call *row = switch_call(rig->sw, call);
        if (row && row->correlator[0] != '\0')
            (void)snprintf(rig->conns[arrival], RIG_CONN_BYTES, "%s", row->correlator);
        if (outcome == code_ok && strcmp(name, "RouteSelect") == 0)
            tally_selected(rig->tally, arrival, rig_monotonic_us());
        step_happened(rig, arrival, name);
        if (outcome == code_ok) rig_strategy_ends(rig, arrival, name, did);
    }
    if (strcmp(name, "SystemStatus") != 0) {
        trace_say(rig->trace, rig_play_us(rig), strcmp(name, "ApplyTreatment") == 0 ? "ivr" : "switch", arrival,
                  "%s%s%s%s%s", name, what[0] == '\0' ? "" : " ", what,
                  outcome == code_ok ? "" : " error=", outcome == code_ok ? "" : service_code(outcome));
    }
}

void rig_on_registered(void *self, bool up)
{
    struct rig *rig = self;
    trace_say(rig->trace, rig_play_us(rig), "switch", NO_ARRIVAL, up ? "LinkUp peer=tserver" : "LinkDown peer=tserver");
}
