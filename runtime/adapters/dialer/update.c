/* runtime/adapters/dialer/update.c - Turns UpdateRecord into changes of the calling lists. */
#include <assert.h>
#include <stdio.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapters/dialer/book.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/rows.h"
#include "runtime/vocabulary/person.h"
#include "runtime/vocabulary/denied.h"

enum { TEXTS_MAX = LISTS_FIELDS_MAX, TEXT_BYTES = 16384 };

/* An UpdateRecord, and the texts of its change with terminating zeros. */
struct update {
    struct book *book;
    struct book_job *job;
    struct lists_change change;
    char agent[LISTS_WORD_MAX + 1], ixn[IXN_TEXT];
    struct lists_text fields[TEXTS_MAX];
    char names[TEXTS_MAX][LISTS_WORD_MAX + 1];
};

static uint64_t update_said(const struct update *update, unsigned field)
{
    return message_u(&update->job->effect, field);
}

/* ---- numbers that must not be called ---- */

enum lists_answer book_block(struct book *book, struct book_job *job, struct span text)
{
    char number[17];
    if (!person_number(text, book->setting->country, number)) {
        error_set(&job->error, ERROR_INPUT, "%s", denied_words(WHY_number));
        return LISTS_wrong;
    }
    struct lists_block entry = {.tenant = book->setting->tenant, .value = span_of(number), .since = job->wall_us};
    return lists_block(book->lists, &entry, &job->error);
}

/* Puts each number of the update on the do-not-call list. A number that is refused does not stop the others; a
 * failure of the database does. */
static enum lists_answer block_all(struct update *update)
{
    struct span numbers = message_text(&update->job->effect, UpdateRecord_fields);
    enum lists_answer given = LISTS_done;
    uint32_t at = 0;
    struct kv_pair pair;
    while (given != LISTS_failed && kv_next(numbers, &at, &pair)) {
        if (!span_is(pair.key, "number") || pair.value.tag != KV_TEXT) continue;
        enum lists_answer one = book_block(update->book, update->job, pair.value.span);
        if (one != LISTS_done) given = one;
    }
    return given;
}

/* ---- an attempt begins ---- */

static void see_number(void *self, const struct lists_record *record)
{
    text_set_span(self, LISTS_WORD_MAX + 1, record->number);
}

/* Does a contact with the number refuse calls? `number` empty: the record's number is asked about. */
static enum lists_answer dial_refused(struct update *update, const char *number)
{
    char own[LISTS_WORD_MAX + 1] = "";
    if (!update->book->store) return LISTS_done;
    if (*number) return book_refused(update->book, update->job, number);
    enum lists_answer given =
        lists_record(update->book->lists, update->change.record, false, see_number, own, &update->job->error);
    return given == LISTS_done && *own ? book_refused(update->book, update->job, own) : given;
}

/* Notes the attempt in the list before the call is made: a crash can cost a call, but never causes a second one. */
static enum lists_answer update_dial(struct update *update)
{
    struct span campaign = message_text(&update->job->effect, UpdateRecord_campaign);
    const struct terms *terms = book_terms_of(update->book, campaign);
    struct span other = message_text(&update->job->effect, UpdateRecord_number);
    char name[LISTS_WORD_MAX + 1], number[17] = "";
    int64_t attempt;
    if (other.length != 0 && !person_number(other, update->book->setting->country, number)) {
        error_set(&update->job->error, ERROR_INPUT,
                  "the number that is dialled cannot be noted; country says how to read it");
        return LISTS_wrong;
    }
    if (!terms || !text_set_span(name, sizeof name, campaign)) {
        error_set(&update->job->error, ERROR_STATE, "no CheckRecord has said the terms of this campaign");
        return LISTS_wrong;
    }
    enum lists_answer given = dial_refused(update, number);
    if (given != LISTS_done) return given;
    struct lists_dial asked = {.record = update->change.record,
                               .revision = update->change.revision,
                               .session = update->change.session,
                               .campaign = name,
                               .number = *number ? number : NULL,
                               .terms = terms->lists,
                               .ended = update->change.result,
                               .now = update->job->wall_us};
    return lists_dial(update->book->lists, &asked, &attempt, &update->job->error);
}

/* ---- changes ---- */

/* Makes the record rest; afterwards it is ready again. */
static void update_rests(struct update *update)
{
    update->change.op = LISTS_OP_retry;
    update->change.due = message_i(&update->job->effect, UpdateRecord_due);
    if (update->change.due == 0)
        update->change.due = update->job->wall_us + (int64_t)update->book->setting->rest * SECOND_US;
}

