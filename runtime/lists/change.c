/* runtime/lists/change.c - Changes a record after it was fetched: each change is one transaction, with the row of
 * the attempt in the history and the effect on the other records of the chain.
 *
 *     check     right_check, change_due_check, change_texts_check, fields_check
 *     lock      the person, where a rest is written
 *     write     attempt, rests, record, then the other records of the chain and the chain itself
 *
 * The table of operations (`ops`) has for each operation the new state of the record (`status`), that of the chain's
 * other records (`others`), and whether the chain goes on to the next record (`moves`). A check that fails changes
 * nothing, except that an entry of the do-not-call list is made in any case. A kill before the commit also changes
 * nothing. */
#include <assert.h>
#include <string.h>

#include "runtime/lists/state.h"

static const struct op {
    const char *name, *status, *others;
    bool moves;
} ops[] = {
#define OP(name, status, others, moves, doc) {#name, status, others, moves},
#include "runtime/lists/ops.def"
};

struct changing {
    struct lists *lists;
    const struct lists_change *change;
    const char *session;
    struct loaded loaded;
    struct op op;     /* the operation's row of the table, with what the change itself adds */
    int64_t due;      /* when the change makes the record due; for a callback outside the record's window: when the
                       * window opens next */
    const char *type; /* the record's new type; NULL: unchanged */
    bool blocked;     /* the number is already on the do-not-call list */
    struct out fields;
    struct error *error;
};

static enum lists_answer change_refuse(struct changing *changing, enum lists_answer given)
{
    return lists_refuses(changing->error, given, "%s", lists_answer_text(given));
}

/* ---- checking ---- */

static bool change_is_open(const struct loaded *loaded)
{
    return strcmp(loaded->status, "ready") == 0 || strcmp(loaded->status, "retrieved") == 0;
}

/* Checks the record's owner and revision. An administrator changes a record that no session has, at any version. The
 * revision is checked first: a dialer that sends a change twice gets LISTS_before, and nothing is done again. */
static enum lists_answer right_check(struct changing *changing)
{
    const struct lists_change *change = changing->change;
    enum lists_answer given = LISTS_done;
    if (*changing->session || change->revision != 0)
        given = dial_revision_check(&changing->loaded, changing->session, change->revision, changing->error);
    if (given != LISTS_done) return given;
    if (!change_is_open(&changing->loaded))
        return lists_refuses(changing->error, LISTS_closed, "the record is closed: %s", changing->loaded.status);
    if (strcmp(changing->loaded.owner, changing->session) == 0) return LISTS_done;
    return lists_refuses(changing->error, LISTS_foreign, "the chain is of '%.64s'", changing->loaded.owner);
}

/* The change itself may say that the person was abandoned: the rest that follows is written with it, and also delays
 * the record. */
static bool change_puts_off(struct changing *changing)
{
    const struct loaded *loaded = &changing->loaded;
    int64_t rest = 0;
    bool there = false, begins = changing->change->result == cause_abandoned && loaded->begun != 0;
    if (begins && !sql_find(changing->lists->sql, changing->error, &rest, &there,
                            "SELECT coalesce(pause, 0) FROM attempts WHERE record = $1 AND n = $2",
                            SQL_WITH(sql_number(loaded->record), sql_number(loaded->attempt))))
        return false;
    if (there && rest > 0 && changing->due < changing->change->now + rest) changing->due = changing->change->now + rest;
    return person_puts_off(changing->lists, loaded, &changing->due, changing->error);
}

/* Checks the time of a callback: the customer was promised a call, so a time when they may not be called is moved,
 * not refused. A time that has passed was in the future when it was agreed: the change came late, or a clock was
 * set. */
