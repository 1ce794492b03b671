/* runtime/daemon/admin/reads_journal.c - The journal and its snapshots as JSON. On the loop's thread. */
#include "config.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "runtime/daemon/admin/reads.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/daemon/service/cuts.h"
#include "runtime/host/real.h"
#include "runtime/journal/readers.h"
#include "runtime/journal/snapshots.h"
#include "runtime/vocabulary/memory.h"

void reads_journal_state(struct daemon *daemon, json_t *into)
{
    struct cuts_row row;
    uint64_t tail, began = engine_began(daemon->engine, &tail);
    json_t *object = json_object();
    cuts_read(daemon, &row);
    put_number(object, "first", row.first);
    put_number(object, "last", row.last);
    put_number(object, "bytes", row.journal_bytes);
    put_number(object, "free_bytes", row.free_bytes);
    put_number(object, "began_from", began);
    put_number(object, "began_tail", tail);
    put_number(object, "snapshot", row.batch);
    put_number(object, "snapshot_bytes", row.bytes);
    put_number(object, "snapshot_age_us", row.age_us);
    put_number(object, "tail_batches", row.tail_batches);
    put_number(object, "tail_events", row.tail_events);
    put(object, "cutting", json_boolean(row.under_way));
    put(object, "failed", row.why ? text_of(span_of(row.why)) : json_null());
    put(into, "journal", object);
}

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
        put_number(object, "batch", rows[i].number);
        put_number(object, "bytes", rows[i].bytes);
        put_number(object, "cut_us",
                   stat(rows[i].path, &found) == 0 ? (uint64_t)found.st_mtim.tv_sec * 1000000 : (uint64_t)0);
        put(object, "head", good ? json_string("good") : text_of(span_of(why.text)));
        append(list, object);
    }
    free(rows);
    struct readers_row readers[READERS_MAX];
    json_t *who = json_array();
    for (size_t i = 0, read = readers_list(daemon->conf->state, clock_wall_us(), readers); i < read; i++) {
        json_t *object = json_object();
        put(object, "name", text_of(span_of(readers[i].name)));
        put_number(object, "batch", readers[i].batch);
        put_number(object, "silent_us", readers[i].silent_us);
        append(who, object);
    }
    reads_journal_state(daemon, into);
    put(into, "snapshots", list);
    put(into, "readers", who);
}

void journal_list_fill(struct asking *asking)
{
    reads_journal(asking->daemon, asking->into);
}
