/* runtime/adapters/desk/traces.c - What of the contact store leads to interactions in the records: the addresses of
 * contacts whose name or address is meant, their interactions, and interactions with these words in their texts. Work
 * of the store's thread.
 *
 *     of     what was asked for, and the addresses: the records know by whom each interaction came
 *     among  a page of interactions, newest first, which goes on where `received` and `interaction` say
 *
 * The records choose the days that are asked for. The store may have written down an interaction earlier or later than
 * the router got it, so it is asked for a day more at each end. */
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/found.h"

#define TENANT ""
enum { TRACED_CONTACTS = 20, TRACED_PAGE = 100 };
_Static_assert((int)TRACED_PAGE <= (int)FOUND_AMONG_MAX, "one question takes a page of interactions");
#define DAY_US (INT64_C(86400) * 1000000)

struct traced {
    int64_t received, interaction;
    char ixn[40]; /* empty: it has none, or is closed to who asks */
};

struct traces {
    struct desk_closed closed;
    int64_t contacts[TRACED_CONTACTS];
    size_t count, found_contacts; /* found_contacts: with those that are closed */
    bool left;                    /* there are more contacts, or addresses of theirs */
    GHashTable *known;            /* a set of texts, owned: those in `names` */
    GString *names, *among;
    GArray *found; /* struct traced */
};

static void desk_trace_put(struct traces *traces, struct span text)
{
    if (text.length == 0 || memchr(text.bytes, '\n', text.length)) return;
    char *name = g_strndup((const char *)text.bytes, text.length);
    if (g_hash_table_contains(traces->known, name) || g_hash_table_size(traces->known) >= FOUND_NAMES_MAX) {
        traces->left |= !g_hash_table_contains(traces->known, name);
        g_free(name);
        return;
    }
    g_hash_table_add(traces->known, name);
    g_string_append(traces->names, name);
    g_string_append_c(traces->names, '\n');
}

static void desk_trace_contact(void *self, const struct store_contact *contact)
{
    struct traces *traces = self;
    traces->left |= ++traces->found_contacts > TRACED_CONTACTS;
    if (!acts_closed_has(&traces->closed, contact->contact) && traces->count < TRACED_CONTACTS)
        traces->contacts[traces->count++] = contact->contact;
}

static void desk_trace_detail(void *self, struct span kind, struct span name, struct span value)
{
    (void)value;
    if (!span_is(kind, "field")) desk_trace_put(self, name);
}

static void desk_trace_interaction(void *self, const struct store_shown *shown)
{
    struct traces *traces = self;
    struct traced one = {.received = shown->received, .interaction = shown->interaction};
    bool closed = !shown->unverified && acts_closed_has(&traces->closed, shown->contact);
    if (!closed && shown->ixn.length > 0 && shown->ixn.length < sizeof one.ixn &&
        !memchr(shown->ixn.bytes, '\n', shown->ixn.length))
        memcpy(one.ixn, shown->ixn.bytes, shown->ixn.length);
    g_array_append_val(traces->found, one);
}

/* The beginning of a day in UTC, so many days later; `otherwise`, where the text is none. */
static int64_t traces_day(const char *text, int days, int64_t otherwise)
{
    int year, month, day;
    GDateTime *begins =
        sscanf(text, "%4d-%2d-%2d", &year, &month, &day) == 3 ? g_date_time_new_utc(year, month, day, 0, 0, 0) : NULL;
    int64_t us = begins ? g_date_time_to_unix(begins) * 1000000 + days * DAY_US : otherwise;
    g_clear_pointer(&begins, g_date_time_unref);
    return us;
}

/* The page begins behind the place that is asked for; the first one at the end of the days. One row more than a page
 * tells whether there is another one. */
static struct store_page traces_page(const struct desk_job *job)
{
    int64_t end = traces_day(desk_text(job->params, "to"), 2, INT64_MAX),
            last = traces_day(desk_text(job->params, "to"), 0, job->wall_us);
    struct store_page page = {.received = desk_job_number(job, "received"),
                              .interaction = desk_job_number(job, "interaction"),
                              .limit = TRACED_PAGE + 1};
    if (page.interaction == 0) page.received = end, page.interaction = INT64_MAX;
    page.from = traces_day(desk_text(job->params, "from"), -1, last - (FOUND_DAYS + 2) * DAY_US);
    return page;
}

/* Takes the addresses of the contacts, and of each a page of its interactions. */
static bool traces_of_contacts(struct store *store, struct desk_job *job, struct traces *traces)
{
    bool good = true;
    for (size_t i = 0; i < traces->count && good; i++) {
        struct store_page page = traces_page(job);
        good = store_details(store, traces->contacts[i], desk_trace_detail, traces, &job->error) &&
               store_history(store, traces->contacts[i], &page, desk_trace_interaction, traces, &job->error);
    }
    return good;
}

static int traced_order(const void *a, const void *b)
{
    const struct traced *one = a, *other = b;
    if (one->received != other->received) return one->received > other->received ? -1 : 1;
    return (one->interaction < other->interaction) - (one->interaction > other->interaction);
}

/* Each list began at the same place: of all together the newest ones are the page. */
static void traces_put_page(struct traces *traces, json_t *params)
{
    const struct traced *last = NULL;
    size_t count = 0;
    bool more = false;
    g_array_sort(traces->found, traced_order);
    for (guint i = 0; i < traces->found->len; i++) {
        const struct traced *one = &g_array_index(traces->found, struct traced, i);
        if (last && last->interaction == one->interaction) continue; /* two lists have it */
        more = count++ == TRACED_PAGE;
        if (more) break;
        last = one;
        if (*one->ixn) g_string_append_printf(traces->among, "%s\n", one->ixn);
    }
    if (last) json_object_set_new(params, "received", json_integer(last->received));
    if (last) json_object_set_new(params, "interaction", json_integer(last->interaction));
    json_object_set_new(params, "traced_more", json_boolean(more));
    json_object_set_new(params, "customers_more", json_boolean(traces->left));
    json_object_set_new(params, "of", json_string(traces->names->str));
    json_object_set_new(params, "among", json_string(traces->among->str));
}

bool desk_keep_traces(struct store *store, struct desk_job *job)
{
    struct span words = desk_job_span(job, "q");
    struct store_page page = traces_page(job);
    struct traces traces = {.known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                            .names = g_string_new(NULL),
                            .among = g_string_new(NULL),
                            .found = g_array_new(FALSE, FALSE, sizeof(struct traced))};
    desk_trace_put(&traces, words); /* what is asked for may itself be a number */
    bool good = acts_closed_read(store, job, &traces.closed) &&
                store_contacts(store, TENANT, words, TRACED_CONTACTS + 1, desk_trace_contact, &traces, &job->error) &&
                traces_of_contacts(store, job, &traces) &&
                store_search(store, TENANT, words, &page, desk_trace_interaction, &traces, &job->error);
    if (good) traces_put_page(&traces, job->params);
    g_hash_table_destroy(traces.known);
    g_string_free(traces.names, TRUE);
    g_string_free(traces.among, TRUE);
    g_array_free(traces.found, TRUE);
    return good;
}