static enum lists_answer change_due_check(struct changing *changing)
{
    assert(changing->due == changing->change->due);
    const struct lists_change *change = changing->change;
    const struct loaded *loaded = &changing->loaded;
    bool personal = change->callback == callback_type_personal;
    bool timed = change->op == LISTS_OP_retry || change->op == LISTS_OP_undial || change->op == LISTS_OP_reschedule;
    if (timed && change->due <= 0) return lists_refuses(changing->error, LISTS_wrong, "it lacks a time");
    if (change->op == LISTS_OP_retry) {
        (void)zones_opening(changing->lists->zones, loaded->zone, &loaded->windows, &changing->due);
        /* checked only when it is to be dialled: the person may have no hour at which calls are allowed */
        return LISTS_done;
    }
    if (change->op != LISTS_OP_reschedule) return LISTS_done;
    if (change->due < change->now) changing->due = change->now;
    if (!change_puts_off(changing)) return LISTS_failed;
    if (!zones_known(changing->lists->zones, loaded->zone))
        return lists_refuses(changing->error, LISTS_window, "the time zone '%.64s' is not known", loaded->zone);
    if (!zones_opening(changing->lists->zones, loaded->zone, &loaded->windows, &changing->due))
        return lists_refuses(changing->error, LISTS_window, "no daily window of the record opens after it");
    if (personal && (!change->agent || !*change->agent))
        return lists_refuses(changing->error, LISTS_wrong, "a personal call-back lacks its agent");
    changing->type =
        enum_name_record_type(personal ? record_type_personal_rescheduled : record_type_campaign_rescheduled);
    return LISTS_done;
}

static enum lists_answer change_texts_check(struct changing *changing)
{
    const struct {
        const char *text, *what;
    } texts[] = {{changing->change->agent, "agent"},
                 {changing->change->ixn, "interaction"},
                 {changing->change->treatment, "treatment"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].text && *texts[i].text &&
            !lists_word_good(span_of(texts[i].text), LISTS_WORD_MAX, texts[i].what, changing->error))
            return LISTS_wrong;
    return LISTS_done;
}

/* Writes the record's fields with those of the change. */
static enum lists_answer fields_check(struct changing *changing)
{
    const struct lists_change *change = changing->change;
    struct lists *lists = changing->lists;
    if (change->field_count == 0) return LISTS_done;
    const struct fields *fields = fields_of(lists, changing->loaded.list, changing->error);
    if (!fields) return LISTS_failed;
    struct sql_rows *rows = sql_ask(lists->sql, changing->error, "SELECT fields FROM records WHERE id = $1",
                                    SQL_WITH(sql_number(change->record)));
    bool good = sql_next(rows) && fields_change(fields, sql_string(rows, 0), change->fields, change->field_count,
                                                &changing->fields, changing->error);
    if (!sql_end(rows, changing->error)) return LISTS_failed;
    return good ? LISTS_done : LISTS_wrong;
}

static enum lists_answer change_check(struct changing *changing)
{
    enum lists_answer given = right_check(changing);
    if (given == LISTS_done && changing->change->op == LISTS_OP_reject && changing->loaded.begun != 0)
        given = change_refuse(changing, LISTS_dialled);
    if (given == LISTS_done) given = change_due_check(changing);
    if (given == LISTS_done) given = change_texts_check(changing);
    if (given == LISTS_done) given = fields_check(changing);
    return given;
}

/* ---- writing ---- */

static const char *change_result_of(const struct lists_change *change)
{
    return change->result == cause_other ? NULL : enum_name_cause(change->result);
}

static struct sql_value change_said(const char *text)
{
    return sql_text_or_null(span_of(text ? text : ""));
}

/* Completes the attempt's row, which was written before dialling. Each later result replaces an earlier one, except
 * "abandoned", which stays: a person answered, and no agent spoke. */
static bool attempt_write(struct changing *changing)
{
    const struct lists_change *change = changing->change;
    bool closes = changing->op.status != NULL, over = closes && !change->talks;
    if (changing->loaded.begun == 0) return true;
    if (change->op == LISTS_OP_undial)
        return sql_do(changing->lists->sql, changing->error, "DELETE FROM attempts WHERE record = $1 AND n = $2",
                      SQL_WITH(sql_number(change->record), sql_number(changing->loaded.attempt)));
    return sql_do(
        changing->lists->sql, changing->error,
        "UPDATE attempts SET result = CASE WHEN result = 'abandoned' THEN result ELSE coalesce($1, result, $2) END,"
        " agent = coalesce($3, agent),"
        " ixn = coalesce($4, ixn), ended = coalesce(ended, $5) WHERE record = $6 AND n = $7",
        SQL_WITH(sql_text(change_result_of(change)), sql_text(closes ? "other" : NULL), change_said(change->agent),
                 change_said(change->ixn), over ? sql_number(change->now) : sql_null(), sql_number(change->record),
                 sql_number(changing->loaded.attempt)));
}

