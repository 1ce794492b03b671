/* runtime/daemon/watch/metrics.c - Writes the page, row by row of metrics.def, from one look into the core.
 *
 *     metrics_core_look()          the core stands still: counts are copied into struct page
 *           |
 *           v
 *     ..._rows() of metrics.def    the core works again: the text is written
 *           |
 *           v
 *     # HELP gcx_queue_waiting ...
 *     # TYPE gcx_queue_waiting gauge
 *     gcx_queue_waiting{queue="sales"} 3
 *
 * The names in labels come from outside, so their number is limited: neither the page nor its reader may grow with
 * the site. Queues and campaigns above their limit are added up as "(others)"; counters above theirs are left out. */
#include "config.h"
#include "runtime/daemon/watch/metrics.h"

#include <assert.h>
#include <dirent.h>
#include <event2/buffer.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "runtime/adapter/refused.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/queue_row.h"
#include "runtime/core/read/rollouts.h"
#include "runtime/core/read/totals.h"
#include "runtime/daemon/service/cuts.h"
#include "runtime/daemon/service/daemon.h"
#include "runtime/daemon/watch/health.h"
#include "runtime/daemon/watch/pulse.h"
#include "runtime/daemon/watch/traces.h"
#include "runtime/host/real.h"
#include "runtime/journal/readers.h"
#include "runtime/sources/endpoint.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"
#include "runtime/vocabulary/semantics.h"

enum {
    QUEUES_SHOWN = 100,
    COUNTERS_SHOWN = 200,
    CAMPAIGNS_SHOWN = 100,
    ROLLOUTS_SHOWN = 50,
    COUNTER_LABEL_MAX = 68 /* size of a name with its final zero */,
    STATES = 8,
    LABEL_MAX = 256,
    LABELS = 3 /* bytes of a sample, at most */
};

enum metric {
#define METRIC(id, name, type, labels, help) METRIC_##id,
#include "runtime/daemon/watch/metrics.def"
#undef METRIC
    METRICS
};

static const struct {
    const char *name, *type, *labels, *help;
} table[METRICS] = {
#define METRIC(id, name, type, labels, help) {name, #type, labels, help},
#include "runtime/daemon/watch/metrics.def"
#undef METRIC
};

struct queue { /* figures of a queue, copied while the core stands still */
    char name[LABEL_MAX];
#define QUEUE(fact, field, waiting) uint64_t field;
#include "runtime/core/read/facts.def"
    uint64_t waiting, longest_us;
};

struct counted {
    char name[COUNTER_LABEL_MAX], key[COUNTER_LABEL_MAX];
    uint64_t count;
};

struct campaign {
    char name[LABEL_MAX];
    struct campaign_row row; /* the row's texts and rules must not be read later: they belong to the core */
    struct campaign_team team;
};

struct rollout_shown { /* the newest rollout of a point */
    char point[LABEL_MAX];
    struct core_rollout row; /* the row's texts must not be read later */
};

struct page {
    struct daemon *daemon;
    struct evbuffer *out;
    enum metric at;
    struct core_status status;
    struct core_waits waits;
    uint64_t states[STATES];
    struct queue queues[QUEUES_SHOWN + 1]; /* the last: all others */
    unsigned queue_count;
    struct counted counters[COUNTERS_SHOWN];
    unsigned counter_count;
    struct campaign campaigns[CAMPAIGNS_SHOWN + 1]; /* the last: all others */
    unsigned campaign_count;
    struct rollout_shown rollouts[ROLLOUTS_SHOWN];
    unsigned rollout_count;
    const char **services; /* state of each link in the core, by the link's index */
};

/* Begins a metric; rows come in the order of the table, and none is left out, so the page has everything that the
 * manual has. A row that is missing, or in the wrong place, ends the process in a test run. */
static void metrics_begin(struct page *page, enum metric metric)
{
    assert(metric == page->at);
    page->at++;
    evbuffer_add_printf(page->out, "# HELP %s %s\n# TYPE %s %s\n", table[metric].name, table[metric].help,
                        table[metric].name, table[metric].type);
}

/* Writes a label's value, with escapes for the characters that would end the value or the line. */
static void label_add(struct page *page, const char *value)
{
    for (; *value != '\0'; value++)
        if (*value == '\\' || *value == '"')
            evbuffer_add_printf(page->out, "\\%c", *value);
        else if (*value == '\n')
            evbuffer_add(page->out, "\\n", 2);
        else
            evbuffer_add(page->out, value, 1);
}

struct label {
    const char *name, *value; /* NULL: the sample does not have this label */
};