static void is_ready(struct update *update)
{
    struct lists_change *change = &update->change;
    unsigned type = (unsigned)update_said(update, UpdateRecord_type);
    bool personal = type == record_type_personal_rescheduled || type == record_type_personal_callback;
    bool timed = personal || type == record_type_campaign_rescheduled || type == record_type_campaign_callback;
    change->due = message_i(&update->job->effect, UpdateRecord_due);
    if (change->due == 0 && update_said(update, UpdateRecord_history) != 0) { /* the attempt was not made after all */
        update_rests(update);
        change->op = LISTS_OP_undial;
    } else if (change->due == 0)
        change->op = LISTS_OP_reject;
    else if (timed && (!personal || change->agent)) {
        change->op = LISTS_OP_reschedule;
        change->callback = personal ? callback_type_personal : callback_type_campaign;
    } else
        change->op = LISTS_OP_retry; /* a personal call-back stays with its agent */
}

/* Continues the chain with the customer's next number: at once in this session, or later, or after the talk, in any
 * session. */
static void update_goes_on(struct update *update, int64_t due)
{
    int64_t soon = update->change.talks ? update->job->wall_us : 0;
    update->change.op = LISTS_OP_next;
    update->change.due = due > update->job->wall_us + SECOND_US ? due : soon;
}

static void see_begun(void *self, const struct lists_record *record)
{
    *(bool *)self = record->begun != 0;
}

/* Checks an update of a record without an open attempt in the list: its strategy ended early, or the attempt was not
 * allowed. */
static enum lists_answer look_untried(struct update *update, bool *untried)
{
    bool begun = true;
    *untried = update_said(update, UpdateRecord_status) == record_status_updated &&
               update->change.result == cause_other && !update->change.agent &&
               message_i(&update->job->effect, UpdateRecord_due) == 0;
    if (!*untried) return LISTS_done;
    enum lists_answer given =
        lists_record(update->book->lists, update->change.record, false, see_begun, &begun, &update->job->error);
    *untried = !begun;
    return given;
}

/* Sets the change that this status means for a record. False: the lists have no such status. */
static bool update_choose(struct update *update)
{
    struct lists_change *change = &update->change;
    unsigned status = (unsigned)update_said(update, UpdateRecord_status);
    int64_t due = message_i(&update->job->effect, UpdateRecord_due);
    switch (status) {
    case record_status_ready:
        is_ready(update);
        return true;
    case record_status_stale:
        change->result = cause_stale;
        update_rests(update);
        return true;
    case record_status_updated:
        change->op = LISTS_OP_processed;
        if (due != 0) update_goes_on(update, due);
        return true;
    case record_status_agent_error:
    case record_status_missed_callback:
        change->op = LISTS_OP_processed;
        change->status = (enum record_status)status;
        return true;
    case record_status_cancelled:
        change->scope =
            (enum lists_scope)update_said(update, UpdateRecord_scope); /* both enumerations have the same order */
        change->op = update_said(update, UpdateRecord_type) == record_type_no_call ? LISTS_OP_do_not_call
                     : change->scope == LISTS_chain                                ? LISTS_OP_cancel_chain
                                                                                   : LISTS_OP_cancel;
        return true;
    default:
        change->op = LISTS_OP_update;
        return status == record_status_none;
    }
}

/* Reads the fields of the update; an address that is to be blocked is no field. False: the update has a field that no
 * list could have. */
static bool read_fields(struct update *update)
{
    uint32_t at = 0;
    struct kv_pair pair;
    while (kv_next(message_text(&update->job->effect, UpdateRecord_fields), &at, &pair)) {
        size_t count = update->change.field_count;
        assert(count <= TEXTS_MAX);
        if (update_said(update, UpdateRecord_block) != 0 && span_is(pair.key, "number")) continue;
        bool good = count < TEXTS_MAX && pair.value.tag == KV_TEXT &&
                    text_set_span(update->names[count], sizeof update->names[count], pair.key);
        if (!good)
            return error_set(&update->job->error, ERROR_INPUT, "a field is no text, or has a name that is too long");
        update->fields[count] = (struct lists_text){update->names[count], pair.value.span};
        update->change.field_count++;
    }
    update->change.fields = update->fields;
    return true;
}