static bool rest_write(struct changing *changing, const char *text, int64_t moment)
{
    const struct loaded *loaded = &changing->loaded;
    return sql_do(changing->lists->sql, changing->error, text,
                  SQL_WITH(sql_text(loaded->tenant), sql_number(moment), sql_number(changing->change->record),
                           sql_number(loaded->attempt)));
}

#define REST(until, why, where)                                                                                        \
    "INSERT INTO rests(tenant, number, why, until) SELECT DISTINCT $1, " REST_NUMBER ", " why                          \
    ", CAST($2 AS BIGINT)" until " FROM attempts a JOIN records r ON r.id = a.record" REST_NUMBERS                     \
    " WHERE a.record = $3 AND a.n = $4" where OR_REST_LONGER
static const char abandoned[] = REST(" + a.pause", "'abandoned'", " AND a.pause > 0");

/* Writes that a person rests: after an abandoned call in all lists of the tenant. A pause after any other attempt is
 * also for the person: a person who was busy is not dialled at once from another list. The pause of an abandoned
 * attempt does not count as an abandoned person's rest, which would delay callbacks. Called when the attempt has its
 * result. */
static bool person_rests(struct changing *changing)
{
    static const char paused[] = REST("", "coalesce(nullif(a.result, 'abandoned'), 'other')", "");
    const struct lists_change *change = changing->change;
    bool pauses = (change->op == LISTS_OP_retry || change->op == LISTS_OP_next) && change->due > change->now;
    if (changing->loaded.begun == 0) return true;
    return (change->result != cause_abandoned || rest_write(changing, abandoned, change->now)) &&
           (!pauses || rest_write(changing, paused, change->due));
}

/* Locks the person of a change that writes rests: two changes of one person that wrote their rows in different
 * orders would wait for each other, and the server would end one of them. */
static bool person_ready(struct changing *changing)
{
    return changing->loaded.begun == 0 || person_lock(changing->lists, &changing->loaded, changing->error);
}

/* Writes the record's row with the changes. A NULL leaves its column unchanged (coalesce). A call-back that is agreed
 * with the person clears the columns that mark the record as cancelled. */
#define UNLESS_RESCHEDULED(column) " " column " = CASE WHEN CAST($12 AS BIGINT) = 1 THEN NULL ELSE " column " END"
static bool record_write(struct changing *changing)
{
    assert(!changing->op.status || *changing->op.status);
    const struct lists_change *change = changing->change;
    const struct loaded *loaded = &changing->loaded;
    bool timed = change->op == LISTS_OP_retry || change->op == LISTS_OP_reschedule || change->op == LISTS_OP_undial;
    int64_t version = change->revision != 0 ? change->revision : loaded->version + 1;
    return sql_do(changing->lists->sql, changing->error,
                  "UPDATE records SET status = coalesce($1, status), type = coalesce($2, type),"
                  " result = coalesce($3, result), due = $4, agent = coalesce($5, agent),"
                  " treatment = coalesce($6, treatment), fields = coalesce($7, fields), begun = $8, version = $9,"
                  " writer = $10, changed = $11," UNLESS_RESCHEDULED("cancelled") "," UNLESS_RESCHEDULED(
                      "cancelled_by") "," UNLESS_RESCHEDULED("cancelled_why") " WHERE id = $13",
                  SQL_WITH(sql_text(changing->op.status), sql_text(changing->type), sql_text(change_result_of(change)),
                           sql_number(timed ? changing->due : loaded->due), change_said(change->agent),
                           change_said(change->treatment), sql_text(changing->fields.bytes),
                           sql_number_or_null(changing->op.status ? 0 : loaded->begun), sql_number(version),
                           sql_text(changing->session), sql_number(change->now),
                           sql_number(change->op == LISTS_OP_reschedule), sql_number(change->record)));
}

/* Undoes the record's last attempt and deletes its row: the record gets the result and the time of the attempt
 * before. */
static bool record_undial(struct changing *changing)
{
    if (changing->change->op != LISTS_OP_undial || changing->loaded.begun == 0) return true;
    return sql_do(
        changing->lists->sql, changing->error,
        "UPDATE records SET attempt = attempt - 1,"
        " last_try = (SELECT max(a.begun) FROM attempts a WHERE a.record = records.id),"
        " result = (SELECT a.result FROM attempts a WHERE a.record = records.id AND a.n = records.attempt - 1)"
        " WHERE id = $1",
        SQL_WITH(sql_number(changing->change->record)));
}

