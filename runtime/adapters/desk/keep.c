/* runtime/adapters/desk/keep.c - Reads from the store for browsers, in the store's thread: rows become JSON, times
 * milliseconds.
 *
 * A function here is a job's `work`: it runs in the store's thread, reads job->params, which were checked against the
 * contract, and writes its answer to job->out. The function knows nothing of sessions and browsers; all that it needs
 * of them is in the job. A number that came from outside is first checked to belong to the tenant, and not to be of a
 * contact who is closed to the agent (acts_contact, acts_interaction). */
#include <assert.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/store/store.h"
#include "base/out.h"

#define TENANT ""
enum { PART_MAX = 32 * 1024 * 1024, LINES = 200 };

/* ---- parameters of a job ---- */

static unsigned job_limit(const struct desk_job *job, unsigned usual)
{
    int64_t wanted = desk_job_number(job, "limit");
    return wanted > 0 ? (unsigned)wanted : usual;
}

static struct store_page page_of(const struct desk_job *job)
{
    return (struct store_page){.received = desk_job_number(job, "received"),
                               .interaction = desk_job_number(job, "interaction"),
                               .limit = job_limit(job, 50)};
}

/* Does the number in the parameters, if there is one, belong to this tenant? */
static bool job_owned(struct store *store, struct desk_job *job, enum store_of of, const char *key)
{
    return store_owns(store, TENANT, of, desk_job_number(job, key), &job->error);
}

/* ---- answers of a job ---- */

static void keep_put_number(json_t *object, const char *key, int64_t value)
{
    if (value != 0) json_object_set_new(object, key, json_integer(value));
}

static json_t *keep_interaction_json(const struct store_shown *shown)
{
    json_t *row = json_pack("{s:I, s:I}", "interaction", (json_int_t)shown->interaction, "received",
                            (json_int_t)(shown->received / 1000));
    if (shown->unverified)
        json_object_set_new(row, "unverified", json_true()); /* the contact of this address may be another person */
    else
        keep_put_number(row, "contact", shown->contact);
    keep_put_number(row, "parent", shown->parent);
    keep_put_number(row, "thread", shown->thread), keep_put_number(row, "ended", shown->ended / 1000);
    keep_put_number(row, "messages", shown->messages), keep_put_number(row, "parts", shown->parts);
    desk_put_text(row, "media", shown->media), desk_put_text(row, "external_id", shown->external_id);
    desk_put_text(row, "direction", shown->direction), desk_put_text(row, "ixn", shown->ixn);
    desk_put_text(row, "address", shown->address), desk_put_text(row, "subject", shown->subject);
    desk_put_text(row, "agent", shown->agent), desk_put_text(row, "result", shown->result);
    desk_put_text(row, "excerpt", shown->excerpt);
    desk_put_agents(row, shown->agents);
    if (shown->mark.length > 0) json_object_set_new(row, "mark", json_integer(shown->mark.bytes[0] - '0'));
    return row;
}

static void take_interaction(void *self, const struct store_shown *shown)
{
    json_array_append_new(self, keep_interaction_json(shown));
}

static void take_one(void *self, const struct store_shown *shown)
{
    ((struct desk_job *)self)->out = keep_interaction_json(shown);
}

/* Answers a page of rows; a full page also has the place where the next page begins. */
static bool answer_page(struct desk_job *job, const char *name, json_t *rows, const struct store_page *page, bool good)
{
    assert(!job->out);
    job->out = json_pack("{s:o}", name, rows);
    if (json_array_size(rows) >= page->limit)
        json_object_set_new(job->out, "next",
                            json_pack("{s:I, s:I}", "received", (json_int_t)page->received, "interaction",
                                      (json_int_t)page->interaction));
    return good;
}

static bool job_answer_rows(struct desk_job *job, const char *name, json_t *rows, bool good)
{
    assert(!job->out);
    job->out = json_pack("{s:o}", name, rows);
    return good;
}

/* ---- contacts ---- */

struct kept_rows { /* rows of a list, without those of contacts who are closed to the agent */
    json_t *rows;
    struct desk_closed closed;
    bool left_out;
};

static void take_contact(void *self, const struct store_contact *contact)
{
    struct kept_rows *kept = self;
    kept->left_out |= acts_closed_has(&kept->closed, contact->contact);
    if (acts_closed_has(&kept->closed, contact->contact)) return;
    json_t *row = json_pack("{s:I, s:s}", "contact", (json_int_t)contact->contact, "name", "");
    desk_put_text(row, "name", contact->name);
    json_array_append_new(kept->rows, row);
}

