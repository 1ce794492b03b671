/* runtime/sources/answer.c - Checks values against the columns that the program wants, and puts them into EventDone.
 *
 * A database is outside of gcx: its values have the types that its tables have today, and any length. Each value is
 * turned into the type of the program's record, or the answer fails with a sentence that names the column, the row
 * and what was found. The first failure is kept, and all later calls do nothing, so callers may check answer_ok() at
 * any time. Rows and bytes have limits, which are checked before a value is kept. */
#include "runtime/sources/answer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/rows.h"

void answer_init(struct answer *answer, const char *source, uint32_t rows_max, uint32_t bytes_max)
{
    assert(source);
    *answer = (struct answer){.source = source,
                              .rows_max = rows_max,
                              .bytes_max = bytes_max < RESULT_MAX_BYTES ? bytes_max : RESULT_MAX_BYTES,
                              .outcome = outcome_ok,
                              .changed = -1};
    kv_init(&answer->rows);
}

void answer_free(struct answer *answer)
{
    kv_free(&answer->rows);
}

bool answer_fail(struct answer *answer, enum outcome outcome, enum code code, const char *format, ...)
{
    size_t at;
    va_list arguments;
    if (answer->outcome != outcome_ok) return false;
    answer->outcome = outcome;
    answer->code = code;
    at = (size_t)snprintf(answer->text, sizeof answer->text, "source %s: ", answer->source);
    va_start(arguments, format);
    vsnprintf(answer->text + at, sizeof answer->text - at, format, arguments);
    va_end(arguments);
    bytes_clean_utf8(answer->text); /* the text may be cut, or not be UTF-8 in the database */
    return false;
}

bool answer_ok(const struct answer *answer)
{
    return answer->outcome == outcome_ok;
}

static bool answer_column(struct answer *answer, const char *name)
{
    char *column;
    assert(answer->column_count <= SOURCE_COLUMNS_MAX);
    if (answer->column_count == SOURCE_COLUMNS_MAX)
        return answer_fail(answer, outcome_error, code_too_large, "more than %d columns", SOURCE_COLUMNS_MAX);
    column = answer->columns[answer->column_count++];
    snprintf(column, sizeof answer->columns[0], "%s", name);
    bytes_clean_utf8(column);
    return answer_ok(answer);
}

/* The number of the column with that name, in the same case; without a name the only column. -1: none. */
static int answer_column_find(const struct answer_result *result, const char *name)
{
    if (name[0] == '\0') return result->count == 1 ? 0 : -1;
    for (int i = 0; i < result->count; i++)
        if (strcmp(result->name(result->self, i), name) == 0) return i;
    return -1;
}

size_t answer_columns(struct answer *answer, const struct source_column *demanded, size_t count,
                      const struct answer_result *result, int places[SOURCE_COLUMNS_MAX])
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        int place = answer_column_find(result, demanded[i].name);
        if (place < 0 && demanded[i].name[0] == '\0')
            answer_fail(answer, outcome_error, code_bad_row, "%d columns; expected one", result->count);
        else if (place < 0)
            answer_fail(answer, outcome_error, code_bad_row, "no column %s in the result", demanded[i].name);
        else if (answer_column(answer, result->name(result->self, place)))
            places[found++] = place;
    }
    assert(found <= count);
    return found;
}

/* Begins a row: rows are lists under the keys "1", "2", ... */
bool answer_row_begin(struct answer *answer)
{
    char key[16];
    if (!answer_ok(answer)) return false;
    if (answer->row_count == answer->rows_max)
        return answer_fail(answer, outcome_error, code_too_large, "more than %u rows", answer->rows_max);
    snprintf(key, sizeof key, "%u", ++answer->row_count);
    kv_list_begin(&answer->rows, span_of(key));
    return true;
}

static const char *tag_name(enum kv_tag tag)
{
    static const char *const names[] = {
        [KV_NONE] = "NULL",           [KV_INT] = "an integer", [KV_TEXT] = "a text",  [KV_BINARY] = "a blob",
        [KV_FLOAT] = "a real number", [KV_BOOL] = "a boolean", [KV_TIME] = "a moment"};
    return tag < sizeof names / sizeof *names && names[tag] ? names[tag] : "something else";
}

static const char *source_type_name(enum source_type type)
{
    static const char *const names[] = {
        [SOURCE_INT] = "an integer",          [SOURCE_TEXT] = "a text",      [SOURCE_BOOL] = "0 or 1",
        [SOURCE_TIME] = "seconds since 1970", [SOURCE_DURATION] = "seconds", [SOURCE_FLOAT] = "a number"};
    return type < sizeof names / sizeof *names && names[type] ? names[type] : "a value";
}