static const char others_write[] =
    "UPDATE records SET status = $1, type = coalesce($2, type), version = version + 1, writer = $3, changed = $4"
    " WHERE chain = $5 AND id <> $6 AND (status = 'retrieved' OR status = 'ready' AND $1 <> 'ready')";
static const char chain_move[] =
    "UPDATE chains SET at = coalesce("
    "(SELECT min(r.n) FROM records r WHERE r.chain = $1 AND r.n > $2 AND r.status IN ('ready', 'retrieved')),"
    " (SELECT min(r.n) FROM records r WHERE r.chain = $1 AND r.status IN ('ready', 'retrieved')), at)"
    " WHERE id = $1 AND at = $2";
static const char due_write[] =
    "UPDATE records SET due = $1, version = version + 1, writer = $2, changed = $3 WHERE chain = $4 AND id <> $5"
    " AND n = (SELECT c.at FROM chains c WHERE c.id = $4)";
static const char chain_free[] =
    "UPDATE chains SET owner = NULL, campaign = NULL, ref = NULL, taken = NULL WHERE id = $1"
    " AND NOT EXISTS (SELECT 1 FROM records r WHERE r.chain = chains.id AND r.status = 'retrieved')";

bool change_chain_free(struct lists *lists, int64_t chain, struct error *error)
{
    return sql_do(lists->sql, error, chain_free, SQL_WITH(sql_number(chain)));
}

/* Writes the chain in three steps: the states of its other records, then the record with which it goes on, then its
 * owner. A chain with a record in progress keeps its owner. */
static bool chain_write(struct changing *changing)
{
    const struct lists_change *change = changing->change;
    const struct loaded *loaded = &changing->loaded;
    struct sql *sql = changing->lists->sql;
    struct error *error = changing->error;
    const struct op *op = &changing->op;
    const char *type = change->op == LISTS_OP_do_not_call && op->others && !op->moves ? changing->type : NULL;
    if (op->others && !sql_do(sql, error, others_write,
                              SQL_WITH(sql_text(op->others), sql_text(type), sql_text(changing->session),
                                       sql_number(change->now), sql_number(loaded->chain), sql_number(change->record))))
        return false;
    if (op->moves && !sql_do(sql, error, chain_move, SQL_WITH(sql_number(loaded->chain), sql_number(loaded->n))))
        return false;
    if (change->op == LISTS_OP_next && change->due > 0 &&
        !sql_do(sql, error, due_write,
                SQL_WITH(sql_number(change->due), sql_text(changing->session), sql_number(change->now),
                         sql_number(loaded->chain), sql_number(change->record))))
        return false;
    return !op->status || sql_do(sql, error, chain_free, SQL_WITH(sql_number(loaded->chain)));
}

/* Cancels those of the chain's records that are marked as cancelled (cancel.c) and that no session has any more. */
static bool marked_cancel(struct changing *changing)
{
    return sql_do(changing->lists->sql, changing->error,
                  "UPDATE records SET status = 'cancelled', result = NULL WHERE chain = $1 AND cancelled IS NOT NULL"
                  " AND status <> 'retrieved'",
                  SQL_WITH(sql_number(changing->loaded.chain)));
}

/* ---- do not call ---- */

static bool chain_block(struct changing *changing)
{
    const struct lists_change *change = changing->change;
    return sql_do(changing->lists->sql, changing->error,
                  "INSERT INTO do_not_call(tenant, kind, value, reason, since, until)"
                  " SELECT $1, 'number', r.number, $2, $3, $4 FROM records r WHERE r.chain = $5"
                  " ORDER BY r.number" OR_BLOCK_LONGER,
                  SQL_WITH(sql_text(changing->loaded.tenant), sql_text_or_null(change->reason), sql_number(change->now),
                           sql_number_or_null(change->until), sql_number(changing->loaded.chain)));
}

/* Puts the dialled number, too, on the do-not-call list, if it is not the record's own: on that telephone the person
 * asked for it. */
static enum lists_answer dialled_block(struct changing *changing)
{
    const struct loaded *loaded = &changing->loaded;
    struct lists_block block = {.tenant = loaded->tenant,
                                .value = span_of(loaded->dialled),
                                .reason = changing->change->reason,
                                .since = changing->change->now,
                                .until = changing->change->until};
    bool other = loaded->begun != 0 && strcmp(loaded->dialled, loaded->number) != 0;
    return other ? lists_block(changing->lists, &block, changing->error) : LISTS_done;
}

