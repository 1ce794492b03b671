/* tests/unit/records_sink.c - Rows and their position are written together or not at all; a database of another version
 * is brought forward or refused. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/records/sink.h"
#include "runtime/sql/sql.h"

TestSuite(records_sink, .timeout = 20);

struct place {
    char folder[64], file[96], target[112];
};

static struct place place_new(const char *kind)
{
    struct place place = {.folder = "/tmp/gcx-records-XXXXXX"};
    cr_assert(mkdtemp(place.folder));
    snprintf(place.file, sizeof place.file, "%s/records", place.folder);
    snprintf(place.target, sizeof place.target, "%s:%s", kind, place.file);
    return place;
}

static void place_free(const struct place *place)
{
    char command[96];
    snprintf(command, sizeof command, "rm -rf %s", place->folder);
    cr_assert_eq(system(command), 0);
}

static struct sink *opened(const struct place *place, struct sink_position *position)
{
    struct error error = {0};
    struct sink *sink = sink_open(place->target, &error);
    cr_assert(sink, "%s", error.text);
    memset(position, 0, sizeof *position);
    memset(position->first, 'a', JOURNAL_HASH);
    position->partition = 1;
    cr_assert(sink_begin(sink, position, &error), "%s", error.text);
    return sink;
}

static void put(struct sink *sink, uint64_t batch, uint32_t n, const char *name)
{
    struct error error = {0};
    struct record_value values[audit_COLUMNS] = {0};
    values[audit_at] = (struct record_value){.kind = VALUE_IS_MOMENT, .number = INT64_C(1795317300123456)};
    values[audit_name] = (struct record_value){.kind = VALUE_IS_TEXT, .text = span_of(name)};
    struct record_row row = {.table = TABLE_audit, .batch = batch, .n = n, .values = values};
    cr_assert(sink_put(sink, &row, &error), "%s", error.text);
}

static bool committed(struct sink *sink, struct sink_position *position, uint64_t batch, struct error *error)
{
    struct sink_position next = *position;
    next.batch = batch;
    memset(next.hash, 'b', JOURNAL_HASH);
    if (!sink_commit(sink, &next, error)) return false;
    *position = next;
    return true;
}

static long count_lines(const char *file, const char *text)
{
    char line[1024];
    long count = 0;
    FILE *in = fopen(file, "r");
    while (in && fgets(line, sizeof line, in)) count += strstr(line, text) != NULL;
    if (in) fclose(in);
    return count;
}

static char *asked(const struct place *place, const char *sql)
{
    static char answer[256];
    sqlite3 *db;
    sqlite3_stmt *statement;
    cr_assert_eq(sqlite3_open(place->file, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
    answer[0] = '\0';
    if (sqlite3_step(statement) == SQLITE_ROW)
        snprintf(answer, sizeof answer, "%s", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return answer;
}

/* The state that one writer leaves and the next one finds. */
static void left_and_found(const struct place *place)
{
    struct error error = {0};
    struct sink_position position;
    struct sink *sink = opened(place, &position);
    cr_assert_eq(position.journal, 1);
    cr_assert_eq(position.batch, 0u);
    put(sink, 3, 0, "first");
    put(sink, 5, 0, "second \"\t\n\\ one");
    cr_assert(committed(sink, &position, 5, &error), "%s", error.text);
    put(sink, 6, 0, "lost");
    sink_close(sink);
    sink = opened(place, &position);
    cr_expect_eq(position.batch, 5u, "what was put and not committed is not there");
    cr_expect_eq(position.hash[0], 'b');
    put(sink, 6, 0, "third");
    cr_assert(committed(sink, &position, 7, &error), "%s", error.text);
    struct sink_position other = position;
    memset(other.first, 'c', JOURNAL_HASH);
    cr_assert(sink_begin(sink, &other, &error), "%s", error.text);
    cr_expect_eq(other.journal, 2, "another journal has a number of its own");
    sink_close(sink);
}

Test(records_sink, sqlite_has_what_was_committed_and_nothing_else)
{
    struct place place = place_new("sqlite");
    left_and_found(&place);
    cr_expect_str_eq(asked(&place, "select count(*) from audit"), "3");
    cr_expect_str_eq(asked(&place, "select at from audit where name = 'first'"), "2026-11-22 03:15:00.123");
    place_free(&place);
}

Test(records_sink, a_copy_is_read_and_nothing_comes_beside_it)
{
    struct place place = place_new("sqlite");
    struct error error = {0};
    char copy[112], target[128], beside[128];
    int64_t count;
    bool there;
    left_and_found(&place);
    snprintf(copy, sizeof copy, "%s/50%%20 #1?", place.folder);
    snprintf(target, sizeof target, "sqlite:%s", copy);
    cr_assert_eq(rename(place.file, copy), 0);
    struct sql *sql = sql_open_still(target, "the copy", &error);
    cr_assert(sql, "%s", error.text);
    cr_assert(sql_find(sql, &error, &count, &there, "SELECT count(*) FROM audit", SQL_NONE), "%s", error.text);
    cr_expect_eq(count, 3);
    cr_expect_not(sql_run(sql, "DELETE FROM audit", &error));
    snprintf(beside, sizeof beside, "%s-shm", copy);
    cr_expect_eq(access(beside, F_OK), -1);
    sql_close(sql);
    place_free(&place);
}

