/* runtime/adapters/desk/traces.c - What of the contact store leads to interactions in the records: the addresses and
 * interactions of contacts whose name or address is meant, and interactions with these words in their texts. Work of
 * the store's thread. */
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/store/store.h"

#define TENANT ""
enum { TRACED_CONTACTS = 5, TRACED_OF_CONTACT = 10, TRACED_TEXTS = 40, TRACES_MAX = 60 };

struct traces {
    struct desk_closed closed;
    int64_t contacts[TRACED_CONTACTS];
    size_t count;
    GHashTable *known; /* a set of texts, owned: addresses and interactions */
    GString *lines;
};

static void desk_trace_put(struct traces *traces, struct span text)
{
    if (text.length == 0 || g_hash_table_size(traces->known) >= TRACES_MAX || memchr(text.bytes, '\n', text.length))
        return;
    char *name = g_strndup((const char *)text.bytes, text.length);
    if (!g_hash_table_add(traces->known, name)) return; /* it has freed the name */
    g_string_append(traces->lines, name);
    g_string_append_c(traces->lines, '\n');
}

static void desk_trace_contact(void *self, const struct store_contact *contact)
{
    struct traces *traces = self;
    if (traces->count < TRACED_CONTACTS && !acts_closed_has(&traces->closed, contact->contact))
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
    if (!shown->unverified && acts_closed_has(&traces->closed, shown->contact)) return;
    desk_trace_put(traces, shown->ixn);
}

/* Takes what the contacts have: what they wrote or called last, and all their addresses. */
static bool traces_of_contacts(struct store *store, struct desk_job *job, struct traces *traces)
{
    bool good = true;
    for (size_t i = 0; i < traces->count && good; i++) {
        struct store_page page = {.limit = TRACED_OF_CONTACT};
        good = store_details(store, traces->contacts[i], desk_trace_detail, traces, &job->error) &&
               store_history(store, traces->contacts[i], &page, desk_trace_interaction, traces, &job->error);
    }
    return good;
}

/* Puts the names into `of`, each on a line of its own; what was asked for is the first one, as it may be a number. */
bool desk_keep_traces(struct store *store, struct desk_job *job)
{
    struct span words = desk_job_span(job, "q");
    struct store_page page = {.limit = TRACED_TEXTS};
    struct traces traces = {.known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    traces.lines = g_string_new(NULL);
    desk_trace_put(&traces, words);
    bool good = acts_closed_read(store, job, &traces.closed) &&
                store_contacts(store, TENANT, words, TRACED_CONTACTS, desk_trace_contact, &traces, &job->error) &&
                traces_of_contacts(store, job, &traces) &&
                store_search(store, TENANT, words, &page, desk_trace_interaction, &traces, &job->error);
    if (good) json_object_set_new(job->params, "of", json_string(traces.lines->str));
    g_hash_table_destroy(traces.known);
    g_string_free(traces.lines, TRUE);
    return good;
}