static void keep_put_closed(struct desk_job *job, const struct kept_rows *kept)
{
    if (kept->left_out) json_object_set_new(job->out, "closed", json_true());
}

bool desk_keep_contacts(struct store *store, struct desk_job *job)
{
    struct kept_rows kept = {.rows = json_array()};
    bool good =
        acts_closed_read(store, job, &kept.closed) &&
        store_contacts(store, TENANT, desk_job_span(job, "q"), job_limit(job, 50), take_contact, &kept, &job->error);
    good = job_answer_rows(job, "contacts", kept.rows, good);
    keep_put_closed(job, &kept);
    return good;
}

static void take_whole(void *self, const struct store_contact *contact)
{
    struct desk_job *job = self;
    job->out =
        json_pack("{s:I, s:s, s:[], s:{}}", "contact", (json_int_t)contact->contact, "name", "", "addresses", "fields");
    desk_put_text(job->out, "name", contact->name);
    json_object_set_new(job->out, "changed", json_integer(contact->changed));
    keep_put_number(job->out, "made", contact->made / 1000),
        keep_put_number(job->out, "merged_into", contact->merged_into);
}

static void take_detail(void *self, struct span kind, struct span name, struct span value)
{
    json_t *whole = ((struct desk_job *)self)->out;
    if (span_is(kind, "field")) {
        json_object_setn_new(json_object_get(whole, "fields"), (const char *)name.bytes, name.length,
                             json_stringn((const char *)value.bytes, value.length));
        return;
    }
    json_t *row = json_object();
    desk_put_text(row, "kind", kind), desk_put_text(row, "address", name), desk_put_text(row, "shown", value);
    json_array_append_new(json_object_get(whole, "addresses"), row);
}

bool desk_keep_contact(struct store *store, struct desk_job *job)
{
    return acts_contact(store, job, "contact") &&
           store_contact(store, desk_job_number(job, "contact"), take_whole, job, &job->error) &&
           store_details(store, desk_job_number(job, "contact"), take_detail, job, &job->error) &&
           thread_put_refusals(store, job) && acts_put(store, job);
}

/* ---- interactions ---- */

bool desk_keep_history(struct store *store, struct desk_job *job)
{
    json_t *rows = json_array();
    struct store_page page = page_of(job);
    struct span words = desk_job_span(job, "q");
    page.contact = desk_job_number(job, "contact");
    bool good = acts_contact(store, job, "contact") &&
                (words.length > 0 ? store_search(store, TENANT, words, &page, take_interaction, rows, &job->error)
                                  : store_history(store, page.contact, &page, take_interaction, rows, &job->error));
    return answer_page(job, "interactions", rows, &page, good);
}

/* Puts the names of contacts into the rows that were found. */
static bool keep_name_found(struct store *store, struct desk_job *job, const struct kept_rows *kept)
{
    bool good = true;
    for (size_t i = 0; good && i < json_array_size(kept->rows); i++) {
        json_t *row = json_array_get(kept->rows, i);
        good = named_put(store, job, &kept->closed, row, json_integer_value(json_object_get(row, "contact")));
    }
    return good;
}

static void take_found(void *self, const struct store_shown *shown)
{
    struct kept_rows *kept = self;
    bool closed = !shown->unverified && acts_closed_has(&kept->closed, shown->contact);
    kept->left_out |= closed;
    if (!closed) json_array_append_new(kept->rows, keep_interaction_json(shown));
}

bool desk_keep_search(struct store *store, struct desk_job *job)
{
    struct kept_rows kept = {.rows = json_array()};
    struct store_page page = page_of(job);
    bool good = acts_closed_read(store, job, &kept.closed) &&
                store_search(store, TENANT, desk_job_span(job, "q"), &page, take_found, &kept, &job->error) &&
                keep_name_found(store, job, &kept);
    good = answer_page(job, "interactions", kept.rows, &page, good);
    keep_put_closed(job, &kept);
    return good;
}

static bool job_found_nothing(struct desk_job *job)
{
    return error_set(&job->error, ERROR_UNKNOWN, "There is no such interaction in the contact store.");
}

bool desk_keep_stored(struct store *store, struct desk_job *job)
{
    struct store_key key;
    const char *media = json_string_value(json_object_get(job->params, "media"));
    if (!store_by_external(store, TENANT, media, desk_job_span(job, "external_id"), &key, &job->error)) return false;
    if (key.interaction == 0) return job_found_nothing(job);
    return acts_interaction(store, job, key.interaction) &&
           store_interaction(store, key.interaction, take_one, job, &job->error) &&
           (job->out || job_found_nothing(job));
}