static bool seconds_to_us(int64_t seconds, int64_t *us)
{
    return !__builtin_mul_overflow(seconds, (int64_t)1000000, us);
}

/* Turns the value that was found into the wanted type. False: the type of the value does not fit. Only conversions
 * without loss are done: 0 and 1 into a boolean, seconds into microseconds, an integer into a float. A text "1" does
 * not become a number. */
static bool source_typed(enum source_type type, const struct kv_value *found, struct kv_value *value)
{
    *value = *found;
    switch (type) {
    case SOURCE_ANY:
        return found->tag != KV_BINARY;
    case SOURCE_INT:
        return found->tag == KV_INT;
    case SOURCE_TEXT:
        return found->tag == KV_TEXT;
    case SOURCE_BOOL:
        value->tag = KV_BOOL;
        return found->tag == KV_BOOL || (found->tag == KV_INT && (found->word == 0 || found->word == 1));
    case SOURCE_TIME:
        value->tag = KV_TIME;
        return found->tag == KV_TIME || (found->tag == KV_INT && seconds_to_us(found->word, &value->word));
    case SOURCE_DURATION:
        return found->tag == KV_INT && seconds_to_us(found->word, &value->word);
    case SOURCE_FLOAT:
        value->tag = KV_FLOAT;
        if (found->tag == KV_INT) value->number = (double)found->word;
        return found->tag == KV_INT || found->tag == KV_FLOAT;
    }
    return false;
}

/* Adds a value. The size of the value in a message is counted: its bytes, those of its name, and some for the tags. */
bool answer_value(struct answer *answer, const struct source_column *demanded, const char *name,
                  const struct kv_value *found)
{
    struct kv_value value = *found;
    if (!answer_ok(answer)) return false;
    if (found->tag == KV_TEXT && !bytes_are_utf8(found->span))
        return answer_fail(answer, outcome_error, code_bad_row, "column %s of row %u is not UTF-8", name,
                           answer->row_count);
    if (found->tag == KV_NONE ? demanded->optional || demanded->type == SOURCE_ANY
                              : source_typed(demanded->type, found, &value)) {
        if (answer->rows.length + value.span.length + strlen(name) + 16 > answer->bytes_max)
            return answer_fail(answer, outcome_error, code_too_large, "more than %u bytes", answer->bytes_max);
        value.secret = demanded->secret || answer->secret;
        kv_put(&answer->rows, span_of(name), &value);
        return true;
    }
    return answer_mismatch(answer, demanded, name, tag_name(found->tag));
}

bool answer_mismatch(struct answer *answer, const struct source_column *demanded, const char *name, const char *what)
{
    return answer_fail(answer, outcome_error, code_bad_row, "column %s of row %u is %s; expected %s%s", name,
                       answer->row_count, what, source_type_name(demanded->type), demanded->optional ? " or NULL" : "");
}

bool answer_row_end(struct answer *answer)
{
    if (!answer_ok(answer)) return false;
    kv_list_end(&answer->rows);
    return true;
}

void answer_changed(struct answer *answer, int64_t rows)
{
    answer->changed = rows;
}

/* Writes the event, which is in the writer's memory and valid until the writer is used again. */
struct span answer_frame(const struct answer *answer, struct writer *writer, uint64_t ixn, uint64_t ref, uint64_t conn)
{
    writer_clear(writer);
    writer_begin(writer, KIND_EventDone);
    writer_u(writer, ENVELOPE_ixn, ixn);
    writer_u(writer, ENVELOPE_ref, ref);
    writer_conn(writer, ENVELOPE_conn, conn);
    writer_u(writer, EventDone_outcome, answer->outcome);
    writer_u(writer, EventDone_code, answer->code);
    writer_text(writer, EventDone_text, answer->text);
    if (answer->outcome == outcome_ok && answer->changed >= 0) {
        struct kv value;
        kv_init(&value);
        kv_put(&value, span_of("changed"),
               &(struct kv_value){.tag = KV_INT, .secret = answer->secret, .word = answer->changed});
        writer_kv(writer, EventDone_value, &value);
        kv_free(&value);
    } else if (answer->outcome == outcome_ok) {
        writer_list_begin(writer, EventDone_columns);
        for (uint32_t i = 0; i < answer->column_count; i++) writer_list_text(writer, span_of(answer->columns[i]));
        writer_list_end(writer);
        writer_kv(writer, EventDone_rows, &answer->rows);
    }
    return writer_end(writer);
}