static void update_fill(struct update *update)
{
    struct lists_change *change = &update->change;
    uint64_t ixn = update_said(update, ENVELOPE_ixn);
    text_set_span(update->agent, sizeof update->agent, message_text(&update->job->effect, UpdateRecord_agent));
    ident_print_ixn(ixn, update->ixn);
    *change = (struct lists_change){
        .record = (int64_t)update_said(update, UpdateRecord_record),
        .session = book_session(update->book),
        .revision = (int64_t)update_said(update, UpdateRecord_revision),
        .now = update->job->wall_us,
        .result = (enum cause)update_said(update, UpdateRecord_result),
        .agent = *update->agent ? update->agent : NULL,
        .ixn = ixn != 0 ? update->ixn : NULL,
        .talks = update_said(update, UpdateRecord_talks) != 0,
    };
}

/* ---- the next number of the chain ---- */

static void hand_next(void *self, const struct lists_record *record)
{
    struct update *update = self;
    handed_put(update->book, update->job, record, 0);
}

/* Hands over the customer's next number, which the session has already. If the number cannot be handed over, the
 * database is away, and all records of the session are offered when it is back. */
static enum lists_answer update_go_on(struct update *update)
{
    enum lists_answer given =
        lists_record(update->book->lists, update->change.record, true, hand_next, update, &update->job->error);
    return given == LISTS_failed ? given : LISTS_done;
}

static void note_refusal(struct book_job *job, int64_t record)
{
    job->level = GCX_LOG_WARNING;
    snprintf(job->note, sizeof job->note, "record %lld: it is not put off: %s", (long long)record, job->error.text);
}

/* Performs the whole update: first the blocked numbers, then the change itself, then the chain's next number, if it
 * goes on at once. */
static enum lists_answer update_change(struct update *update)
{
    bool blocks = update_said(update, UpdateRecord_block) != 0;
    bool untried;
    enum lists_answer given = blocks ? block_all(update) : LISTS_done;
    if (given == LISTS_failed) return given;
    enum lists_answer looked = look_untried(update, &untried);
    if (looked != LISTS_done) return looked;
    if (!update_choose(update) || !read_fields(update)) return LISTS_wrong;
    if (untried) update_rests(update);
    bool nothing = update->change.op == LISTS_OP_update && update->change.result == cause_other &&
                   !update->change.agent && update->change.field_count == 0;
    if (nothing) return given;
    given = lists_change(update->book->lists, &update->change, &update->job->error);
    if (update->change.op == LISTS_OP_reschedule && given == LISTS_window)
        note_refusal(update->job, update->change.record);
    bool good = given == LISTS_done || given == LISTS_before;
    bool next = good && update->change.op == LISTS_OP_next && update->change.due == 0;
    return next ? update_go_on(update) : given;
}

/* Notes in the list that the person was called and got no agent. The note is made even if the session was ended
 * meanwhile and the record belongs to another: the person rests in any case. */
static bool update_abandons(struct update *update)
{
    int64_t attempt = (int64_t)update_said(update, UpdateRecord_history);
    return update->change.result != cause_abandoned || attempt == 0 ||
           lists_abandoned(update->book->lists, update->change.session, update->change.record, attempt,
                           update->job->wall_us, &update->job->error);
}

/* Notes that the talk has ended: if the record was closed before, its person counted as busy until now. */
static enum lists_answer update_hang_up(struct update *update)
{
    int64_t attempt = (int64_t)update_said(update, UpdateRecord_history);
    if (attempt == 0 || update->change.talks) return LISTS_done;
    return lists_hung_up(update->book->lists, update->change.record, attempt, update->job->wall_us, &update->job->error)
               ? LISTS_done
               : LISTS_failed;
}

void update_do(struct book *book, struct book_job *job)
{
    struct update *update = &(struct update){.book = book, .job = job};
    update_fill(update);
    bool begins = update_said(update, UpdateRecord_status) == record_status_retrieved;
    enum lists_answer given = begins ? update_dial(update) : update_change(update);
    bool refused = given != LISTS_done && given != LISTS_before && given != LISTS_failed;
    struct error why = job->error;
    if (!begins && refused && !update_abandons(update)) given = LISTS_failed;
    if (given != LISTS_failed) job->error = why;
    if (!begins && given != LISTS_failed && update_hang_up(update) == LISTS_failed) given = LISTS_failed;
    book_answer(book, job, given);
}