bool desk_keep_interaction(struct store *store, struct desk_job *job)
{
    return acts_interaction(store, job, desk_job_number(job, "interaction")) &&
           store_interaction(store, desk_job_number(job, "interaction"), take_one, job, &job->error) &&
           (job->out || job_found_nothing(job));
}

static void keep_take_open(void *self, const struct store_shown *shown)
{
    struct desk_job *job = self;
    take_one(job, shown);
    if (shown->taken != 0) json_object_set_new(job->out, "since", json_integer(shown->taken / 1000));
}

/* Shows what is open by the core's number, with who has it. */
bool desk_keep_open(struct store *store, struct desk_job *job)
{
    struct span ixn = desk_job_span(job, "ixn");
    return store_by_ixn(store, TENANT, job->journal, ixn, keep_take_open, job, &job->error) &&
           (job->out || job_found_nothing(job)) &&
           acts_interaction(store, job, json_integer_value(json_object_get(job->out, "interaction")));
}

static void keep_take_line_shown(void *self, const struct store_line *line)
{
    json_t *row =
        json_pack("{s:I, s:I, s:s}", "index", (json_int_t)line->n, "at", (json_int_t)(line->at / 1000), "text", "");
    desk_put_text(row, "msg_id", line->msg_id), desk_put_text(row, "role", line->role),
        desk_put_text(row, "from", line->sender);
    desk_put_text(row, "kind", line->kind), desk_put_text(row, "visible", line->visible);
    desk_put_text(row, "subject", line->subject), desk_put_text(row, "text", line->text);
    if (!span_is(line->role, "customer")) desk_put_text(row, "state", line->result);
    desk_put_content(row, line->of_id, line->about, line->taken_back);
    json_array_append_new(self, row);
}

bool desk_keep_transcript(struct store *store, struct desk_job *job)
{
    json_t *rows = json_array();
    bool good = acts_interaction(store, job, desk_job_number(job, "interaction")) &&
                store_transcript(store, desk_job_number(job, "interaction"), desk_job_number(job, "after"),
                                 job_limit(job, LINES), true, keep_take_line_shown, rows, &job->error);
    return job_answer_rows(job, "messages", rows, good);
}

/* The interaction that the audit has noted: `other`, if the stored one is not that. The store may not know the router's
 * number of an old one, which is for those whose reading is not bounded. */
struct audited {
    struct span ixn;
    bool bounded, other;
};

static void keep_compare_ixn(void *self, const struct store_shown *shown)
{
    struct audited *noted = self;
    noted->other = shown->ixn.length > 0 ? !span_equal(shown->ixn, noted->ixn) : noted->bounded;
}

bool desk_keep_said(struct store *store, struct desk_job *job)
{
    struct store_key key;
    const char *media = json_string_value(json_object_get(job->params, "media"));
    if (!store_by_external(store, TENANT, media, desk_job_span(job, "external_id"), &key, &job->error)) return false;
    if (key.interaction == 0) return job_found_nothing(job);
    json_object_set_new(job->params, "interaction", json_integer(key.interaction));
    struct audited noted = {.ixn = desk_job_span(job, "ixn"),
                            .bounded = json_object_get(job->params, "within") != NULL};
    if (!store_interaction(store, key.interaction, keep_compare_ixn, &noted, &job->error)) return false;
    return noted.other ? job_found_nothing(job) : desk_keep_transcript(store, job);
}

static void keep_take_part(void *self, const struct store_part_shown *part)
{
    if (part->taken_back) return;
    json_t *row = json_pack("{s:I, s:I}", "part", (json_int_t)part->part, "length", (json_int_t)part->length);
    keep_put_number(row, "message", part->message);
    desk_put_text(row, "role", part->role), desk_put_text(row, "type", part->type),
        desk_put_text(row, "name", part->name);
    desk_put_text(row, "content_id", part->content_id);
    json_array_append_new(self, row);
}

bool desk_keep_parts(struct store *store, struct desk_job *job)
{
    json_t *rows = json_array();
    bool good = acts_interaction(store, job, desk_job_number(job, "interaction")) &&
                store_parts(store, desk_job_number(job, "interaction"), keep_take_part, rows, &job->error);
    return job_answer_rows(job, "parts", rows, good);
}

static bool keep_take_body_piece(void *self, struct span piece)
{
    struct desk_job *job = self;
    if (job->bytes->len + piece.length > PART_MAX) return false;
    g_byte_array_append(job->bytes, piece.bytes, piece.length);
    return true;
}

