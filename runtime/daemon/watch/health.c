/* runtime/daemon/watch/health.c - Checks pulse, load, drain and links.
 *
 * This file answers three questions, each for another reader:
 *
 *     health_live      does the process turn at all? If not, it should be killed and started again
 *     health_ready     may new calls be sent here? If not, a balancer sends them elsewhere
 *     health_degraded  what is missing although calls are taken? A person is told
 *
 * A reason is a line of text. The check for readiness goes on after the first reason, since the reader wants all of
 * them. Nobody waits for a core that hangs: every look into the core has a time limit. */
#include "runtime/daemon/watch/health.h"

#include <assert.h>
#include <event2/buffer.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/tls.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/daemon/service/daemon.h"
#include "runtime/daemon/watch/pulse.h"
#include "runtime/host/real.h"
#include "runtime/sources/endpoint.h"
#include "runtime/sources/source.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"
#include "base/shown.h"

static bool health_no(struct evbuffer *why, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Appends a reason as a line of its own, and returns false, so that callers can return its result. */
static bool health_no(struct evbuffer *why, const char *format, ...)
{
    va_list arguments;
    if (!why) return false;
    va_start(arguments, format);
    evbuffer_add_vprintf(why, format, arguments);
    va_end(arguments);
    evbuffer_add(why, "\n", 1);
    return false;
}

/* The hanging thread is named if the engine knows it. */
bool health_live(const struct daemon *daemon, struct evbuffer *why)
{
    assert(daemon);
    if (!daemon->pulse) return true; /* a follower has no engine: the loop, which runs this check, is alive */
    const char *hangs = engine_hangs(daemon->engine);
    uint64_t silent_us = pulse_silent_us(daemon->pulse);
    if (silent_us < PULSE_LOST_US) return true;
    return health_no(why, "the %s has not turned for %llu s", hangs ? hangs : "loop",
                     (unsigned long long)silent_us / 1000000);
}

struct health_look {
    struct daemon *daemon;
    bool draining;
    const char **services; /* by the links' index */
};

/* On the core's thread. */
static void health_core_look(void *self, struct core *core)
{
    struct health_look *looking = self;
    struct core_status status;
    struct link_row link;
    core_status(core, &status);
    looking->draining = status.draining;
    for (size_t i = 0; links_read(looking->daemon->links, i, &link); i++)
        looking->services[i] = core_link_state(core, link.link);
}

static const struct told_neighbour *first_away(const struct told *told)
{
    for (unsigned i = 0; i < told->neighbour_count; i++)
        if (!told->neighbours[i].up) return &told->neighbours[i];
    return NULL;
}

/* Returns the next free row; above the limit rows are counted, and written to one spare row that nobody reads. */
static struct degraded *degraded_next(struct degraded_list *list)
{
    list->all++;
    return list->count < DEGRADED_MAX ? &list->rows[list->count++] : &list->spare;
}

/* The texts of a neighbour are copied, because an adapter may change them meanwhile. */
static void degraded_of_link(const struct link_row *link, struct degraded_list *list)
{
    for (unsigned i = 0; link->up && i < link->told->neighbour_count; i++) {
        const struct told_neighbour *one = &link->told->neighbours[i];
        if (one->up) continue;
        struct degraded *row = degraded_next(list);
        *row = (struct degraded){.adapter = link->name, .for_us = host_monotonic_us() - one->since_us};
        snprintf(row->name, sizeof row->name, "%s", one->name);
        snprintf(row->why, sizeof row->why, "%s", one->why);
    }
}

/* Writes each campaign that was halted, with the reason, or with the meaning of its state if there is no reason. Runs
 * on the core's thread. */
static void health_halted_look(void *self, struct core *core)
{
    struct campaign_row campaign;
    bool halted;
    for (uint32_t i = 0; core_campaign_halted(core, i, &halted); i++) {
        if (!halted || !core_campaign(core, i, &campaign)) continue;
        struct span why = campaign.reason.length != 0 ? campaign.reason : span_of(campaign.meaning);
        struct degraded *row = degraded_next(self);
        *row = (struct degraded){.kind = "campaign"};
        snprintf(row->name, sizeof row->name, "%.*s", (int)campaign.name.length, (const char *)campaign.name.bytes);
        snprintf(row->why, sizeof row->why, "it %s, %s: %.*s", campaign.halt, campaign.why, (int)why.length,
                 (const char *)why.bytes);
        bytes_clean_utf8(row->name);
        bytes_clean_utf8(row->why);
    }
}

#define CHILD_ENDS "process %ld was told to end: it begins nothing new, and %u conversations are left"

/* Lists processes of adapters that do not run as they are configured, or not at all. */
static void degraded_of_children(const struct daemon *daemon, struct degraded_list *list)
{
    struct child_row child;
    for (size_t i = 0; daemon->children && children_read(daemon->children, i, &child); i++) {
        if (child.renewed_us == 0 && !child.ends) continue;
        struct degraded *row = degraded_next(list);
        *row = (struct degraded){.adapter = child.name,
                                 .name = "process",
                                 .for_us = child.renewed_us != 0 ? host_monotonic_us() - child.renewed_us : 0};
        if (child.ends)
            snprintf(row->why, sizeof row->why, CHILD_ENDS, (long)child.pid, child.held);
        else
            snprintf(
                row->why, sizeof row->why,
                "process %ld, of an older program or other settings, serves until it holds no conversation (%u now); "
                "`kill %ld` lets it begin no other, so that it ends with the last",
                (long)child.pid, child.held, (long)child.pid);
    }
    for (size_t i = 0; daemon->children && children_removed_read(daemon->children, i, &child); i++) {
        struct degraded *row = degraded_next(list);
        *row = (struct degraded){.adapter = child.name, .name = "process"};
        snprintf(row->why, sizeof row->why,
                 "process %ld is configured no more: it begins nothing new, and %u conversations are left",
                 (long)child.pid, child.held);
    }
}

/* Fills in the list, which is limited: the kinds that are added first always have room. */
void health_degraded(const struct daemon *daemon, struct degraded_list *list)
{
    struct link_row link;
    struct source_row source;
    list->count = list->all = 0;
    for (size_t i = 0; links_read(daemon->links, i, &link); i++) degraded_of_link(&link, list);
    if (daemon->state_gone) {
        struct degraded *gone = degraded_next(list);
        *gone =
            (struct degraded){.kind = "state", .name = "folder", .for_us = host_monotonic_us() - daemon->state_gone_us};
        snprintf(gone->why, sizeof gone->why, "%s", daemon->state_gone);
    }
    degraded_of_children(daemon, list);
    struct removed_row removed;
    for (size_t i = 0; links_removed_read(daemon->links, i, &removed); i++) {
        struct degraded *row = degraded_next(list);
        *row = (struct degraded){.adapter = removed.name, .name = "configuration"};
        snprintf(row->why, sizeof row->why,
                 "it is not configured any more: %u interactions and %u claims end with the link's grace",
                 removed.interactions, removed.claims);
    }
    for (size_t i = 0; sources_read(daemon->sources, i, &source); i++) {
        if (!source.open) continue;
        struct degraded *row = degraded_next(list);
        *row = (struct degraded){.kind = "source"};
        snprintf(row->name, sizeof row->name, "%s", source.name);
        shown_text(row->why, sizeof row->why, source.trouble);
    }
    struct endpoint_shown endpoint;
    for (size_t i = 0; endpoints_read(daemon->endpoints, i, &endpoint); i++) {
        if (!endpoint.away) continue;
        struct degraded *row = degraded_next(list);
        *row = (struct degraded){.kind = "endpoint", .for_us = endpoint.for_us};
        snprintf(row->name, sizeof row->name, "%s", endpoint.name);
        shown_text(row->why, sizeof row->why, endpoint.why);
    }
    /* A core that does not answer is reported elsewhere. */
    (void)(daemon->pulse && engine_read_within(daemon->engine, ENGINE_PATIENCE_US, health_halted_look, list));
}

void health_degraded_say(const struct daemon *daemon, struct evbuffer *out)
{
    struct degraded_list list;
    health_degraded(daemon, &list);
    const struct degraded *rows = list.rows;
    for (size_t i = 0; i < list.count; i++)
        evbuffer_add_printf(out, "degraded: %s %s%s%s: %s\n", rows[i].adapter ? "adapter" : rows[i].kind,
                            rows[i].adapter ? rows[i].adapter : rows[i].name, rows[i].adapter ? ": " : "",
                            rows[i].adapter ? rows[i].name : "", rows[i].why);
    if (list.all > list.count) evbuffer_add_printf(out, "degraded: and %zu more\n", list.all - list.count);
}

struct certificates { /* who asks for them */
    void (*take)(void *self, const struct certificate *);
    void *self;
};

/* Passes on when a certificate ends; an adapter may report any number, which is limited to a time that a certificate
 * can have. 0: there is none. */
static void certificate_tell(const struct certificates *to, const char *adapter, const char *name, int64_t ends_s)
{
    static const int64_t last_s = 253402300799; /* the last second of the year 9999 */
    if (ends_s == 0) return;
    to->take(to->self, &(struct certificate){.adapter = adapter,
                                             .name = name,
                                             .ends_s = ends_s < 0        ? 0
                                                       : ends_s > last_s ? last_s
                                                                         : ends_s});
}

/* Reports our own certificate, those of endpoints, and those that adapters report as figures, named "certificate."
 * and the name. */
void health_certificates(const struct daemon *daemon, void (*take)(void *self, const struct certificate *), void *self)
{
    static const char prefix[] = TOLD_CERTIFICATE;
    const size_t length = sizeof prefix - 1;
    const struct certificates to = {take, self};
    struct endpoint_shown endpoint;
    struct link_row link;
    for (size_t i = 0; endpoints_read(daemon->endpoints, i, &endpoint); i++)
        certificate_tell(&to, "gcxvm", endpoint.name, endpoint.expires_s);
    certificate_tell(&to, "gcxvm", "own", tls_file_ends_s(daemon->conf->remote_certificate));
    for (size_t i = 0; links_read(daemon->links, i, &link); i++)
        for (unsigned k = 0; link.up && k < link.told->figure_count; k++)
            if (strncmp(link.told->figures[k].name, prefix, length) == 0)
                certificate_tell(&to, link.name, link.told->figures[k].name + length, link.told->figures[k].value);
}

/* An adapter that itself reports which of its neighbours are away is degraded; calls still come. */
static bool link_ready(const struct link_row *link, const char *service, struct evbuffer *why)
{
    const struct told_neighbour *away = first_away(link->told);
    if (!link->up && away) return health_no(why, "adapter %s is not connected: %s", link->name, away->why);
    if (!link->up) return health_no(why, "adapter %s is not connected", link->name);
    if (strcmp(service, "up") == 0 || away) return true;
    return health_no(why, "adapter %s: its switch is not there (%s)", link->name, service);
}

/* True: calls may be sent to this gcxvm. A follower is never ready, and the reason says so. A leader is not ready if
 * it is ending, may have lost the lead, has loaded nothing, is draining, its intake is closed, or a switch is
 * missing. */
bool health_ready(struct daemon *daemon, struct evbuffer *why)
{
    assert(daemon);
    if (!daemon->pulse) {
        struct lead_row row;
        lead_read(daemon, &row);
        if (row.role != LEAD_FOLLOWER) return health_no(why, "it begins to lead");
        if (row.away)
            return health_no(why, "the journal's database does not answer, and without it this one cannot lead");
        if (row.unled_us == 0) return health_no(why, "it follows the gcxvm that leads");
        return health_no(why, "nobody leads since %llu s: %s", (unsigned long long)row.unled_us / 1000000, row.why);
    }
    assert(daemon->links);
    struct health_look looking = {.daemon = daemon};
    struct intake_row intake;
    struct link_row link;
    bool good = health_live(daemon, why);
    if (!good) return false;
    if (daemon->stopping) return health_no(why, "it is ending");
    if (daemon->state_ends) good = health_no(why, "state folder %s: %s", daemon->conf->state, daemon->state_gone);
    looking.services = memory_zeroed(daemon->conf->adapter_count, sizeof *looking.services);
    if (!engine_read_within(daemon->engine, ENGINE_PATIENCE_US, health_core_look, &looking)) {
        free(looking.services);
        return health_no(why, "the core does not answer");
    }
    struct lead_row lead;
    lead_read(daemon, &lead);
    if (lead.aside_us > 0)
        good = health_no(why, "another gcxvm may lead: the journal's database has not been reached for the lease");
    if (!daemon->served) good = health_no(why, "directory and strategies are not in force yet");
    if (looking.draining) good = health_no(why, "it drains: calls that arrive are routed by default");
    intake_read(links_intake(daemon->links), &intake);
    if (intake.level != INTAKE_OPEN)
        good = health_no(why, "intake: %s, because of %s", intake_level_name(intake.level), intake.why);
    for (size_t i = 0; links_read(daemon->links, i, &link); i++)
        good = link_ready(&link, looking.services[i], why) && good;
    struct child_row child;
    for (size_t i = 0; daemon->children && children_read(daemon->children, i, &child); i++)
        if (child.ends) good = health_no(why, "adapter %s: " CHILD_ENDS, child.name, (long)child.pid, child.held);
    free(looking.services);
    return good;
}
