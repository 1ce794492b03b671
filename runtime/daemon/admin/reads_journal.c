/* runtime/daemon/admin/reads_journal.c - The journal and its snapshots as JSON. On the loop's thread. */
#include <stdlib.h>
#include <sys/stat.h>

#include "runtime/daemon/admin/reads.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/daemon/service/cuts.h"
#include "runtime/host/real.h"
#include "runtime/journal/readers.h"
#include "runtime/journal/snapshots.h"
#include "base/memory.h"

void reads_journal_state(struct daemon *daemon, json_t *into)
{
    struct cuts_row row;
    uint64_t tail, began = engine_began(daemon->engine, &tail);
    json_t *object = json_object();
    cuts_read(daemon, &row);
    json_put_number(object, "first", row.first);
    json_put_number(object, "last", row.last);
    json_put_number(object, "bytes", row.journal_bytes);
    json_put_number(object, "free_bytes", row.free_bytes);
    json_put_number(object, "began_from", began);
    json_put_number(object, "began_tail", tail);
    json_put_number(object, "snapshot", row.batch);
    json_put_number(object, "snapshot_bytes", row.bytes);
    json_put_number(object, "snapshot_age_us", row.age_us);
    json_put_number(object, "tail_batches", row.tail_batches);
    json_put_number(object, "tail_events", row.tail_events);
    json_put(object, "cutting", json_boolean(row.under_way));
    json_put(object, "failed", row.why ? json_text_of(span_of(row.why)) : json_null());
    json_put(into, "journal", object);
}

/* A snapshot whose head cannot be read is listed with the reason, and the others are listed all the same. Readers of
 * the journal on other machines are listed, too, with the batch up to which they have read. */
void reads_journal(struct daemon *daemon, json_t *into)
{
    struct snapshot_row *rows = memory_zeroed(SNAPSHOTS_MAX, sizeof *rows);
    json_t *list = json_array();
    size_t count = snapshots_list(daemon->conf->state, rows);
    for (size_t i = 0; i < count; i++) {
        struct snapshot_head head;
        struct error why = {0};
        struct stat found;
        json_t *object = json_object();
        bool good = snapshot_head_read(rows[i].path, &head, &why);
        json_put_number(object, "batch", rows[i].number);
        json_put_number(object, "bytes", rows[i].bytes);
        json_put_number(object, "cut_us",
                        stat(rows[i].path, &found) == 0 ? (uint64_t)found.st_mtim.tv_sec * 1000000 : (uint64_t)0);
        json_put(object, "head", good ? json_string("good") : json_text_of(span_of(why.text)));
        json_append(list, object);
    }
    free(rows);
    struct readers_row readers[READERS_MAX];
    json_t *who = json_array();
    for (size_t i = 0, read = readers_list(daemon->conf->state, host_wall_clock_us(), readers); i < read; i++) {
        json_t *object = json_object();
        json_put(object, "name", json_text_of(span_of(readers[i].name)));
        json_put_number(object, "batch", readers[i].batch);
        json_put_number(object, "silent_us", readers[i].silent_us);
        json_append(who, object);
    }
    reads_journal_state(daemon, into);
    json_put(into, "snapshots", list);
    json_put(into, "readers", who);
}

void reads_journal_list_fill(struct asking *asking)
{
    reads_journal(asking->daemon, asking->into);
}

/* `last` and the batch of the node are read one after the other, so the node may seem ahead of `last`. */
static void cluster_node_append(json_t *list, const struct batches_node *node, uint64_t last)
{
    json_t *object = json_object();
    json_put(object, "name", json_text_of(span_of(node->name)));
    json_put(object, "role", json_string(lead_role_name(node->leads ? LEAD_LEADER : LEAD_FOLLOWER)));
    json_put_number(object, "term", node->term);
    json_put_number(object, "batch", node->batch);
    json_put_number(object, "behind", last > node->batch ? last - node->batch : 0);
    json_put_number(object, "silent_us", node->age_us);
    json_append(list, object);
}

/* Writes first the state of this process, then the nodes that the store knows. */
void reads_cluster_fill(struct asking *asking)
{
    struct lead_row row;
    json_t *list = json_array();
    lead_read(asking->daemon, &row);
    json_put(asking->into, "role", json_string(lead_role_name(row.role)));
    json_put_number(asking->into, "lease_ms", row.lease_ms);
    json_put_number(asking->into, "batch", row.batch);
    json_put_number(asking->into, "last", row.last);
    json_put_number(asking->into, "silent_us", row.quiet_us);
    json_put_number(asking->into, "unled_us", row.unled_us);
    if (row.unled_us > 0) json_put(asking->into, "why", json_text_of(span_of(row.why)));
    json_put_number(asking->into, "copies", row.copies);
    json_put(asking->into, "away", json_boolean(row.away));
    if (row.aside_us > 0) json_put_number(asking->into, "aside_us", row.aside_us);
    if (row.waits) json_put(asking->into, "waits", json_text_of(span_of(row.waits)));
    for (size_t i = 0; i < row.node_count; i++) cluster_node_append(list, &row.nodes[i], row.last);
    json_put(asking->into, "nodes", list);
}