Test(records_sink, lines_have_what_was_committed_and_nothing_else)
{
    struct place place = place_new("jsonl");
    left_and_found(&place);
    int file = open(place.file, O_WRONLY | O_APPEND);
    cr_assert_eq(write(file, "{\"table\":\"audit\"}\n{\"half", 24), 24);
    close(file);
    struct sink_position position;
    sink_close(opened(&place, &position));
    cr_expect_eq(position.batch, 7u);
    cr_expect_eq(count_lines(place.file, "\"table\":\"audit\""), 3, "what stands behind the last position is cut off");
    cr_expect_eq(count_lines(place.file, "\"name\":\"second \\\"\\u0009\\u000a\\\\ one\""), 1);
    cr_expect_eq(count_lines(place.file, "half"), 0);
    place_free(&place);
}

Test(records_sink, a_file_of_somebody_else_is_left_as_it_is)
{
    struct place place = place_new("jsonl");
    struct error error = {0};
    FILE *out = fopen(place.file, "w");
    cr_assert(out);
    fputs("precious\n", out);
    fclose(out);
    struct sink *sink = sink_open(place.target, &error);
    cr_expect_not(sink, "it is taken for records");
    sink_close(sink);
    cr_expect(strstr(error.text, "is left as it is"), "%s", error.text);
    cr_expect_eq(count_lines(place.file, "precious"), 1);
    place_free(&place);
}

Test(records_sink, a_column_that_somebody_has_added_is_null)
{
    struct place place = place_new("sqlite");
    struct error error = {0};
    struct sink_position position;
    sink_close(opened(&place, &position));
    asked(&place, "alter table audit add column mine text");
    struct sink *sink = opened(&place, &position);
    put(sink, 3, 0, "first");
    cr_assert(committed(sink, &position, 5, &error), "%s", error.text);
    sink_close(sink);
    cr_expect_str_eq(asked(&place, "select mine is null from audit"), "1");
    place_free(&place);
}

Test(records_sink, a_row_that_is_written_twice_is_there_once)
{
    struct error error = {0};
    struct place place = place_new("sqlite");
    struct sink_position position;
    struct sink *sink = opened(&place, &position);
    put(sink, 3, 0, "once");
    put(sink, 3, 0, "twice");
    cr_assert(committed(sink, &position, 3, &error), "%s", error.text);
    sink_close(sink);
    cr_expect_str_eq(asked(&place, "select count(*) from audit"), "1");
    place_free(&place);
}

Test(records_sink, of_two_writers_the_later_one_is_refused)
{
    struct error error = {0};
    struct place place = place_new("sqlite");
    struct sink_position mine, theirs;
    struct sink *sink = opened(&place, &mine), *other = opened(&place, &theirs);
    put(sink, 1, 0, "mine");
    cr_assert(committed(sink, &mine, 1, &error), "%s", error.text);
    put(other, 2, 0, "theirs");
    cr_expect_not(committed(other, &theirs, 2, &error));
    cr_expect(strstr(error.text, "another gcxrecords"), "%s", error.text);
    sink_close(other);
    sink_close(sink);
    cr_expect_str_eq(asked(&place, "select count(*) from audit"), "1");
    place_free(&place);

    place = place_new("jsonl");
    sink = opened(&place, &mine);
    cr_expect_not(sink_open(place.target, &error));
    cr_expect(strstr(error.text, "another gcxrecords"), "%s", error.text);
    sink_close(sink);
    place_free(&place);
}

Test(records_sink, an_earlier_version_is_brought_forward_and_a_later_one_refused)
{
    struct error error = {0};
    struct place place = place_new("sqlite");
    struct sink_position position;
    struct sink *sink = opened(&place, &position);
    put(sink, 1, 0, "of before");
    cr_assert(committed(sink, &position, 1, &error), "%s", error.text);
    sink_close(sink);
    asked(&place, "alter table audit drop column why");
    asked(&place, "drop table owners");
    asked(&place, "drop view vq_quarters");
    asked(&place, "update gcx_records set version = -1");
    sink = opened(&place, &position);
    cr_expect_eq(position.batch, 1u);
    put(sink, 2, 0, "of now");
    cr_assert(committed(sink, &position, 2, &error), "%s", error.text);
    sink_close(sink);
    cr_expect_str_eq(asked(&place, "select count(*) from audit where why is null"), "2");
    cr_expect_str_eq(asked(&place, "select count(*) from owners"), "0");
    cr_expect_str_eq(asked(&place, "select count(*) from vq_quarters"), "0");
    asked(&place, "update gcx_records set version = 99");
    cr_expect_not(sink_open(place.target, &error));
    cr_expect_eq(error.code, ERROR_VERSION);
    cr_expect(strstr(error.text, "version 99"), "%s", error.text);
    place_free(&place);
}

Test(records_sink, a_table_without_a_version_is_refused_with_what_to_do)
{
    static const char *const damages[] = {"delete from gcx_records", "insert into gcx_records values('soon')",
                                          "update gcx_records set version = 0"};
    struct place place = place_new("sqlite");
    struct sink_position position;
    sink_close(opened(&place, &position));
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct error error = {0};
        asked(&place, damages[i]);
        cr_expect_not(sink_open(place.target, &error), "%s", damages[i]);
        cr_expect(strstr(error.text, "into another database"), "%s: %s", damages[i], error.text);
    }
    place_free(&place);
}

Test(records_sink, a_target_that_names_nothing_is_refused_with_what_is_expected)
{
    struct error error = {0};
    cr_expect_not(sink_open("records.db", &error));
    cr_expect(strstr(error.text, "expected sqlite:FILE"), "%s", error.text);
    cr_expect_not(sink_open("sqlite:", &error));
    cr_expect_not(sink_open("sqlite:/nowhere/at/all", &error));
    cr_expect_not(sink_open("jsonl:/nowhere/at/all", &error));
    cr_expect_not(sink_open("host=/nowhere dbname=none", &error));
}
