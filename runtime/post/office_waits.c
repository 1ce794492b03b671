/* runtime/post/office_waits.c - Items for which no core asks: they wait only in the book if too many are in memory, and
 * after a restart. The items are read page by page, in their order. */
#include <assert.h>

#include "runtime/adapter/worker.h"
#include "runtime/post/office_state.h"
#include "runtime/vocabulary/bytes.h"
#include "base/why.h"

enum { STRAYS_S = 60, STRAYS_AGAIN_S = 3600 };

/* Takes an item that has waited in the book: an application's, or one of our own. An item that an application has asked
 * for again is in memory already, and is not taken twice. */
static void going_left(struct office *office, const struct post_left *left)
{
    struct post_sending *sending = office_sending_new(office, 0, span_of(left->msg_id), g_strdup(left->text));
    sending->journal = left->journal;
    sending->item = left->item;
    g_strlcpy(sending->digest, left->digest, sizeof sending->digest);
    sending->notice = g_str_has_prefix(left->msg_id, NOTICE_OF);
    text_set(sending->own, sizeof sending->own, left->own);
    text_set(sending->customer, sizeof sending->customer, left->customer);
    office_send_once(office, sending);
}

/* Logs an item that the book has noted as failed or unknown. */
static void going_lost(struct office *office, const struct post_left *left)
{
    office->services->log(office->link, GCX_LOG_WARNING, 0, 0, "%s %s: %s", office->way->noun, left->msg_id,
                          left->gone   ? "not sent: the contact store does not have its text or customer any more"
                          : left->late ? "not sent: it has waited too long"
                                       : "it was on its way when the process ended: nobody knows");
    office->services->count(office->link, office->failed, 1);
}

void waits_page(struct office *office)
{
    if (office->behind == 0 || office->paging || office->ends || office_now(office) < office->page_us) return;
    if (g_hash_table_size(office->going) > office->most / 2) return;
    struct post_coming *job = office_job(office, OFFICE_PAGE);
    job->after = office->after;
    job->found = post_left_new();
    office->paging = true;
    office_job_give(job);
}

/* Takes a page of items; those that were ordered meanwhile come after them. */
void waits_paged(struct office *office, struct post_coming *job)
{
    office->paging = false;
    if (!job->good) {
        office->page_us = office_now(office) + OFFICE_SECOND_US;
        office->services->log(office->link, GCX_LOG_ERROR, 0, 0, "%ss that wait are not read: contact store: %s",
                              office->way->noun, job->error.text);
    }
    for (guint i = 0; i < job->found->len && job->good; i++) {
        const struct post_left *left = job->found->pdata[i];
        office->after = MAX(office->after, left->item);
        if (left->gone || left->late)
            going_lost(office, left);
        else
            going_left(office, left);
    }
    if (job->good) {
        office->after = MAX(office->after, job->after);
        office->behind = job->after == 0 ? 0 : MAX(office->behind - POST_PAGE, 1);
    }
    post_coming_free(job);
}

/* Must this item wait only in the book, and be read with a page later, because too many are in memory? False for an
 * item whose row comes before the end of the last page: that item is sent from memory. */
bool waits_in_book(struct office *office, const struct post_sending *sending)
{
    bool may = sending->ixn == 0 && sending->conn == 0 && !sending->notice && !sending->unkept && !sending->begun;
    bool full = office->behind > 0 || g_hash_table_size(office->going) > office->most;
    if (may && full && sending->item > office->after) {
        office->behind++;
        return true;
    }
    if (office->behind == 0) office->after = MAX(office->after, sending->item);
    return false;
}

/* Goes on after a restart: items that were being sent when the last process ended get their result at once, and
 * those that wait are read page by page. */
bool waits_resume(struct office *office, char *why, size_t why_size)
{
    struct error error;
    int64_t after = 0;
    bool good;
    if (!office->way->send) return true;         /* nothing goes by it */
    assert(worker_waiting(office->worker) == 0); /* later only the thread uses the book */
    do {
        GPtrArray *page = post_left_new();
        good = postbook_resume(office->book, POST_OUT_begun, office_wall(office), 0, &after, page, &error);
        for (guint i = 0; good && i < page->len; i++) going_lost(office, page->pdata[i]);
        g_ptr_array_free(page, TRUE);
    } while (good && after > 0);
    good = good && postbook_waiting(office->book, &office->behind, &error);
    if (good && office->behind > 0)
        office->services->log(office->link, GCX_LOG_INFO, 0, 0, "%lld %ss wait in the contact store",
                              (long long)office->behind, office->way->noun);
    return good || why_set(why, why_size, "store: %s", error.text);
}

/* ---- items that no core asks for any more ---- */

void waits_strays_after(struct office *office)
{
    office->strays_us = office_now(office) + STRAYS_S * OFFICE_SECOND_US;
    office->strays_after = 0;
}

static void strays_add_key(gpointer key, gpointer value, gpointer keys)
{
    const struct post_sending *sending = value;
    (void)key;
    g_hash_table_add(keys, post_going_key(sending->ixn, span_of(sending->msg_id)));
}

void waits_strays(struct office *office)
{
    if (office->strays_us == 0 || office->ends) return;
    if (!office->services->up(office->link)) waits_strays_after(office); /* the core asks again when it is back */
    if (office_now(office) < office->strays_us) return;
    struct post_coming *job = office_job(office, OFFICE_STRAYS);
    office->strays_us = 0;
    job->going = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_foreach(office->going, strays_add_key, job->going);
    job->after = office->strays_after;
    job->journal = office->services->journal(office->link);
    office_job_give(job);
}

void waits_strays_done(struct office *office, struct post_coming *job)
{
    if (!job->good) waits_strays_after(office);
    if (job->good && job->count > 0)
        office->services->log(office->link, GCX_LOG_WARNING, 0, 0,
                              "%u %ss of before are over in the contact store, as no core asks for them any more",
                              job->count, office->way->noun);
    if (job->good) {
        office->strays_after = job->after;
        office->strays_us = office_now(office) + (job->after > 0 ? 0 : STRAYS_AGAIN_S * (uint64_t)OFFICE_SECOND_US);
    }
    post_coming_free(job);
}