static void sample_labels(struct page *page, const char *suffix, const struct label labels[LABELS], double number)
{
    assert(page->at > 0);
    evbuffer_add_printf(page->out, "%s%s", table[page->at - 1].name, suffix);
    for (unsigned i = 0; i < LABELS && labels[i].name; i++) {
        evbuffer_add_printf(page->out, "%c%s=\"", i == 0 ? '{' : ',', labels[i].name);
        label_add(page, labels[i].value);
        evbuffer_add(page->out, "\"", 1);
    }
    evbuffer_add_printf(page->out, "%s", labels[0].name ? "}" : "");
    evbuffer_add_printf(page->out, number == (double)(int64_t)number ? " %.0f\n" : " %.6f\n", number);
}

/* Writes one sample of a metric, with up to two labels: `label` and `other` may be NULL. */
static void metrics_sample(struct page *page, const char *suffix, const char *label, const char *value,
                           const char *other, const char *other_value, double number)
{
    assert(!other || label);
    sample_labels(page, suffix, (const struct label[LABELS]){{label, value}, {other, other_value}}, number);
}

/* A metric without labels. */
static void metrics_one(struct page *page, enum metric metric, double number)
{
    metrics_begin(page, metric);
    metrics_sample(page, "", NULL, NULL, NULL, NULL, number);
}

/* A sample with one label. */
static void metrics_labelled(struct page *page, const char *label, const char *value, uint64_t number)
{
    metrics_sample(page, "", label, value, NULL, NULL, (double)number);
}

/* One bound of a histogram; a negative bound is +Inf. */
static void metrics_bucket(struct page *page, const char *label, const char *value, double bound_s, uint64_t count)
{
    char text[32];
    snprintf(text, sizeof text, "%g", bound_s);
    if (label)
        metrics_sample(page, "_bucket", label, value, "le", bound_s < 0 ? "+Inf" : text, (double)count);
    else
        metrics_sample(page, "_bucket", "le", bound_s < 0 ? "+Inf" : text, NULL, NULL, (double)count);
}

/* Buckets are cumulative, as Prometheus wants them; bounds are seconds. */
static void metrics_histogram(struct page *page, const char *label, const char *value, const struct histogram *from)
{
    uint64_t count = 0;
    for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++) {
        count += atomic_load(&from->count[i]);
        metrics_bucket(page, label, value, i < HISTOGRAM_BOUNDS ? (double)histogram_bound_us(i) / 1e6 : -1, count);
    }
    metrics_sample(page, "_sum", label, value, NULL, NULL, (double)atomic_load(&from->sum_us) / 1e6);
    metrics_sample(page, "_count", label, value, NULL, NULL, (double)count);
}

/* Copies one queue; queues beyond QUEUES_SHOWN are added up in `(others)`, so that the page stays bounded. */
static void queue_read(struct page *page, const struct queue_row *row, uint64_t longest_us, uint32_t index)
{
    struct queue *queue = &page->queues[index < QUEUES_SHOWN ? index : QUEUES_SHOWN];
    if (index < QUEUES_SHOWN)
        snprintf(queue->name, sizeof queue->name, "%.*s", (int)row->name.length, (const char *)row->name.bytes);
    else
        snprintf(queue->name, sizeof queue->name, "(others)");
    bytes_clean_utf8(queue->name); /* the name may have been cut in the middle of a character */
#define QUEUE(fact, field, waiting) queue->field += row->field;
#include "runtime/core/read/facts.def"
    queue->waiting += row->waiting;
    if (longest_us > queue->longest_us) queue->longest_us = longest_us;
    if (page->queue_count <= index && page->queue_count <= QUEUES_SHOWN) page->queue_count++;
}

static void metrics_counters_read(struct page *page, const struct core *core)
{
    struct counter_row row;
    for (; page->counter_count < COUNTERS_SHOWN && core_counter(core, page->counter_count, &row);
         page->counter_count++) {
        struct counted *counted = &page->counters[page->counter_count];
        snprintf(counted->name, sizeof counted->name, "%.*s", (int)row.name.length, (const char *)row.name.bytes);
        snprintf(counted->key, sizeof counted->key, "%.*s", (int)row.key.length, (const char *)row.key.bytes);
        bytes_clean_utf8(counted->name);
        bytes_clean_utf8(counted->key);
        counted->count = row.count;
    }
}

/* Copies the campaigns that are loaded; campaigns beyond CAMPAIGNS_SHOWN are added up in `(others)`. The entry after
 * the last one adds up the others; its ceiling is that of the last campaign, and is not shown. */
