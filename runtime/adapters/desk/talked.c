/* runtime/adapters/desk/talked.c - Telephone calls without an end in the contact store: the desk that should have
 * noted it was killed during the call, or the core's journal began anew. */
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/post/unended.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/rows.h"

enum { CONN_DIGITS = 16 };

static bool phone_has(const struct desk *desk, const char *conn)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &value))
        if (phone_has_call(value, conn)) return true;
    return false;
}

/* Asks the core about a call. The call's name in the store is its ConnID and the journal in which the ConnID was given
 * (desk_keep_call()). */
static bool talked_ask(void *self, const struct unended_row *row, struct writer *writer, const char **result)
{
    const struct desk *desk = self;
    char own[16], conn[CONN_DIGITS + 1] = "";
    const char *journal = strchr(row->external_id, '#');
    snprintf(own, sizeof own, "#%08x", (unsigned)(uint32_t)desk->services->journal(desk->link));
    if (!journal || journal - row->external_id != CONN_DIGITS) return false; /* the row is not one of a desk */
    if (strcmp(journal, own) != 0) {
        *result = "lost";
        return false;
    }
    memcpy(conn, row->external_id, CONN_DIGITS);
    if (phone_has(desk, conn)) return false;
    writer_u(writer, Read_what, object_interaction);
    writer_text(writer, Read_name, conn);
    return true;
}

/* Returns how the call ended; NULL: it has not. The call's row is made when an agent begins to talk. */
static const char *talked_became(void *self, const struct unended_row *row, struct span answer)
{
    struct kv_value found;
    (void)self, (void)row;
    return kv_get(answer, "state", &found) ? NULL : "answered";
}

static bool talked_end(void *self, struct store *store, int64_t interaction, const char *result, int64_t wall_us,
                       struct error *error)
{
    (void)self;
    return store_over(store, interaction, result, wall_us, error);
}

static bool talked_work(struct store *store, struct desk_job *job)
{
    return job->errand.work(job->errand.self, store, &job->error);
}

static void talked_done(struct desk *desk, struct desk_job *job)
{
    (void)desk;
    job->errand.done(job->errand.self, job->good, &job->error);
}

static void talked_give(void *desk, const struct post_errand *errand)
{
    struct desk_job *job = desk_job_new(desk, NULL);
    job->errand = *errand, job->work = talked_work, job->done = talked_done;
    desk_job_give(desk, job);
}

struct unended *talked_new(struct desk *desk)
{
    const struct unended_calls calls = {desk, talked_ask, talked_became, talked_end};
    return unended_new(desk->link, desk->services, "voice", &calls, talked_give);
}