static void take_part_head(void *self, const struct store_part_shown *part)
{
    struct desk_job *job = self;
    job->out = json_object();
    if (part->taken_back) json_object_set_new(job->out, "taken_back", json_true());
    keep_put_number(job->out, "length", part->length);
    keep_put_number(job->out, "interaction", part->interaction);
    desk_put_text(job->out, "type", part->type), desk_put_text(job->out, "name", part->name);
}

/* Is it another agent's file that no message names yet? Its number could be guessed, so only
 * the agent who has brought the file gets it. Or has the customer taken the file's message back? */
static bool is_unsent(struct desk_job *job)
{
    if (json_object_get(job->out, "taken_back"))
        return !error_set(&job->error, ERROR_UNKNOWN, "The customer has taken this file back.");
    if (json_is_true(json_object_get(job->params, "own"))) return false;
    if (json_integer_value(json_object_get(job->out, "interaction")) != 0) return false;
    error_set(&job->error, ERROR_UNKNOWN, "There is no such file.");
    return true;
}

/* Reads a file; its size and owner are checked first, so that a file too large, or another agent's that was not sent
 * yet, is not read. */
bool desk_keep_part(struct store *store, struct desk_job *job)
{
    assert(!job->bytes);
    job->bytes = g_byte_array_new();
    if (!job_owned(store, job, STORE_OF_part, "part") ||
        !store_part(store, desk_job_number(job, "part"), take_part_head, job, &job->error) || is_unsent(job))
        return false;
    int64_t interaction = json_integer_value(json_object_get(job->out, "interaction"));
    if (interaction != 0 && !acts_interaction(store, job, interaction)) return false;
    if (json_integer_value(json_object_get(job->out, "length")) > PART_MAX)
        return error_set(&job->error, ERROR_LIMIT, "The part is too large to be shown here.");
    return store_read(store, desk_job_number(job, "part"), keep_take_body_piece, job, &job->error);
}

/* ---- standard responses ---- */

static json_t *response_json(const struct store_response *response)
{
    json_t *row = json_pack("{s:I}", "response", (json_int_t)response->response);
    desk_put_text(row, "category", response->category), desk_put_text(row, "name", response->name);
    desk_put_text(row, "language", response->language), desk_put_text(row, "subject", response->subject);
    desk_put_text(row, "text", response->text);
    return row;
}

static void keep_take_response(void *self, const struct store_response *response)
{
    json_array_append_new(self, response_json(response));
}

bool desk_keep_responses(struct store *store, struct desk_job *job)
{
    json_t *rows = json_array();
    bool good = store_responses(store, TENANT, desk_job_span(job, "category"), desk_job_span(job, "language"),
                                keep_take_response, rows, &job->error);
    return job_answer_rows(job, "responses", rows, good);
}

static void take_unfilled(void *self, const struct store_response *response)
{
    ((struct desk_job *)self)->out = response_json(response);
}

/* Fills a text's fields; without a contact, the name that the page gives is the contact's. */
static bool keep_filled(struct store *store, struct desk_job *job, json_t *from, const char *key, enum fill_place place,
                        unsigned *unknown)
{
    assert(job->out && from);
    struct out out = {0};
    struct store_value more[] = {{"agent.name", span_of(job->called)}, {"contact.name", desk_job_span(job, "name")}};
    bool stranger = desk_job_number(job, "contact") <= 0 && more[1].value.length > 0;
    const char *raw = json_string_value(json_object_get(from, key));
    out_put(&out, "", 0);
    bool good = store_fill(store, desk_job_number(job, "contact"), span_of(raw ? raw : ""), place, more,
                           stranger ? 2 : 1, &out, unknown, &job->error);
    json_object_set_new(job->out, key, json_string(out.bytes));
    out_free(&out);
    return good;
}

/* Returns the response as it is in the store, and with its fields filled in; also how many fields have no value. */
bool desk_keep_response(struct store *store, struct desk_job *job)
{
    unsigned of_subject = 0, of_text = 0;
    if (desk_job_number(job, "contact") > 0 && !acts_contact(store, job, "contact")) return false;
    if (!store_response(store, desk_job_number(job, "response"), take_unfilled, job, &job->error)) return false;
    if (!job->out) return error_set(&job->error, ERROR_UNKNOWN, "There is no such standard response.");
    json_t *raw = job->out;
    job->out = json_object();
    bool good = keep_filled(store, job, raw, "subject", FILL_LINE, &of_subject) &&
                keep_filled(store, job, raw, "text", FILL_TEXT, &of_text);
    json_object_set_new(job->out, "unknown", json_integer(of_subject + of_text));
    json_decref(raw);
    return good;
}