static void metrics_campaigns_read(struct page *page, const struct core *core)
{
    struct campaign_row row;
    for (uint32_t i = 0; core_campaign(core, i, &row); i++) {
        if (row.name.length == 0) continue;
        bool other = page->campaign_count >= CAMPAIGNS_SHOWN;
        struct campaign *campaign = &page->campaigns[other ? CAMPAIGNS_SHOWN : page->campaign_count];
        if (other)
            snprintf(campaign->name, sizeof campaign->name, "(others)");
        else
            snprintf(campaign->name, sizeof campaign->name, "%.*s", (int)row.name.length, (const char *)row.name.bytes);
        bytes_clean_utf8(campaign->name);
        if (!other)
            campaign->team = core_campaign_team(core, i); /* not for `(others)`: an agent in several of those
                                                           * campaigns would count several times */
        campaign->row.ceiling = row.ceiling;
#define ADD(field) campaign->row.field += row.field
        ADD(buffered), ADD(ringing), ADD(waiting), ADD(connected), ADD(dialled), ADD(answered), ADD(abandoned);
        ADD(failed), ADD(window_answered), ADD(window_abandoned), ADD(left), ADD(list_due), ADD(overdue),
            ADD(exhausted), ADD(waited_us), ADD(waits);
#define CAMPAIGN_RESULT(name, doc) ADD(name);
#include "runtime/vocabulary/campaign_results.def"
#undef ADD
        if (page->campaign_count <= CAMPAIGNS_SHOWN) page->campaign_count++;
    }
}

/* Rollouts come oldest first: a later one of the same point takes the place of the earlier one. Guards are asked only
 * of those that are shown. */
static void metrics_rollouts_read(struct page *page, const struct core *core)
{
    struct core_rollout_brief brief;
    uint32_t newest[ROLLOUTS_SHOWN];
    for (uint32_t i = 0; core_rollout_brief(core, i, &brief); i++) {
        char point[LABEL_MAX];
        unsigned at = 0;
        snprintf(point, sizeof point, "%.*s", (int)brief.point.length, (const char *)brief.point.bytes);
        bytes_clean_utf8(point);
        while (at < page->rollout_count && strcmp(page->rollouts[at].point, point) != 0) at++;
        if (at == ROLLOUTS_SHOWN) continue;
        if (at == page->rollout_count) page->rollout_count++;
        memcpy(page->rollouts[at].point, point, sizeof point);
        newest[at] = i;
    }
    for (unsigned at = 0; at < page->rollout_count; at++)
        (void)core_rollout_at(core, newest[at], false, &page->rollouts[at].row);
}

/* Runs on the core's thread: reads each kind of row only once. The longest waits of all queues are found in one pass
 * over the waiting interactions, and not in a pass for each queue. */
static void metrics_core_look(void *self, struct core *core)
{
    struct page *page = self;
    struct queue_row row;
    uint32_t queues = core_queue_count(core);
    uint64_t *longest = memory_zeroed(queues, sizeof *longest);
    core_status(core, &page->status);
    core_waits(core, &page->waits);
    core_agent_states(core, page->states, STATES);
    core_longest_waits(core, longest, queues);
    for (uint32_t i = 0; i < queues; i++) {
        core_queue_counts(core, i, &row);
        queue_read(page, &row, longest[i], i);
    }
    for (size_t i = 0; i < page->daemon->conf->adapter_count; i++) {
        struct link_row link;
        page->services[i] = links_read(page->daemon->links, i, &link) ? core_link_state(core, link.link) : "down";
    }
    metrics_counters_read(page, core);
    metrics_campaigns_read(page, core);
    metrics_rollouts_read(page, core);
    free(longest);
}