static enum lists_answer block_write(struct changing *changing)
{
    assert(!changing->blocked);
    const struct lists_change *change = changing->change;
    struct lists_block block = {
        .tenant = changing->loaded.tenant,
        .customer = change->scope == LISTS_customer,
        .reason = change->reason,
        .since = change->now,
        .until = change->until,
    };
    block.value = span_of(block.customer ? changing->loaded.customer : changing->loaded.number);
    if (change->scope == LISTS_chain) return chain_block(changing) ? LISTS_done : LISTS_failed;
    if (block.customer && block.value.length == 0)
        return lists_refuses(changing->error, LISTS_wrong, "the customer of this number is not known");
    return lists_block(changing->lists, &block, changing->error);
}

/* The entry of the do-not-call list is made whichever session has the record, and however often; the record is
 * changed only if it may be. */
static enum lists_answer change_do_not_call(struct changing *changing)
{
    assert(changing->change->op == LISTS_OP_do_not_call);
    enum lists_answer given = changing->blocked ? LISTS_done : block_write(changing), may;
    if (given == LISTS_done && !changing->blocked) given = dialled_block(changing);
    if (given != LISTS_done) return given;
    changing->type = enum_name_record_type(record_type_no_call);
    if (changing->change->scope != LISTS_number) changing->op.others = "cancelled", changing->op.moves = false;
    may = change_check(changing);
    if (may == LISTS_failed) return may;
    if (may != LISTS_done) return may == LISTS_before ? LISTS_before : LISTS_done;
    return person_ready(changing) && attempt_write(changing) && person_rests(changing) && record_write(changing) &&
                   chain_write(changing) && marked_cancel(changing)
               ? LISTS_done
               : LISTS_failed;
}

/* ---- a change ---- */

static enum lists_answer change_make(struct changing *changing)
{
    assert(changing->loaded.record == 0);
    const struct lists_change *change = changing->change;
    enum lists_answer given = lists_record_load(changing->lists, change->record, &changing->loaded, changing->error);
    if (given != LISTS_done) return given;
    if (change->op == LISTS_OP_do_not_call) return change_do_not_call(changing);
    if (change->op == LISTS_OP_processed && change->status != record_status_none)
        changing->op.status = enum_name_record_status(change->status);
    if (change->op == LISTS_OP_next && change->due > 0) changing->op.others = "ready";
    given = change_check(changing);
    if (given != LISTS_done) return given;
    bool good = person_ready(changing) && attempt_write(changing) && person_rests(changing) && record_write(changing) &&
                record_undial(changing) && chain_write(changing) && marked_cancel(changing);
    return good ? LISTS_done : LISTS_failed;
}

static enum lists_answer change_once(struct lists *lists, const struct lists_change *change, bool blocked,
                                     struct error *error)
{
    struct changing changing = {
        .lists = lists, .change = change, .due = change->due, .blocked = blocked, .error = error};
    bool closes = change->status == record_status_none || change->status == record_status_updated ||
                  change->status == record_status_agent_error || change->status == record_status_missed_callback;
    if (change->op >= LISTS_OPS || !closes) return lists_refuses(error, LISTS_wrong, "there is no such change");
    changing.op = ops[change->op];
    changing.session = change->session ? change->session : "";
    if (*changing.session && !lists_word_good(span_of(changing.session), LISTS_WORD_MAX, "session", error))
        return LISTS_wrong;
    if (!sql_begin(lists->sql, error)) return LISTS_failed;
    enum lists_answer given = change_make(&changing);
    bool kept = lists_transaction_end(lists, given == LISTS_done || given == LISTS_before, error);
    if (!kept && (given == LISTS_done || given == LISTS_before)) given = LISTS_failed;
    out_free(&changing.fields);
    return given;
}

enum lists_answer lists_change(struct lists *lists, const struct lists_change *change, struct error *error)
{
    return change_once(lists, change, false, error);
}

static bool attempt_abandoned(struct lists *lists, const char *session, const struct loaded *loaded, int64_t attempt,
                              int64_t now, struct error *error)
{
    static const char text[] =
        "UPDATE attempts SET result = 'abandoned' WHERE record = $1 AND n = $2 AND session = $3"
        " AND coalesce(result, '') <> 'abandoned'"; /* a change that repeats "abandoned" begins no second rest */
    return sql_do(lists->sql, error, text,
                  SQL_WITH(sql_number(loaded->record), sql_number(attempt), sql_text(session))) &&
           (sql_changes(lists->sql) == 0 || sql_do(lists->sql, error, abandoned,
                                                   SQL_WITH(sql_text(loaded->tenant), sql_number(now),
                                                            sql_number(loaded->record), sql_number(attempt))));
}

