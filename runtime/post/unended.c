/* runtime/post/unended.c - Asks the core about each open interaction of the contact store, and ends those that no
 * core has. The thread of the owner uses the store; the loop asks the core and takes its answers.
 *
 * A look is done so: the thread lists a page of open interactions; the loop asks the core about each row (`asked`),
 * and the thread ends a row that the core does not have. The next page is listed when all rows of the page are
 * answered. `after` is the last row of a full page, and 0 when the list is at its end. */
#include "runtime/post/unended.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>

#include "runtime/post/office.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "runtime/vocabulary/rows.h"

enum { PAGE = 50, PAUSE_FIRST_S = 2, PAUSE_MAX_S = 60, SERVE_S = STORE_LEASE_S / 3, TWIN_LOOKS = 4 };
#define TOKENS (UINT64_C(1) << 62) /* higher than the tokens of the plugin's other questions */

struct unended_job { /* a job of the thread: notes that the core is alive, lists a page, or notes an end */
    struct unended *unended;
    uint64_t journal;
    unsigned domain;
    bool serves, twin; /* twin: another core of the same domain is alive, or was until a moment ago */
    int64_t after, interaction, wall_us;
    const char *result; /* NULL: the job lists a page */
    GPtrArray *page;    /* of struct unended_row */
    bool good;
    struct error error;
};

struct unended {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct unended_calls calls;
    void (*give)(void *self, const struct post_errand *);
    bool (*full)(void *self); /* NULL: it never is */
    const char *media;
    struct writer writer;
    GHashTable *asked; /* of struct unended_asked, by token: open questions to the core */
    int64_t after;     /* the last row of the current page */
    /* lists, serves: a job that lists a page, or notes that the core is alive, is at the thread */
    bool up, lists, serves;
    unsigned second;
    unsigned pause_s, left_s; /* seconds between two looks; seconds until the next */
    unsigned twins;           /* how many looks have found another core of the domain alive since the link came up */
};

struct unended_asked {
    uint64_t token;
    struct unended_row row; /* a copy of the row, with copies of its texts */
};

static void unended_row_clear(struct unended_row *row)
{
    g_free((char *)row->external_id);
    g_free((char *)row->ixn);
    g_free((char *)row->result);
}

static void unended_row_free(gpointer data)
{
    unended_row_clear(data);
    g_free(data);
}

static void unended_asked_free(gpointer data)
{
    struct unended_asked *asked = data;
    unended_row_clear(&asked->row);
    g_free(asked);
}

static void unended_job_free(void *given)
{
    struct unended_job *job = given;
    if (job->page) g_ptr_array_unref(job->page);
    free(job);
}

static struct unended_job *unended_job_new(struct unended *unended)
{
    struct unended_job *job = memory_zeroed(1, sizeof *job);
    job->unended = unended;
    job->wall_us = (int64_t)unended->services->wall_us(unended->link);
    job->journal = unended->services->journal(unended->link);
    job->domain = unended->services->domain(unended->link);
    return job;
}

/* ---- in the thread ---- */

static void unended_row_take(void *self, const struct store_shown *shown)
{
    struct unended_row *row = g_new0(struct unended_row, 1);
    row->interaction = shown->interaction;
    row->received = shown->received;
    row->journal = shown->journal;
    row->told = shown->ixn.length > 0;
    row->erased = shown->erased != 0;
    row->out = span_is(shown->direction, "out");
    row->by_agent = shown->agent.length > 0;
    row->result = g_strndup((const char *)shown->result.bytes, shown->result.length);
    row->ixn = g_strndup((const char *)shown->ixn.bytes, shown->ixn.length);
    row->external_id = g_strndup((const char *)shown->external_id.bytes, shown->external_id.length);
    g_ptr_array_add(self, row);
}