/* Counts the open files: the folder also has `.`, `..` and the descriptor that this function opens. */
static uint64_t open_fds(void)
{
    uint64_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (!folder) return 0;
    while (readdir(folder)) count++;
    closedir(folder);
    return count > 3 ? count - 3 : 0; /* the count is without `.`, `..` and this function's own descriptor */
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* Writes the rows about the process itself: version, processor, memory, files, readiness. */
static void process_rows(struct page *page)
{
    const struct daemon *daemon = page->daemon;
    struct rusage usage;
    struct rlimit files = {0};
    char semantics[16];
    snprintf(semantics, sizeof semantics, "%d", SEMANTICS_NUMBER);
    getrusage(RUSAGE_SELF, &usage);
    getrlimit(RLIMIT_NOFILE, &files);
    metrics_begin(page, METRIC_build_info);
    metrics_sample(page, "", "version", PACKAGE_VERSION, "semantics", semantics, 1);
    metrics_one(page, METRIC_start_time,
                (double)(host_wall_clock_us() - (host_monotonic_us() - daemon->started_us)) / 1e6);
    metrics_one(page, METRIC_cpu, seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
    metrics_one(page, METRIC_resident, (double)intake_memory());
    metrics_one(page, METRIC_heap, (double)mallinfo2().uordblks);
    metrics_one(page, METRIC_blocks, (double)page->status.block_bytes);
    metrics_one(page, METRIC_names, (double)page->status.names);
    metrics_one(page, METRIC_walked, (double)page->status.walked_bytes);
    metrics_one(page, METRIC_fds, (double)open_fds());
    metrics_one(page, METRIC_max_fds, (double)files.rlim_cur);
    metrics_one(page, METRIC_ready, health_ready(page->daemon, NULL) ? 1 : 0);
    metrics_one(page, METRIC_draining, page->status.draining ? 1 : 0);
    metrics_one(page, METRIC_pulse, (double)pulse_silent_us(daemon->pulse) / 1e6);
    struct degraded_list degraded;
    health_degraded(daemon, &degraded);
    metrics_one(page, METRIC_degraded, (double)degraded.all);
    metrics_one(page, METRIC_load_time, (double)daemon->loaded_wall_us / 1e6);
    metrics_one(page, METRIC_load_failures, (double)daemon->load_failures);
}

/* Writes the metrics from here on that are totals of facts, up to the first that is not. Several facts may count
 * under one name, with a word as the label for each: the first one writes the heading. */
static void metrics_totals(struct page *page)
{
    enum { METRIC_nothing = METRICS };
    for (bool counted = true; counted;) {
        enum metric metric = page->at;
        counted = false;
#define COUNTS(fact, field, shown, of, word)                                                                           \
    if ((unsigned)METRIC_##of == (unsigned)metric) {                                                                   \
        if (!counted) metrics_begin(page, metric);                                                                     \
        counted = true;                                                                                                \
        metrics_labelled(page, *word ? table[metric].labels : NULL, *word ? word : NULL, page->status.field);          \
    }
#include "runtime/core/read/facts.def"
    }
}

static void call_rows(struct page *page)
{
    const struct core_status *status = &page->status;
    metrics_one(page, METRIC_interactions, (double)status->interactions);
    metrics_one(page, METRIC_running, (double)status->running);
    metrics_one(page, METRIC_callbacks, (double)status->bookings);
    metrics_totals(page);
}

/* Writes the virtual queues, and how long interactions have waited in all of them. All samples of one metric must
 * follow each other, so each metric has a loop of its own over the queues. */
static void queue_rows(struct page *page)
{
    metrics_begin(page, METRIC_queue_waiting);
    for (unsigned i = 0; i < page->queue_count; i++)
        metrics_labelled(page, "queue", page->queues[i].name, page->queues[i].waiting);
    metrics_begin(page, METRIC_queue_oldest);
    for (unsigned i = 0; i < page->queue_count; i++)
        metrics_sample(page, "", "queue", page->queues[i].name, NULL, NULL, (double)page->queues[i].longest_us / 1e6);
    metrics_begin(page, METRIC_queue_entered);
    for (unsigned i = 0; i < page->queue_count; i++)
        metrics_labelled(page, "queue", page->queues[i].name, page->queues[i].entered);
    metrics_begin(page, METRIC_queue_left);
    for (unsigned i = 0; i < page->queue_count; i++) {
        const struct queue *queue = &page->queues[i];
        enum { ENTERS, LEAVES, STAYS };
#define QUEUE(fact, field, waiting)                                                                                    \
    if (waiting == LEAVES) metrics_sample(page, "", "queue", queue->name, "how", #field, (double)queue->field);
#include "runtime/core/read/facts.def"
    }
    metrics_begin(page, METRIC_wait);
    uint64_t count = 0;
    for (unsigned i = 0; i < CORE_WAITS; i++) {
        uint64_t bound_us = page->waits.bound_us[i];
        count += page->waits.count[i];
        metrics_bucket(page, NULL, NULL, bound_us == UINT64_MAX ? -1 : (double)bound_us / 1e6, count);
    }
    metrics_sample(page, "_sum", NULL, NULL, NULL, NULL, (double)page->waits.sum_us / 1e6);
    metrics_sample(page, "_count", NULL, NULL, NULL, NULL, (double)count);
}

static void agent_rows(struct page *page)
{
    metrics_begin(page, METRIC_agents);
    for (unsigned state = 0; state < STATES; state++)
        metrics_labelled(page, "state", enum_name_agent_state(state), page->states[state]);
    metrics_one(page, METRIC_claims, (double)page->status.claims);
    metrics_begin(page, METRIC_counter);
    for (unsigned i = 0; i < page->counter_count; i++)
        metrics_sample(page, "", "counter", page->counters[i].name, "key", page->counters[i].key,
                       (double)page->counters[i].count);
}

/* The campaigns beyond CAMPAIGNS_SHOWN are added up in `(others)`. The agents and ceilings of these campaigns cannot be
 * added up, so `(others)` has no rows for agents and ceilings. */
static void campaign_rows(struct page *page)
{
    metrics_begin(page, METRIC_campaign_state);
#define SAMPLE(label, field)                                                                                           \
    metrics_sample(page, "", "campaign", page->campaigns[i].name, label, #field, (double)page->campaigns[i].row.field)
    for (unsigned i = 0; i < page->campaign_count; i++) {
        SAMPLE("state", buffered);
        SAMPLE("state", ringing);
        SAMPLE("state", waiting);
        SAMPLE("state", connected);
    }
    metrics_begin(page, METRIC_campaign_calls);
    for (unsigned i = 0; i < page->campaign_count; i++) {
        SAMPLE("result", dialled);
        SAMPLE("result", answered);
        SAMPLE("result", abandoned);
        SAMPLE("result", failed);
#define CAMPAIGN_RESULT(name, doc) SAMPLE("result", name);
#include "runtime/vocabulary/campaign_results.def"
    }
    metrics_begin(page, METRIC_campaign_list);
    for (unsigned i = 0; i < page->campaign_count; i++) {
        SAMPLE("state", left);
        metrics_sample(page, "", "campaign", page->campaigns[i].name, "state", "due",
                       (double)page->campaigns[i].row.list_due);
        SAMPLE("state", overdue);
        SAMPLE("state", exhausted);
    }
#undef SAMPLE
    metrics_begin(page, METRIC_campaign_agents);
    for (unsigned i = 0; i < page->campaign_count && i < CAMPAIGNS_SHOWN; i++) {
        const struct campaign *campaign = &page->campaigns[i];
        metrics_sample(page, "", "campaign", campaign->name, "state", "ready", campaign->team.ready);
        metrics_sample(page, "", "campaign", campaign->name, "state", "busy", campaign->team.busy);
    }
    metrics_begin(page, METRIC_campaign_agent_wait);
    for (unsigned i = 0; i < page->campaign_count; i++) {
        const struct campaign_row *row = &page->campaigns[i].row;
        double wait_s = row->waits > 0 ? (double)row->waited_us / (double)row->waits / 1e6 : 0;
        metrics_sample(page, "", "campaign", page->campaigns[i].name, NULL, NULL, wait_s);
    }
    metrics_begin(page, METRIC_campaign_abandoned);
    for (unsigned i = 0; i < page->campaign_count; i++) {
        const struct campaign_row *row = &page->campaigns[i].row;
        double share = row->window_answered > 0 ? (double)row->window_abandoned / (double)row->window_answered : 0;
        metrics_sample(page, "", "campaign", page->campaigns[i].name, NULL, NULL, share);
    }
    metrics_begin(page, METRIC_campaign_lost);
    for (unsigned i = 0; i < page->campaign_count; i++)
        metrics_sample(page, "", "campaign", page->campaigns[i].name, NULL, NULL,
                       (double)page->campaigns[i].row.window_abandoned);
    metrics_begin(page, METRIC_campaign_ceiling);
    for (unsigned i = 0; i < page->campaign_count && i < CAMPAIGNS_SHOWN; i++)
        metrics_sample(page, "", "campaign", page->campaigns[i].name, NULL, NULL,
                       (double)page->campaigns[i].row.ceiling / 1000);
}

static void rollout_guard_rows(struct page *page, enum metric metric)
{
    static const int says[] = {[CORE_GUARD_TOO_LITTLE] = 0, [CORE_GUARD_NO_WORSE] = 1, [CORE_GUARD_WORSE] = -1};
    metrics_begin(page, metric);
    for (unsigned i = 0; i < page->rollout_count; i++) {
        const struct core_rollout *row = &page->rollouts[i].row;
        for (unsigned at = 0; at < row->guard_count; at++) {
            const struct core_rollout_guard *guard = &row->guards[at];
            double number = metric == METRIC_rollout_guard ? says[guard->says] : (double)guard->difference / 1e6;
            metrics_sample(page, "", "point", page->rollouts[i].point, "guard", guard->text, number);
        }
    }
}

static void rollout_rows(struct page *page)
{
    metrics_begin(page, METRIC_rollout_state);
    for (unsigned i = 0; i < page->rollout_count; i++)
        metrics_sample(page, "", "point", page->rollouts[i].point, "state",
                       enum_name_rollout_state(page->rollouts[i].row.state), 1);
    metrics_begin(page, METRIC_rollout_share);
    for (unsigned i = 0; i < page->rollout_count; i++)
        metrics_sample(page, "", "point", page->rollouts[i].point, NULL, NULL, page->rollouts[i].row.share / 10000.0);
    metrics_begin(page, METRIC_rollout_interactions);
    for (unsigned i = 0; i < page->rollout_count; i++) {
        const struct rollout_shown *shown = &page->rollouts[i];
        metrics_sample(page, "", "point", shown->point, "arm", "candidate", (double)shown->row.arms[0].arrived);
        metrics_sample(page, "", "point", shown->point, "arm", "control", (double)shown->row.arms[1].arrived);
    }
    rollout_guard_rows(page, METRIC_rollout_guard);
    rollout_guard_rows(page, METRIC_rollout_difference);
}

static void engine_rows(struct page *page)
{
    const struct core_status *status = &page->status;
    struct engine_cost *cost = engine_cost(page->daemon->engine);
    metrics_totals(page);
    metrics_begin(page, METRIC_decision);
    metrics_histogram(page, NULL, NULL, &cost->decision);
    metrics_one(page, METRIC_batches, (double)status->batches);
    metrics_one(page, METRIC_events, (double)status->events);
    metrics_one(page, METRIC_effects, (double)status->effects);
    metrics_one(page, METRIC_outstanding, (double)status->effects_outstanding);
    metrics_begin(page, METRIC_sync);
    metrics_histogram(page, NULL, NULL, &cost->sync);
    metrics_one(page, METRIC_appended, (double)atomic_load(&cost->appended_bytes));
    metrics_one(page, METRIC_append_failures, (double)atomic_load(&cost->append_failures));
}

/* A process without standbys has a row as well, so that an alarm on this row works everywhere. */
static void lead_rows(struct page *page)
{
    struct lead_row row;
    lead_read(page->daemon, &row);
    metrics_one(page, METRIC_leads, page->daemon->engine && row.aside_us == 0 ? 1 : 0);
    metrics_one(page, METRIC_unled, (double)row.unled_us / 1e6);
    metrics_begin(page, METRIC_node_behind);
    if (row.node_count == 0)
        metrics_labelled(page, "node", "this one", row.last - row.batch); /* this process stands alone */
    for (size_t i = 0; i < row.node_count; i++)
        metrics_labelled(page, "node", row.nodes[i].name,
                         row.last > row.nodes[i].batch ? row.last - row.nodes[i].batch : 0);
}

/* Writes the rows about the journal, for which no look into the core is needed. */
static void journal_rows(struct page *page)
{
    struct cuts_row row;
    cuts_read(page->daemon, &row);
    metrics_one(page, METRIC_journal_size, (double)row.journal_bytes);
    metrics_one(page, METRIC_journal_free, (double)row.free_bytes);
    metrics_one(page, METRIC_journal_first, (double)row.first);
    metrics_one(page, METRIC_journal_copies, (double)row.copies);
    metrics_one(page, METRIC_archive_fails, row.archive_fails ? 1 : 0);
    metrics_one(page, METRIC_categories_unknown, (double)row.categories_unknown);
    lead_rows(page);
    metrics_one(page, METRIC_snapshot_age, (double)row.age_us / 1e6);
    metrics_one(page, METRIC_snapshot_size, (double)row.bytes);
    metrics_one(page, METRIC_snapshot_tail, (double)row.tail_events);
    metrics_one(page, METRIC_snapshots, (double)row.cut);
    metrics_one(page, METRIC_snapshot_failures, (double)row.failed);
}

static void intake_rows(struct page *page)
{
    struct intake_row intake;
    struct engine_load load;
    intake_read(links_intake(page->daemon->links), &intake);
    engine_load(page->daemon->engine, &load);
    metrics_one(page, METRIC_intake, (double)intake.level);
    metrics_one(page, METRIC_closings, (double)intake.closings);
    metrics_one(page, METRIC_space, (double)intake.sample.space / 1000);
    metrics_one(page, METRIC_lag, (double)load.lag_us / 1e6);
    metrics_one(page, METRIC_ring_events, (double)load.ring_events);
    metrics_one(page, METRIC_ring_bytes, (double)load.ring_bytes);
}

#define COUNT(name, field)                                                                                             \
    static uint64_t name(const struct link_row *link)                                                                  \
    {                                                                                                                  \
        return (uint64_t)link->field;                                                                                  \
    }
COUNT(of_events, counts.events)
COUNT(of_effects, counts.effects)
COUNT(of_outstanding, counts.outstanding)
COUNT(of_waiting, counts.waiting)
COUNT(of_waiting_bytes, counts.waiting_bytes)
COUNT(of_refused, counts.refused)
COUNT(of_defaulted, counts.defaulted)
COUNT(of_breaches, breaches)
#undef COUNT

static uint64_t of_credit(const struct link_row *link)
{
    return link->counts.credit_arrive > 0 ? (uint64_t)link->counts.credit_arrive : 0;
}

/* Writes the rows about links, metric by metric, and adapter by adapter within a metric, as the format wants them. */
static void link_rows(struct page *page)
{
    static const struct {
        enum metric metric;
        uint64_t (*of)(const struct link_row *);
    } counts[] = {{METRIC_link_events, of_events},           {METRIC_link_effects, of_effects},
                  {METRIC_link_outstanding, of_outstanding}, {METRIC_link_credit, of_credit},
                  {METRIC_link_waiting, of_waiting},         {METRIC_link_waiting_bytes, of_waiting_bytes},
                  {METRIC_link_refused, of_refused},         {METRIC_link_defaulted, of_defaulted},
                  {METRIC_link_breaches, of_breaches}};
    const struct daemon *daemon = page->daemon;
    struct link_row link;
    struct child_row child;
    metrics_begin(page, METRIC_link_up);
    for (size_t i = 0; links_read(daemon->links, i, &link); i++) metrics_labelled(page, "adapter", link.name, link.up);
    metrics_begin(page, METRIC_link_service);
    for (size_t i = 0; links_read(daemon->links, i, &link); i++)
        metrics_labelled(page, "adapter", link.name, strcmp(page->services[i], "up") == 0);
    for (unsigned i = 0; i < sizeof counts / sizeof *counts; i++) {
        metrics_begin(page, counts[i].metric);
        for (size_t k = 0; links_read(daemon->links, k, &link); k++)
            metrics_labelled(page, "adapter", link.name, counts[i].of(&link));
    }
    metrics_begin(page, METRIC_link_restarts);
    for (size_t i = 0; children_read(daemon->children, i, &child); i++)
        metrics_labelled(page, "adapter", child.name, child.restarts);
    metrics_begin(page, METRIC_link_renewed);
    for (size_t i = 0; children_read(daemon->children, i, &child); i++)
        metrics_labelled(page, "adapter", child.name,
                         child.renewed_us != 0 ? (host_monotonic_us() - child.renewed_us) / 1000000 : 0);
}

/* Writes a figure's row for each adapter that reports the figure; an adapter that does not count it has no row, not
 * even one of zero. */
static void figure_row(struct page *page, enum metric metric, const char *name)
{
    struct link_row link;
    const struct told_figure *figure;
    metrics_begin(page, metric);
    for (size_t i = 0; links_read(page->daemon->links, i, &link); i++)
        if (link.up && (figure = told_find(link.told, name)))
            metrics_sample(page, "", "adapter", link.name, NULL, NULL, (double)figure->value);
}

static bool figure_is_known(const char *name)
{
#define FIGURE(known, metric, type, plugin, doc)                                                                       \
    if (strcmp(name, #known) == 0) return true;
#include "runtime/adapter/figures.def"
#undef FIGURE
    return false;
}

/* Returns the rest of the figure's name after the prefix; NULL: the name does not begin with the prefix. */
static const char *figure_after(const struct told_figure *figure, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(figure->name, prefix, length) == 0 ? figure->name + length : NULL;
}

static void refused_rows(struct page *page)
{
    struct link_row link;
    const char *reason;
    metrics_begin(page, METRIC_refused);
    for (size_t i = 0; links_read(page->daemon->links, i, &link); i++)
        for (unsigned k = 0; link.up && k < link.told->figure_count; k++)
            if ((reason = figure_after(&link.told->figures[k], TOLD_REFUSED)))
                sample_labels(page, "",
                              (const struct label[LABELS]){
                                  {"adapter", link.name}, {"reason", reason}, {"severity", refused_severity(reason)}},
                              (double)link.told->figures[k].value);
}

static void certificate_row(void *self, const struct certificate *row)
{
    double now_s = (double)host_wall_clock_us() / 1e6;
    metrics_sample(self, "", "adapter", row->adapter, "certificate", row->name, ((double)row->ends_s - now_s) / 86400);
}

/* Writes the figures that adapters report about themselves. A figure that this program knows has a metric of its
 * own; all others appear under a common metric, so a plugin may report figures that are unknown here. */
static void told_rows(struct page *page)
{
    struct link_row link;
    metrics_begin(page, METRIC_neighbour_up);
    for (size_t i = 0; links_read(page->daemon->links, i, &link); i++)
        for (unsigned k = 0; link.up && k < link.told->neighbour_count; k++)
            metrics_sample(page, "", "adapter", link.name, "neighbour", link.told->neighbours[k].name,
                           link.told->neighbours[k].up);
    struct endpoint_shown endpoint;
    for (size_t i = 0; endpoints_read(page->daemon->endpoints, i, &endpoint); i++)
        metrics_sample(page, "", "adapter", "gcxvm", "neighbour", endpoint.name, endpoint.away ? 0 : 1);
#define FIGURE(name, metric, type, plugin, doc) figure_row(page, METRIC_figure_##name, #name);
#include "runtime/adapter/figures.def"
#undef FIGURE
    refused_rows(page);
    metrics_begin(page, METRIC_certificate);
    health_certificates(page->daemon, certificate_row, page);
    metrics_begin(page, METRIC_adapter_figure);
    for (size_t i = 0; links_read(page->daemon->links, i, &link); i++)
        for (unsigned k = 0; link.up && k < link.told->figure_count; k++)
            if (!figure_is_known(link.told->figures[k].name) && !figure_after(&link.told->figures[k], TOLD_REFUSED) &&
                !figure_after(&link.told->figures[k], TOLD_CERTIFICATE))
                metrics_sample(page, "", "adapter", link.name, "figure", link.told->figures[k].name,
                               (double)link.told->figures[k].value);
}

static void reader_rows(struct page *page)
{
    struct readers_row readers[READERS_MAX];
    size_t count = readers_list(page->daemon->conf->state, host_wall_clock_us(), readers);
    metrics_begin(page, METRIC_reader_behind);
    for (size_t i = 0; i < count; i++)
        metrics_labelled(page, "reader", readers[i].name,
                         page->status.batches > readers[i].batch ? page->status.batches - readers[i].batch : 0);
}

static void source_rows(struct page *page)
{
    const struct daemon *daemon = page->daemon;
    const struct conf *conf = daemon->conf;
    struct source_row source;
    metrics_begin(page, METRIC_source_waiting);
    for (size_t i = 0; sources_read(daemon->sources, i, &source); i++)
        metrics_labelled(page, "source", source.name, source.waiting);
    metrics_begin(page, METRIC_source_connected);
    for (size_t i = 0; sources_read(daemon->sources, i, &source); i++)
        metrics_labelled(page, "source", source.name, source.connected);
    metrics_begin(page, METRIC_source_open);
    for (size_t i = 0; sources_read(daemon->sources, i, &source); i++)
        metrics_labelled(page, "source", source.name, source.open ? 1 : 0);
    struct endpoint_shown endpoint;
    char label[sizeof endpoint.name + 8];
    for (size_t i = 0; endpoints_read(daemon->endpoints, i, &endpoint); i++) {
        endpoint_label(&endpoint, label, sizeof label);
        metrics_labelled(page, "source", label, endpoint.open ? 1 : 0);
    }
    metrics_begin(page, METRIC_source_queries);
    for (size_t i = 0; i < conf->source_count; i++)
        for (unsigned exit = 0; exit < QUERY_EXITS; exit++)
            if (queries_exit_is_shown(daemon->queries, i, exit))
                metrics_sample(page, "", "source", conf->sources[i].name, "exit", queries_exit(exit),
                               (double)queries_count(daemon->queries, i, exit));
    metrics_begin(page, METRIC_source_seconds);
    for (size_t i = 0; i < conf->source_count; i++)
        metrics_histogram(page, "source", conf->sources[i].name, queries_seconds(daemon->queries, i));
}

/* Writes the page. False: the core did not answer in time. A process that follows has no
 * engine, and writes only the rows about who leads. */
bool metrics_page(struct daemon *daemon, struct evbuffer *out)
{
    assert(daemon && out);
    struct page *page = memory_zeroed(1, sizeof *page);
    *page = (struct page){.daemon = daemon, .out = out};
    if (!daemon->engine) {
        page->at = METRIC_leads;
        lead_rows(page);
        free(page);
        return true;
    }
    page->services = memory_zeroed(daemon->conf->adapter_count, sizeof *page->services);
    if (!engine_read_within(daemon->engine, ENGINE_PATIENCE_US, metrics_core_look, page)) {
        free(page->services);
        free(page);
        return false;
    }
    process_rows(page);
    call_rows(page);
    queue_rows(page);
    agent_rows(page);
    campaign_rows(page);
    rollout_rows(page);
    engine_rows(page);
    journal_rows(page);
    intake_rows(page);
    link_rows(page);
    told_rows(page);
    reader_rows(page);
    source_rows(page);
    metrics_one(page, METRIC_traces, (double)traces_written(daemon->traces));
    metrics_one(page, METRIC_traces_lost, (double)traces_lost(daemon->traces));
    metrics_one(page, METRIC_log_dropped, (double)log_dropped(daemon->log));
    metrics_one(page, METRIC_http_requests, (double)daemon->http_requests);
    assert(page->at == METRICS);
    free(page->services);
    free(page);
    return true;
}