/* The person was erased during the call: the rest of the attempt's row says which number rests, and for how long. */
static bool erased_abandoned(struct lists *lists, const char *session, int64_t record, int64_t attempt, int64_t now,
                             struct error *error)
{
    static const char rests[] =
        "INSERT INTO rests(tenant, number, why, until) SELECT l.tenant, a.number, 'abandoned', CAST($1 AS BIGINT) +"
        " a.pause FROM attempts a JOIN lists l ON l.id = a.list WHERE a.record = $2 AND a.n = $3 AND a.session = $4"
        " AND a.ended IS NULL AND a.pause > 0" OR_REST_LONGER;
    static const char once[] = "UPDATE attempts SET pause = NULL WHERE record = $1 AND n = $2 AND session = $3";
    return sql_do(lists->sql, error, rests,
                  SQL_WITH(sql_number(now), sql_number(record), sql_number(attempt), sql_text(session))) &&
           sql_do(lists->sql, error, once, SQL_WITH(sql_number(record), sql_number(attempt), sql_text(session)));
}

bool lists_abandoned(struct lists *lists, const char *session, int64_t record, int64_t attempt, int64_t now,
                     struct error *error)
{
    struct loaded loaded;
    /* why the load failed: returned only if the database failed, as a missing record is no error here */
    struct error why;
    if (!sql_begin(lists->sql, error)) return false;
    enum lists_answer given = lists_record_load(lists, record, &loaded, &why);
    if (given == LISTS_failed) *error = why;
    bool good = given != LISTS_failed;
    if (given == LISTS_done)
        good = person_lock(lists, &loaded, error) && attempt_abandoned(lists, session, &loaded, attempt, now, error);
    else if (good)
        good = erased_abandoned(lists, session, record, attempt, now, error);
    return lists_transaction_end(lists, good, error);
}

bool lists_hung_up(struct lists *lists, int64_t record, int64_t attempt, int64_t now, struct error *error)
{
    static const char text[] =
        "UPDATE attempts SET ended = $1, session = " SESSION_KEPT " WHERE record = $2 AND n = $3 AND ended IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM records r WHERE r.id = attempts.record"
        " AND r.attempt = attempts.n AND r.begun IS NOT NULL)";
    return sql_do(lists->sql, error, text, SQL_WITH(sql_number(now), sql_number(record), sql_number(attempt)));
}

/* ---- the do-not-call list at a campaign's load ---- */

enum { SWEPT = 500 };

static const char blocked[] =
    "SELECT r.id FROM records r JOIN chains c ON c.id = r.chain AND c.at = r.n JOIN lists l ON l.id = r.list"
    " WHERE r.list = $1 AND r.status = 'ready' AND c.owner IS NULL AND EXISTS (SELECT 1 FROM do_not_call b"
    " WHERE b.tenant = l.tenant AND b.kind = 'number' AND b.value = r.number AND b.since <= $2 AND b.until IS NULL)"
    " ORDER BY r.id LIMIT 500";

/* The sweep ends, too, when no record of a page could be changed: otherwise the same page would come again and
 * again. */
bool lists_sweep(struct lists *lists, int64_t list, int64_t now, int64_t *count, struct error *error)
{
    int64_t records[SWEPT], before;
    size_t found;
    *count = 0;
    do {
        struct sql_rows *rows = sql_ask(lists->sql, error, blocked, SQL_WITH(sql_number(list), sql_number(now)));
        for (found = 0; rows && found < SWEPT && sql_next(rows);) records[found++] = sql_int(rows, 0);
        if (!sql_end(rows, error)) return false;
        before = *count;
        assert(found <= SWEPT);
        for (size_t i = 0; i < found; i++) {
            struct lists_change change = {.op = LISTS_OP_do_not_call, .record = records[i], .now = now};
            enum lists_answer given = change_once(lists, &change, true, error);
            if (given == LISTS_failed) return false;
            *count += given == LISTS_done;
        }
    } while (found == SWEPT && *count > before);
    return true;
}