static bool unended_do(void *given, struct store *store, struct error *error)
{
    struct unended_job *job = given;
    const struct unended *unended = job->unended;
    if (job->result)
        return unended->calls.end(unended->calls.self, store, job->interaction, job->result, job->wall_us, error);
    if (job->journal != 0 && !store_serve(store, job->journal, job->domain, error)) return false;
    if (job->serves) return true;
    job->page = g_ptr_array_new_with_free_func(unended_row_free);
    return store_has_twin(store, job->journal, &job->twin, error) &&
           store_unended(store, "", unended->media, job->journal, job->after, PAGE, unended_row_take, job->page, error);
}

/* ---- in the loop ---- */

static void unended_done(void *job, bool good, const struct error *);

static void unended_give(struct unended *unended, struct unended_job *job)
{
    unended->give(
        unended->calls.self,
        &(struct post_errand){.self = job, .work = unended_do, .done = unended_done, .free = unended_job_free});
}

static void page_list(struct unended *unended)
{
    struct unended_job *job = unended_job_new(unended);
    job->after = unended->after;
    unended->lists = true;
    unended_give(unended, job);
}

static void row_end(struct unended *unended, int64_t interaction, const char *result)
{
    assert(result && interaction != 0);
    struct unended_job *job = unended_job_new(unended);
    job->interaction = interaction;
    job->result = result;
    unended_give(unended, job);
}

/* Asks the core about an open interaction, or ends its row. If the core is away, the row is listed again when the
 * core is back. */
static void row_ask(struct unended *unended, const struct unended_row *row)
{
    const char *result = NULL;
    static uint64_t tokens; /* shared by all instances, because those on one link get each other's answers */
    uint64_t token = TOKENS + ++tokens;
    writer_clear(&unended->writer);
    writer_begin(&unended->writer, KIND_Read);
    writer_u(&unended->writer, Read_token, token);
    bool asks = unended->calls.ask(unended->calls.self, row, &unended->writer, &result);
    assert(row->interaction != 0);
    if (!asks && result) row_end(unended, row->interaction, result);
    if (!asks || !unended->services->read(unended->link, writer_end(&unended->writer))) return;
    struct unended_asked *asked = g_new0(struct unended_asked, 1);
    *asked = (struct unended_asked){token, *row};
    asked->row.external_id = g_strdup(row->external_id), asked->row.ixn = g_strdup(row->ixn);
    asked->row.result = g_strdup(row->result);
    g_hash_table_replace(unended->asked, &asked->token, asked);
}

/* Lists the next page once the last one is answered, so that the core does not get thousands of questions at once. */
void unended_go_on(struct unended *unended)
{
    if (unended->lists || g_hash_table_size(unended->asked) > 0 || unended->after == 0) return;
    if (unended->full && unended->full(unended->calls.self)) return;
    page_list(unended);
}

void unended_limit(struct unended *unended, bool (*full)(void *self))
{
    unended->full = full;
}

void unended_hurry(struct unended *unended)
{
    unended->pause_s = PAUSE_FIRST_S;
    unended->left_s = MIN(unended->left_s, unended->pause_s);
}

bool unended_looks(const struct unended *unended)
{
    return unended->lists || g_hash_table_size(unended->asked) > 0 || unended->after != 0;
}

/* Counts looks that found a twin (another core of the same domain that is alive), and warns. A core whose state was
 * lost leaves a twin behind until its lease has expired. */
static void twin_seen(struct unended *unended, const struct unended_job *job)
{
    if (!job->twin || job->after != 0 || ++unended->twins != TWIN_LOOKS) return;
    unended->services->log(unended->link, GCX_LOG_ERROR, 0, 0,
                           "reconcile: another core of selection domain %u lives with the same contact store: what is "
                           "open there of either one is left alone only while it lives; give each a `partition` of its "
                           "own in gcxvm.conf",
                           job->domain);
}

static void page_took(struct unended *unended, const struct unended_job *job)
{
    assert(!job->good || job->page);
    unended->lists = false;
    if (!job->good || !unended->up) {
        unended->after = 0;
        return;
    }
    twin_seen(unended, job);
    unended->after = job->page->len == PAGE ? ((struct unended_row *)job->page->pdata[PAGE - 1])->interaction : 0;
    for (guint at = 0; at < job->page->len; at++) row_ask(unended, job->page->pdata[at]);
    unended_go_on(unended);
}

/* Takes the result of a job: a page, an end or a sign of life. */
static void unended_done(void *given, bool good, const struct error *error)
{
    struct unended_job *job = given;
    struct unended *unended = job->unended;
    job->good = good;
    if (job->serves) {
        unended->serves = false; /* after a failure the probe reports that the store is away */
        return;
    }
    if (!job->result) page_took(unended, job);
    if (job->result && good)
        unended->services->log(unended->link, GCX_LOG_WARNING, 0, 0,
                               "reconcile: interaction %lld of the contact store, %s, has no end there, and the core "
                               "does not have it: it is ended there as `%s`",
                               (long long)job->interaction, unended->media, job->result);
    if (!good) unended->services->log(unended->link, GCX_LOG_WARNING, 0, 0, "reconcile: %s", error->text);
}

bool unended_answered(struct unended *unended, const struct message *read_reply)
{
    uint64_t token = message_u(read_reply, ReadReply_token);
    const struct unended_asked *asked = g_hash_table_lookup(unended->asked, &token);
    if (token < TOKENS) return false;
    if (!asked) return true;
    const char *result =
        unended->calls.became(unended->calls.self, &asked->row, message_text(read_reply, ReadReply_value));
    if (result) row_end(unended, asked->row.interaction, result);
    g_hash_table_remove(unended->asked, &token);
    unended_go_on(unended);
    return true;
}

void unended_core_up(struct unended *unended, bool up)
{
    g_hash_table_remove_all(unended->asked);
    unended->up = up;
    unended->after = unended->twins = 0;
    unended->left_s = unended->pause_s = PAUSE_FIRST_S; /* meanwhile the core learns which interactions it still has */
}

/* Notes regularly that the core is alive, so that other cores leave its interactions alone. */
static void core_serve(struct unended *unended)
{
    if (!unended->up || unended->serves || unended->second++ % SERVE_S != 0) return;
    struct unended_job *job = unended_job_new(unended);
    job->serves = unended->serves = true;
    unended_give(unended, job);
}

void unended_tick(struct unended *unended)
{
    core_serve(unended);
    if (!unended->up || unended_looks(unended) || --unended->left_s > 0) return;
    unended->pause_s = MIN(2 * unended->pause_s, PAUSE_MAX_S);
    unended->left_s = unended->pause_s;
    unended->after = 0;
    page_list(unended);
}

/* ---- begin and end ---- */

struct unended *unended_new(struct gcx_link *link, const struct gcx_services *services, const char *media,
                            const struct unended_calls *calls, void (*give)(void *self, const struct post_errand *))
{
    struct unended *unended = memory_zeroed(1, sizeof *unended);
    unended->link = link;
    unended->services = services;
    unended->calls = *calls;
    unended->give = give;
    unended->media = media;
    unended->left_s = unended->pause_s = PAUSE_FIRST_S;
    unended->asked = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, unended_asked_free);
    writer_init(&unended->writer);
    return unended;
}

void unended_free(struct unended *unended)
{
    if (!unended) return;
    g_hash_table_destroy(unended->asked);
    writer_free(&unended->writer);
    free(unended);
}

/* May the core have forgotten the row? The core remembers the interactions that have ended last. The core's numbers
 * only go up, so a number above its newest one belongs to a state that was lost. */
bool unended_may_have_ended(const struct unended_row *row, uint64_t journal, struct span answer)
{
    struct kv_value newest, forgets;
    char text[IXN_TEXT + 1];
    uint64_t last, own;
    if (!row->told || row->journal != journal || !ident_read_ixn(row->ixn, &own)) return false;
    if (!kv_get(answer, "forgets", &forgets)) return false;
    return kv_get(answer, "newest", &newest) && text_set_span(text, sizeof text, newest.span) &&
           ident_read_ixn(text, &last) && own <= last;
}
