/* tests/unit/daemon_import.c - A file of SQL becomes a whole directory, or a sentence about table and row. */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/daemon/directory/difference.h"
#include "runtime/daemon/directory/import.h"
#include "runtime/daemon/directory/kept.h"
#include "runtime/daemon/directory/import_check.h"
#include "runtime/daemon/directory/schedule_lines.h"
#include "vm/show.h"
#include "vm/steps.h"
#include "vm/image_writer.h"
#include "runtime/vocabulary/events_site.h"

#define TABLES                                                                                                         \
    "create table skill (name text primary key);\n"                                                                    \
    "create table agent (name text primary key, display text not null default '');\n"                                  \
    "create table agent_skill (agent text, skill text, level integer, primary key (agent, skill));\n"                  \
    "create table dn (number text primary key, type text not null default 'extension');\n"                             \
    "create table routing_point (dn text primary key, strategy text, defaults text not null default '',\n"             \
    " answer_timeout_s integer not null default 10, router_grace_s integer not null default 60);\n"

static struct directory_import *read_text(const char *text, struct error *error)
{
    char path[] = "/tmp/gcx-directory-XXXXXX";
    struct directory_import *directory;
    int fd = mkstemp(path);
    FILE *file;
    cr_assert_geq(fd, 0);
    file = fdopen(fd, "w");
    fputs(text, file);
    fclose(file);
    directory = import_read(path, 10, NULL, error);
    unlink(path);
    return directory;
}

static void refused(const char *text, const char *expected)
{
    struct error error = {0};
    struct directory_import *directory = read_text(text, &error);
    cr_expect_null(directory, "accepted: %s", text);
    cr_expect_not_null(strstr(error.text, expected), "expected `%s` in `%s`", expected, error.text);
    import_free(directory);
}

struct seen {
    unsigned rows, commits;
    char keys[4096], capacities[256];
    int64_t level;
};

static void on_event(void *self, struct span frame)
{
    struct seen *seen = self;
    struct message message;
    struct error error;
    struct kv_value value;
    struct span key;
    cr_assert(message_read(&message, frame.bytes, frame.length, &error), "%s", error.text);
    if (message.kind == KIND_DirectoryCommit) {
        seen->commits++;
        cr_expect_eq(message_u(&message, DirectoryCommit_version), 3);
        cr_expect_eq(message_u(&message, DirectoryCommit_whole), 1);
        return;
    }
    cr_expect_eq(seen->commits, 0, "the commit is last");
    cr_expect(span_is(message_text(&message, ENVELOPE_actor), "SIGHUP"), "who asked is in every one");
    seen->rows++;
    key = message_text(&message, DirectoryRow_key);
    snprintf(seen->keys + strlen(seen->keys), sizeof seen->keys - strlen(seen->keys), "%s%s:%.*s ",
             message_text(&message, DirectoryRow_row).length == 0 ? "-" : "",
             enum_name_table(message_u(&message, DirectoryRow_table)), (int)key.length, (const char *)key.bytes);
    if (kv_get(message_text(&message, DirectoryRow_row), "level", &value)) seen->level = value.word;
    if (!kv_get(message_text(&message, DirectoryRow_row), "capacity", &value)) return;
    snprintf(seen->capacities + strlen(seen->capacities), sizeof seen->capacities - strlen(seen->capacities),
             "%.*s:%.*s ", (int)key.length, (const char *)key.bytes, (int)value.span.length,
             (const char *)value.span.bytes);
}

static void events(const struct directory_import *directory, void (*event)(void *self, struct span frame), void *self)
{
    import_events(directory, 3, "SIGHUP", event, self);
    struct import_commit commit = {.version = 3, .actor = "SIGHUP", .whole = true};
    import_hash(directory, commit.hash);
    import_commit(&commit, event, self);
}

/* The rows that differ between two directories, with a minus where they are gone. */
static void differing(const char *before, const char *now, const char *keys)
{
    struct error error = {0};
    struct seen seen = {0};
    struct directory_import *one = read_text(before, &error), *other = one ? read_text(now, &error) : NULL;
    cr_assert_not_null(other, "%s", error.text);
    cr_assert(import_may_differ(one, other));
    import_differing_events(one, other, 3, "SIGHUP", on_event, &seen);
    cr_expect_str_eq(seen.keys, keys);
    import_free(one);
    import_free(other);
}

#define SOME_PEOPLE                                                                                                    \
    TABLES                                                                                                             \
    "insert into skill values ('French'); insert into agent (name) values ('marie'), ('paul');\n"                      \
    "insert into agent_skill values ('marie', 'French', 9), ('paul', 'French', 3);\n"                                  \
    "create table table_rates (name text primary key, rate integer); insert into table_rates values ('a', 1);\n"

Test(daemon_import, of_what_has_changed_only_the_rows_that_differ_become_events, .timeout = 10)
{
    differing(SOME_PEOPLE, SOME_PEOPLE, "");
    differing(SOME_PEOPLE, SOME_PEOPLE "update agent_skill set level = 4 where agent = 'paul';",
              "agent_skill:paul/French ");
    differing(SOME_PEOPLE, SOME_PEOPLE "insert into agent (name) values ('zoe');", "agent:zoe ");
    differing(SOME_PEOPLE,
              SOME_PEOPLE "delete from agent_skill where agent = 'paul'; delete from agent where name = 'paul';",
              "-agent_skill:paul/French -agent:paul ");
    differing(SOME_PEOPLE, SOME_PEOPLE "update table_rates set rate = 2;", "business:rates ");
    differing(SOME_PEOPLE, SOME_PEOPLE "drop table table_rates;", "-business:rates ");
}

Test(daemon_import, directories_of_the_same_rows_have_one_hash, .timeout = 10)
{
    const char *const texts[] = {SOME_PEOPLE, SOME_PEOPLE "update agent_skill set level = level;",
                                 SOME_PEOPLE "update agent_skill set level = 4 where agent = 'paul';"};
    uint8_t hashes[3][IMPORT_HASH];
    struct error error = {0};
    for (int i = 0; i < 3; i++) {
        struct directory_import *directory = read_text(texts[i], &error);
        cr_assert_not_null(directory, "%s", error.text);
        import_hash(directory, hashes[i]);
        import_free(directory);
    }
    cr_expect_arr_eq(hashes[0], hashes[1], IMPORT_HASH);
    cr_expect_arr_neq(hashes[0], hashes[2], IMPORT_HASH);
}

/* Of a row that is gone the core takes both names out of its key. */
Test(daemon_import, names_with_slashes_are_told_whole, .timeout = 10)
{
    struct error error = {0};
    struct directory_import *directory =
        read_text(TABLES "insert into skill values ('Fr/En'); insert into agent (name) values ('marie');\n"
                         "insert into agent_skill values ('marie', 'Fr/En', 9);\n",
                  &error);
    cr_assert_not_null(directory, "%s", error.text);
    cr_expect_not(import_may_differ(directory, directory));
    import_free(directory);
}

Test(daemon_import, rows_become_events_closed_by_a_commit, .timeout = 10)
{
    struct seen seen = {0};
    struct error error;
    struct import_point point;
    struct directory_import *directory = read_text(
        TABLES "insert into skill values ('French'); insert into agent (name) values ('marie');\n"
               "insert into agent_skill values ('marie', 'French', 9);\n"
               "insert into dn values ('1800', 'routing_point');\n"
               "insert into routing_point (dn, strategy, defaults) values ('1800', 'enterprise', '5000,5001');",
        &error);
    cr_assert_not_null(directory, "%s", error.text);
    events(directory, on_event, &seen);
    cr_expect_eq(seen.commits, 1);
    cr_expect_eq(seen.rows, import_count(directory));
    cr_expect_str_eq(seen.keys, "skill:French agent:marie agent_skill:marie/French dn:1800 routing_point:1800 ");
    cr_expect_eq(seen.level, 9);
    cr_assert(import_point(directory, 0, &point));
    cr_expect_str_eq(point.dn, "1800");
    cr_expect_str_eq(point.strategy, "enterprise");
    cr_expect_not(import_point(directory, 1, &point));
    import_free(directory);
}

Test(daemon_import, a_routing_point_has_what_its_strategy_is_given, .timeout = 10)
{
    struct error error;
    struct import_point point;
    struct kv_value value;
    const char *text =
        TABLES "create table routing_point_given (dn text, name text, value text, primary key (dn, name));\n"
               "insert into dn values ('1800', 'routing_point'), ('1801', 'routing_point');\n"
               "insert into routing_point (dn, strategy) values ('1801', 'team'), ('1800', 'team');\n"
               "insert into routing_point_given values ('1801', 'lasts', '30s'), ('1801', 'vip', 'true');";
    struct directory_import *directory = read_text(text, &error);
    cr_assert_not_null(directory, "%s", error.text);
    cr_assert(import_point(directory, 0, &point));
    cr_expect_eq(point.given.length, 0);
    cr_assert(import_point(directory, 1, &point));
    cr_assert(kv_get(point.given, "lasts", &value));
    cr_expect(value.tag == KV_TEXT && span_is(value.span, "30s"));
    cr_expect(kv_get(point.given, "vip", &value));
    import_free(directory);
    refused(TABLES "create table routing_point_given (dn text, name text, value text);\n"
                   "insert into routing_point_given values ('1801', 'lasts', '30s');",
            "table routing_point_given, row 1801/lasts: names dn 1801, which is not in table routing_point");
    refused(TABLES
            "create table routing_point_given (dn text, name text, value text);\n"
            "insert into dn values ('1801', 'routing_point');\n"
            "insert into routing_point (dn, strategy) values ('1801', 'team');\n"
            "insert into routing_point_given with recursive n(i) as (select 1 union all select i + 1 from n where "
            "i < 8) select '1801', 'p' || i, printf('%.4000c', 'x') from n;",
            "table routing_point_given, row 1801/p8: with it 1801 is given more than 32000 bytes");
}

Test(daemon_import, a_default_destination_that_is_a_queues_name_is_lacking, .timeout = 10)
{
    struct error error = {0};
    struct directory_import *directory =
        read_text(TABLES "create table queue (name text, dn text);\n"
                         "insert into dn values ('7001', 'extension'), ('5000', 'queue'), ('help', 'queue');\n"
                         "insert into queue values ('desk', '5000'), ('help', '5000');",
                  &error);
    cr_assert_not_null(directory, "%s", error.text);
    cr_expect(import_lacks_dn(directory, "desk"));
    cr_expect(import_lacks_dn(directory, "7002"));
    const char *const there[] = {"5000", "help", "night", "500", "+33145550000"};
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        cr_expect_not(import_lacks_dn(directory, there[i]), "%s", there[i]);
    import_free(directory);
}

Test(daemon_import, a_collation_of_the_file_changes_nothing, .timeout = 10)
{
    struct error error = {0};
    struct import_point point;
    struct kv_value value;
    struct directory_import *directory =
        read_text("create table dn (number text, type text);\n"
                  "create table routing_point (dn text collate nocase, strategy text, defaults text default '',\n"
                  "    answer_timeout_s integer default 10, router_grace_s integer default 60);\n"
                  "create table routing_point_given (dn text, name text, value text);\n"
                  "insert into dn values ('1', 'routing_point'), ('a', 'routing_point'), ('B', 'routing_point');\n"
                  "insert into routing_point (dn, strategy) values ('1', 'team'), ('a', 'team'), ('B', 'team');\n"
                  "insert into routing_point_given values ('B', 'lasts', '30s');",
                  &error);
    cr_assert_not_null(directory, "%s", error.text);
    cr_assert(import_point(directory, 1, &point));
    cr_expect_str_eq(point.dn, "B");
    cr_expect(kv_get(point.given, "lasts", &value));
    import_free(directory);
    refused(
        "create table skill (name text collate nocase); insert into skill values ('French'), ('french'), ('French');",
        "table skill, row French: stands twice");
}

Test(daemon_import, many_routing_points_cost_as_much_each_as_few, .timeout = 30)
{
    struct error error = {0};
    struct import_point point;
    struct directory_import *directory = read_text(
        TABLES "insert into dn with recursive n(i) as (select 1 union all select i + 1 from n where i < 65536)"
               " select i, 'routing_point' from n;\n"
               "insert into routing_point (dn, strategy) select number, 'enterprise' from dn;",
        &error);
    cr_assert_not_null(directory, "%s", error.text);
    cr_assert(import_point(directory, 65535, &point));
    cr_expect_not(import_point(directory, 65536, &point));
    import_free(directory);
}

Test(daemon_import, the_demonstration_s_own_is_good, .timeout = 10)
{
    char path[512];
    struct error error;
    struct directory_import *directory;
    const char *top = getenv("top_srcdir");
    snprintf(path, sizeof path, "%s/strategies/enterprise/directory.sql", top ? top : "..");
    directory = import_read(path, 10, NULL, &error);
    cr_assert_not_null(directory, "%s", error.text);
    cr_expect_gt(import_count(directory), 20);
    import_free(directory);
}

Test(daemon_import, mistakes_name_table_and_row, .timeout = 10)
{
    refused(TABLES "insert into skill values ('French');\ninsert into agnet values (1);", ":8: no such table: agnet");
    refused(TABLES "\n\n-- a comment\nselect * form skill;", ":10: near \"form\"");
    refused(TABLES "insert into skill values ('French'), ('French');", ":7: UNIQUE constraint failed");
    refused("create table skill (name text); insert into skill values ('French'), ('English'), ('French');",
            "table skill, row French: stands twice");
    refused("create table agent_skill (agent text, skill text, level integer);\n"
            "insert into agent_skill values ('a', 'F', 1), ('a', 'E', 1), ('a', 'F', 2);",
            "table agent_skill, row a/F: stands twice");
    refused("", "has no tables");
    refused("-- nothing but this\n", "has no tables");
    refused(TABLES "/* for ever\n", ":7: a comment that does not end");
    refused(TABLES "insert into dn values ('1', 'trunk'); insert into routing_point values ('1', 's', '5, 6', 10, 60);",
            "table routing_point, row 1: column defaults is 5, 6; expected at most 16 DNs");
    refused("create table profile (profile text, vq text, rank integer, delay_s integer, primary key (profile, vq));\n"
            "insert into profile values ('early', '*', 1, -1);",
            "column delay_s is -1; expected seconds, 0 to 86400, or NULL");
    refused("create table agnet (name text);", "unknown table agnet; expected skill, profile, agent");
    refused("create table agent (nom text);", "table agent: no such column: agent.name");
    refused(TABLES "insert into agent_skill values ('marie', 'French', 9);",
            ":7: table agent_skill, row marie/French: names agent marie, which is not in table agent: insert into");
    refused(TABLES "create table queue (name text, dn text); insert into queue values\n('desk', '5990');",
            ":8: table queue, row desk: names dn 5990, which is not in table dn: ('desk', '5990')");
    refused(TABLES "insert into agent values ('marie', ''); insert into skill values ('French'); insert into "
                   "agent_skill values ('marie', 'French', 'nine');",
            "table agent_skill, row marie/French: column level is nine; expected a level");
    refused(TABLES "insert into agent values ('marie', ''); insert into skill values ('French'); insert into "
                   "agent_skill values ('marie', 'French', 101);",
            "table agent_skill, row marie/French: column level is 101; expected a level from 0 to 100");
    refused(TABLES "insert into dn values ('1800', 'route_point');",
            "table dn, row 1800: column type is route_point; expected extension");
    refused(TABLES "insert into agent values (null, '');",
            "table agent, row NULL: column name is NULL; expected a text");
    refused(TABLES "insert into dn values ('1', 'trunk'); insert into routing_point values ('1', 's', 'a,,b', 10, 60);",
            "row 1: column defaults is a,,b");
    refused(TABLES "insert into dn values ('1', 'trunk'); insert into routing_point values ('1', 's', '', 0, 60);",
            "column answer_timeout_s is 0");
    refused("attach '/etc/passwd' as x;", ":1: too many attached databases");
}

Test(daemon_import, a_file_is_facts_within_bounds, .timeout = 30)
{
    struct error error = {0};
    struct directory_import *directory =
        read_text("pragma foreign_keys=off; pragma max_page_count = 1; pragma page_size = 512;\n" TABLES
                  "insert into skill values ('French');",
                  &error);
    cr_expect_not_null(directory, "as it is dumped, a file begins with a pragma: %s", error.text);
    import_free(directory);
    refused("create table skill as select zeroblob(100000000) as name;", ":1: string or blob too big");
    refused("create virtual table skill using fts5(name);", ":1: not authorized");
    refused(TABLES "pragma writable_schema = on; delete from sqlite_schema;",
            ":7: table sqlite_master may not be modified");
    refused(TABLES "vacuum into '/tmp/gcx-no-such-file';", ":7: too many attached databases");
}

Test(daemon_import, a_missing_file_is_said, .timeout = 10)
{
    struct error error = {0};
    cr_expect_null(import_read("/nonexistent/directory.sql", 10, NULL, &error));
    cr_expect_not_null(strstr(error.text, "/nonexistent/directory.sql cannot be read: No such file"));
}

Test(daemon_import, a_pipe_is_not_waited_for, .timeout = 10)
{
    struct error error = {0};
    char folder[] = "/tmp/gcx-import-XXXXXX", path[64];
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/directory.sql", folder);
    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_expect_null(import_read(path, 10, NULL, &error));
    cr_expect_not_null(strstr(error.text, "it is a named pipe"), "%s", error.text);
    unlink(path);
    rmdir(folder);
}

Test(daemon_import, what_takes_longer_than_it_may_is_refused, .timeout = 10)
{
    struct error error = {0};
    char path[] = "/tmp/gcx-directory-XXXXXX";
    FILE *file = fdopen(mkstemp(path), "w");
    fputs("with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n;", file);
    fclose(file);
    cr_expect_null(import_read(path, 0, NULL, &error));
    cr_expect_not_null(strstr(error.text, ":1: it takes longer than the directory_s of gcxvm.conf"), "%s", error.text);
    unlink(path);
}

struct parts {
    unsigned rows, parts, parameters;
    uint64_t next;
};

static void on_part(void *self, struct span frame)
{
    struct parts *parts = self;
    struct message message;
    struct error error;
    struct kv_value value;
    struct kv_pair pair;
    uint32_t at = 0;
    cr_assert(message_read(&message, frame.bytes, frame.length, &error), "%s", error.text);
    if (message.kind != KIND_DirectoryRow) return;
    cr_assert(kv_get(message_text(&message, DirectoryRow_row), "value", &value));
    if (message_u(&message, DirectoryRow_table) == table_parameter) parts->parameters++;
    if (message_u(&message, DirectoryRow_table) != table_business) return;
    cr_expect(span_is(message_text(&message, DirectoryRow_key), "blocked"));
    cr_assert_eq(value.tag, KV_LIST);
    while (kv_next(value.span, &at, &pair)) parts->rows++;
    cr_expect_eq(message_u(&message, DirectoryRow_part), parts->parts++);
}

#define BLOCKED "create table table_blocked (number text primary key, why text);\n"

Test(daemon_import, parameters_and_tables_of_the_site_are_said_too, .timeout = 30)
{
    struct error error = {0};
    struct parts parts = {0};
    struct import_setting setting;
    struct directory_import *directory = read_text(
        "create table parameter (name text primary key, value);\n" BLOCKED
        "insert into parameter values ('emergency', 'true'), ('most', 7), ('share', 0.5), ('wanted', null);\n"
        "insert into table_blocked with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000)"
        " select '+' || i, 'asked for it' from n;",
        &error);
    cr_assert_not_null(directory, "%s", error.text);
    cr_assert_eq(import_count(directory), 100004);
    events(directory, on_part, &parts);
    cr_expect_eq(parts.parameters, 4);
    cr_expect_eq(parts.rows, 100000);
    cr_expect_geq(parts.parts, 100);
    cr_assert(import_setting(directory, 1, &setting));
    cr_expect_str_eq(setting.name, "most");
    cr_expect_eq(setting.value.word, 7);
    cr_assert(import_setting(directory, 4, &setting));
    cr_expect_str_eq(setting.name, "blocked");
    cr_expect_str_eq(setting.key, "number");
    cr_expect_not(import_setting(directory, 5, &setting));
    import_free(directory);
}

Test(daemon_import, mistakes_in_parameters_and_tables_are_told_with_their_line, .timeout = 10)
{
    refused("create table parameter (name text primary key, value);\n"
            "insert into parameter values ('a', 1),\n  ('b', zeroblob(3)), -- ?\n  ('c', 2);",
            ":3: table parameter, row b: column value is ");
    refused("create table parameter (name text primary key, value);\n"
            "insert into parameter values ('a', 1),\n  ('b', zeroblob(3)), -- ?\n  ('c', 2);",
            "a text of at most 4096 bytes: ('b', zeroblob(3)), -- ?");
    refused(BLOCKED "insert into table_blocked values ('1', 'x');\nupdate table_blocked set why = x'00ff';",
            ":3: table table_blocked, row 1: column why: expected a number, or a text");
    refused(BLOCKED "insert into table_blocked values (null, 'x');",
            "row NULL: column number: expected a text of at most");
    refused("create table table_blocked (number text, why text);", "expected one column as primary key");
    refused("create table table_blocked (a text, b text, primary key (a, b));", "expected one column as primary key");
    refused("create table table_wide (a text primary key, b, c, d, e, f, g, h, i);\n"
            "insert into table_wide with x(t) as (select printf('%.4000c', 'x')) select 'k', t, t, t, t, t, t, t, t "
            "from x;",
            ":2: table table_wide, row k: longer than a row may be");
    refused("create table table_ (a text primary key);", "unknown table table_; expected");
}

/* ---- sources other than a file of SQL ---- */

struct sheets {
    char folder[40];
};

static void sheet_put(const char *folder, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

/* A folder of a directory that is good, but for what a test writes over it. */
static void sheets_make(struct sheets *sheets)
{
    strcpy(sheets->folder, "/tmp/gcx-sheets-XXXXXX");
    cr_assert_not_null(mkdtemp(sheets->folder));
    sheet_put(sheets->folder, "skill.csv", "name\nFrench\n");
    sheet_put(sheets->folder, "agent.csv", "\xEF\xBB\xBFname,display\r\nmarie,\"Laurent, \"\"Marie\"\"\"\r\npaul,\r\n");
    sheet_put(sheets->folder, "agent_skill.csv", "agent,skill,level\nmarie,French,9\n");
    sheet_put(sheets->folder, "dn.csv", "number\n7001\n");
    sheet_put(sheets->folder, "table_blocked.csv", "number,reason,until\n+331,\"rings\noften\",\n+332,,2027-01-01\n");
    sheet_put(sheets->folder, "notes.txt", "not a sheet");
}

static void sheets_remove(const struct sheets *sheets)
{
    char command[80];
    snprintf(command, sizeof command, "rm -r %s", sheets->folder);
    cr_assert_eq(system(command), 0);
}

static void sheets_refused(const char *name, const char *text, const char *expected)
{
    struct error error = {0};
    struct sheets sheets;
    sheets_make(&sheets);
    sheet_put(sheets.folder, name, text);
    struct directory_import *directory = import_read(sheets.folder, 10, NULL, &error);
    cr_expect_null(directory, "accepted: %s", text);
    cr_expect_not_null(strstr(error.text, expected), "expected `%s` in `%s`", expected, error.text);
    import_free(directory);
    sheets_remove(&sheets);
}

Test(daemon_import, a_folder_of_sheets_is_a_directory, .timeout = 10)
{
    struct sheets sheets;
    struct seen seen = {0};
    struct error error = {0};
    struct import_setting setting;
    struct kv_pair row;
    struct kv_value value;
    uint32_t at = 0;
    sheets_make(&sheets);
    struct directory_import *directory = import_read(sheets.folder, 10, NULL, &error);
    cr_assert_not_null(directory, "%s", error.text);
    events(directory, on_event, &seen);
    cr_expect_str_eq(seen.keys,
                     "skill:French agent:marie agent:paul agent_skill:marie/French dn:7001 business:blocked ");
    cr_expect_eq(seen.level, 9, "a number is one");
    cr_assert(import_setting(directory, 0, &setting));
    cr_expect_str_eq(setting.key, "number", "the first column is the key");
    cr_assert(kv_next(setting.value.span, &at, &row));
    cr_expect(kv_find(row.value.span, span_of("reason"), &value) && span_is(value.span, "rings\noften"));
    cr_expect(kv_find(row.value.span, span_of("until"), &value) && value.tag == KV_NONE, "an empty field is not said");
    import_free(directory);
    sheets_remove(&sheets);
}

Test(daemon_import, a_wrong_sheet_is_refused_with_its_line, .timeout = 20)
{
    sheets_refused("agent_skill.csv", "agent,skill,level\nmarie,Frensh,9\n",
                   "agent_skill.csv:2: row marie/Frensh: names skill Frensh, which is not in table skill");
    sheets_refused("agent_skill.csv", "agent,skill,level\nmarie,French,900\n",
                   "agent_skill.csv:2: row marie/French: column level is 900; expected a level from 0 to 100");
    sheets_refused("agent_skill.csv", "agent,skill\nmarie,French\n", "agent_skill.csv:1: there is no column level");
    sheets_refused("agent_skill.csv", "agent,skill,level,since\n",
                   "agent_skill.csv:1: table agent_skill has no column since");
    sheets_refused("agent.csv", "name,name\n", "agent.csv:1: column name stands twice");
    sheets_refused("agent.csv", "name\nmarie\npaul\n\nmarie\n", "agent.csv:5: a row of the key marie stands twice");
    sheets_refused("agent.csv", "name,display\nmarie\n",
                   "agent.csv:2: the line has 1 fields, and the first line names 2");
    sheets_refused("agent.csv", "name\n\"marie\n", "agent.csv:2: a quote is not closed");
    sheets_refused("agent.csv", "name\n\"marie\"x\n", "agent.csv:2: something stands behind a closing quote");
    sheets_refused("agent.csv", "", "agent.csv:1: the sheet is empty; its first line names the columns");
    sheets_refused("agents.csv", "name\n", "agents.csv: unknown table agents; expected skill, profile, agent, ");
    sheets_refused("table_blocked.csv", "number\n\n+331\n+331\n",
                   "table_blocked.csv:4: a row of the key +331 stands twice");
}

Test(daemon_import, a_column_that_nobody_reads_is_told_with_the_one_that_was_meant, .timeout = 20)
{
    struct error error = {0};
    struct directory_import *directory = read_text(
        "create table agent (name text primary key, capasity text, \"Display\" text);"
        "create table rule_set (name text primary key, abandoned_permile integer, abandoned_permille integer);"
        "create table reason (name text primary key, display text, colour text);",
        &error);
    cr_assert_not_null(directory, "%s", error.text);
    static const char *const told[] = {
        "table agent has no column capasity; did you mean capacity?", "table reason has no column colour",
        "table rule_set has no column abandoned_permile; did you mean abandoned_permille?"};
    for (size_t i = 0; i < 3; i++) {
        cr_assert_not_null(import_doubt(directory, i));
        const char *what = strstr(import_doubt(directory, i), "table ");
        cr_expect_str_eq(what, told[i]);
    }
    cr_expect_null(import_doubt(directory, 3));
    import_free(directory);
    sheets_refused("agent.csv", "name,capasity\n",
                   "agent.csv:1: table agent has no column capasity; did you mean capacity?");
}

Test(daemon_import, a_database_of_sqlite_is_a_directory, .timeout = 10)
{
    char path[] = "/tmp/gcx-directory-XXXXXX";
    struct seen seen = {0};
    struct error error = {0};
    sqlite3 *db;
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    close(fd);
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db,
                              "pragma page_size = 1024; create table people (name text);"
                              "insert into people values ('marie'); create table agent (name text primary key);"
                              "insert into agent select name from people; drop table people;",
                              NULL, NULL, NULL),
                 SQLITE_OK);
    sqlite3_close(db);
    struct directory_import *directory = import_read(path, 10, NULL, &error);
    cr_assert_not_null(directory, "%s", error.text);
    events(directory, on_event, &seen);
    cr_expect_str_eq(seen.keys, "agent:marie ", "a column that has a default may be left out");
    import_free(directory);
    cr_assert_eq(truncate(path, 1500), 0);
    directory = import_read(path, 10, NULL, &error);
    cr_expect_null(directory, "a database that was cut");
    unlink(path);
}

/* ---- groups by expression, calendars ---- */

#define PEOPLE                                                                                                         \
    TABLES "insert into skill values ('French'), ('Sales'), ('night shift');\n"                                        \
           "insert into agent (name) values ('marie'), ('paul'), ('anne'), ('jean');\n"                                \
           "insert into agent_skill values ('marie', 'French', 9), ('paul', 'French', 3), ('paul', 'Sales', 5),\n"     \
           " ('anne', 'night shift', 1);\n"                                                                            \
           "create table \"group\" (name text primary key, members text);\n"                                           \
           "create table group_member (\"group\" text, agent text, primary key (\"group\", agent));\n"                 \
           "insert into \"group\" values ('billing', null);\n"                                                         \
           "insert into group_member values ('billing', 'marie'), ('billing', 'jean');\n"

static void members_are(const char *expression, const char *expected)
{
    char text[2000];
    struct seen seen = {0};
    struct error error = {0};
    snprintf(text, sizeof text, PEOPLE "insert into \"group\" values ('vips', '%s');", expression);
    struct directory_import *directory = read_text(text, &error);
    cr_assert_not_null(directory, "%s", error.text);
    events(directory, on_event, &seen);
    const char *from = strstr(seen.keys, "group_member:billing/marie ");
    cr_assert_not_null(from);
    cr_expect_str_eq(from + strlen("group_member:billing/marie "), expected, "%s: %s", expression, from);
    cr_expect_eq(seen.rows, import_count(directory));
    import_free(directory);
}

Test(daemon_import, a_group_by_expression_has_whom_it_describes, .timeout = 20)
{
    members_are("French >= 5 and billing", "group_member:vips/marie ");
    members_are("French", "group_member:vips/marie group_member:vips/paul ");
    members_are("French < 5 and not billing", "group_member:vips/anne group_member:vips/paul ");
    members_are("French == 0", "group_member:vips/anne group_member:vips/jean ");
    members_are("French != 9 and (Sales or \"night shift\" >= 1)", "group_member:vips/anne group_member:vips/paul ");
    members_are("Sales > 5 or billing and French<=3", "group_member:vips/jean ");
}

Test(daemon_import, who_is_a_member_anyway_is_told_once, .timeout = 10)
{
    struct seen seen = {0};
    struct error error = {0};
    struct directory_import *directory =
        read_text(PEOPLE "update \"group\" set members = 'French' where name = 'billing';", &error);
    cr_assert_not_null(directory, "%s", error.text);
    events(directory, on_event, &seen);
    cr_expect_not_null(
        strstr(seen.keys, "group_member:billing/jean group_member:billing/marie group_member:billing/paul "));
    import_free(directory);
}

Test(daemon_import, a_wrong_expression_is_refused_with_its_row, .timeout = 20)
{
#define GROUP(expression) PEOPLE "insert into \"group\" values ('vips', '" expression "');"
    refused(GROUP("Frensh >= 5"),
            "table group, row vips: column members: names a skill that is not in table skill: Frensh");
    refused(GROUP("bilingual"), "names what is neither in table skill nor in table group: bilingual");
    refused(GROUP("French >= 500"), "expected a level from 0 to 100 behind French");
    refused(GROUP("French >= "), "expected a level from 0 to 100 behind French");
    refused(GROUP("French >= 5 Sales"), "expected `and` or `or` before Sales");
    refused(GROUP("(French or Sales"), "a parenthesis is not closed");
    refused(GROUP("French and"), "expected a skill or a group");
    refused(GROUP(""), "column members is ; expected an expression");
    refused(GROUP("vips or French"), "a group by expression cannot be part of another: vips");
    refused(GROUP("((((((((((((((((((((((((((((((((((French"), "nested too deeply");
    refused(GROUP("not \"French"), "expected a skill or a group before \"French");
#undef GROUP
}

Test(daemon_import, a_schedule_has_the_days_of_a_calendar, .timeout = 10)
{
    struct error error = {0};
    struct seen seen = {0};
    struct import_setting setting;
    const char *tables = "create table holiday (calendar text, date text, name text);\n"
                         "create table schedule (name text primary key, value text);\n"
                         "insert into holiday values ('FR', '2026-12-25', 'Noel'), ('FR', '2026-07-14', ''),\n"
                         " ('DE', '2026-10-03', '');\n";
    char text[1000];
    snprintf(text, sizeof text,
             "%s insert into schedule values ('hours', 'mon..fri 08:00..18:00; holidays FR closed; holidays DE "
             "10:00..12:00, 13:00..14:00');",
             tables);
    struct directory_import *directory = read_text(text, &error);
    cr_assert_not_null(directory, "%s", error.text);
    events(directory, on_event, &seen);
    cr_expect_str_eq(seen.keys, "schedule:hours ", "gcxvm itself reads calendars");
    char shown[400];
    struct shown out = {shown, sizeof shown, 0};
    cr_assert(import_setting(directory, 0, &setting));
    schedule_lines_show(&out, setting.value.span);
    shown[out.length] = '\0';
    cr_expect_str_eq(shown, "mon..fri 08:00..18:00; 2026-07-14 closed; 2026-12-25 closed; "
                            "2026-10-03 10:00..12:00, 13:00..14:00");
    import_free(directory);
    snprintf(text, sizeof text, "%s insert into schedule values ('hours', 'open; holidays UK closed');", tables);
    refused(text,
            "table schedule, row hours: column value is open; holidays UK closed; expected closed, open, or lines");
    snprintf(text, sizeof text, "%s insert into holiday values ('FR', '2026-02-30', '');", tables);
    refused(text, "table holiday, row FR/2026-02-30: column date is 2026-02-30; expected a date, as 2026-12-25");
}

/* The dates take almost all the bytes that a row may have, whatever else is in the row. */
Test(daemon_import, a_schedule_may_have_so_many_dates_and_no_more, .timeout = 10)
{
    static const char name[] = "hours_of_the_support_desk_in_paris";
    const char *dates = "create table holiday (calendar text, date text);\n"
                        "create table schedule (name text primary key, value text);\n"
                        "insert into holiday with recursive n(i) as (select 0 union all select i + 1 from n where "
                        "i < %d) select 'FR', date('2026-01-01', i || ' days') from n;\n"
                        "insert into schedule values ('%s', 'holidays FR closed');";
    struct error error = {0};
    struct import_setting setting;
    char text[1000];
    snprintf(text, sizeof text, dates, 967, name);
    struct directory_import *directory = read_text(text, &error);
    cr_assert_not_null(directory, "%s", error.text);
    cr_assert(import_setting(directory, 0, &setting));
    cr_expect_str_eq(setting.name, name);
    cr_expect_eq(setting.value.tag, KV_LIST);
    import_free(directory);
    snprintf(text, sizeof text, dates, 968, name);
    refused(text, "column value is holidays FR closed; expected fewer lines, or fewer dates in its calendars");
    snprintf(text, sizeof text, dates, 4000, "hours', 'open; holidays FR closed; holidays FR closed'), ('late");
    refused(text, "row hours: column value is open; holidays FR closed; holidays FR closed; expected fewer lines, or");
}

/* ---- the copy that is kept, and what differs from it ---- */

static void kept_as(const char *state, const char *text, uint64_t version)
{
    struct error error = {0};
    struct kept_import kept = {.version = version, .at_us = 1, .source = "a.sql", .by_hand = true, .actor = "root"};
    struct directory_import *directory = read_text(text, &error);
    cr_assert_not_null(directory, "%s", error.text);
    cr_assert(kept_write(directory, state, &kept, &error), "%s", error.text);
    import_free(directory);
}

static uint64_t kept_version(const char *state)
{
    struct kept_import kept;
    if (!kept_about(state, &kept)) return 0;
    uint64_t version = kept.version;
    cr_expect(kept.by_hand);
    cr_expect_str_eq(kept.source, "a.sql");
    cr_expect_null(kept.why);
    kept_forget(&kept);
    return version;
}

Test(daemon_import, the_copy_is_of_what_the_core_has_whenever_it_ends, .timeout = 10)
{
    char state[] = "/tmp/gcx-kept-XXXXXX";
    cr_assert_not_null(mkdtemp(state));
    kept_recover(state, 5);
    cr_expect_eq(kept_version(state), 0, "nothing was kept");
    kept_as(state, TABLES, 7);
    cr_expect_eq(kept_version(state), 0, "the core has not taken it yet");
    kept_recover(state, 7);
    cr_expect_eq(kept_version(state), 7, "the journal had it when gcxvm was killed");
    kept_as(state, TABLES, 8);
    kept_recover(state, 7);
    cr_expect_eq(kept_version(state), 7, "the journal did not have it");
    kept_recover(state, 8);
    cr_expect_eq(kept_version(state), 7, "nor does it come back");
    kept_as(state, TABLES, 9);
    kept_settle(state, false);
    cr_expect_eq(kept_version(state), 7, "the core has refused it");
    kept_as(state, TABLES, 10);
    kept_settle(state, true);
    cr_expect_eq(kept_version(state), 10);
    kept_settle(state, true);
    cr_expect_eq(kept_version(state), 0, "another is in force, of which there is no copy");
    cr_assert_eq(rmdir(state), 0, "nothing is left");
}

static void lines_are(const char *before, const char *after, const char *expected)
{
    char state[] = "/tmp/gcx-kept-XXXXXX", said[1000] = "", command[64];
    struct error error = {0};
    struct difference difference = {.limit = 10};
    cr_assert_not_null(mkdtemp(state));
    kept_as(state, before, 1);
    kept_settle(state, true);
    struct directory_import *directory = read_text(after, &error);
    cr_assert_not_null(directory, "%s", error.text);
    cr_assert(difference_make(&difference, directory, state, &error), "%s", error.text);
    for (size_t i = 0; i < difference.line_count; i++)
        snprintf(said + strlen(said), sizeof said - strlen(said), "%s\n", difference.lines[i]);
    cr_expect_str_eq(said, expected);
    cr_expect_eq(difference.added + difference.removed + difference.changed, difference.line_count);
    difference_free(&difference);
    import_free(directory);
    snprintf(command, sizeof command, "rm -r %s", state);
    cr_assert_eq(system(command), 0);
}

Test(daemon_import, what_differs_is_told_row_by_row, .timeout = 10)
{
#define SHEET(columns, rows) TABLES "create table table_areas (" columns "); " rows
    const char *rows = "insert into table_areas values ('+33', 'paris'), ('+44', null);";
    char text[2000];
    snprintf(text, sizeof text, "%s%s", SHEET("area text primary key, desk text", ""), rows);
    lines_are(text, text, "");
    lines_are(TABLES, SHEET("area text primary key, desk text", ""), "+ table_areas\n");
    lines_are(SHEET("area text primary key, desk text", ""), TABLES, "- table_areas\n");
    lines_are(text,
              SHEET("desk text, area text primary key, n int", "insert into table_areas values ('lyon', '+33', 3);"),
              "~ table_areas +33: desk paris -> lyon, n none -> 3\n- table_areas +44: desk=none\n");
    lines_are(TABLES "insert into agent values ('b', ''), ('a', 'A');",
              TABLES "insert into agent values ('B', 'x'), ('a', 'A');",
              "+ agent B: display=x, capacity=none, profile=none, home=none\n- agent b: display=\"\", capacity=none, "
              "profile=none, home=none\n");
#undef SHEET
}

#define CAPACITIES "create table agent (name text primary key, display text, capacity text);\n"

/* A site with the capacity `blended`. */
static struct image *site(void)
{
    struct error error;
    size_t length;
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_voice, 1000000);
    writer_capacity(w, "blended", &(struct capacity_row){CAPACITY_TAKES, media_voice, 1}, 1);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_stop_why, OPERAND_CONSTANT | (uint16_t)writer_constant_text(w, "end", 3));
    writer_step(w, STEP_ID_stop, REGISTER_NONE);
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    void *bytes = image_writer_finish(w, &length, &error);
    image_writer_free(w);
    struct image *image = image_load(bytes, length, &error);
    cr_assert_not_null(image, "%s", error.text);
    free(bytes);
    return image;
}

#define PROFILES                                                                                                       \
    "create table profile (profile text, vq text, rank integer, delay_s integer, primary key (profile, vq));\n"

Test(daemon_import, rows_for_all_other_queues_have_eight_delays_at_most, .timeout = 10)
{
    struct error error = {0};
    struct image *image = site();
    const struct image *const images[] = {image};
    char text[1024] = PROFILES "insert into profile values ('p0', '*', 1, null), ('q', '*', 1, 0)";
    for (unsigned profile = 1; profile <= 16; profile++) {
        size_t length = strlen(text);
        snprintf(text + length, sizeof text - length, ", ('p%u', '*', 1, %u)", profile, profile % 8 + 1);
    }
    struct directory_import *directory = read_text(text, &error);
    cr_assert_not_null(directory, "%s", error.text);
    cr_expect(import_check(directory, "directory.sql", images, 1, &error), "%s", error.text);
    import_free(directory);
    strcat(text, ", ('p99', '*', 1, 9)");
    directory = read_text(text, &error);
    cr_assert_not_null(directory, "%s", error.text);
    cr_expect_not(import_check(directory, "directory.sql", images, 1, &error));
    cr_expect_str_eq(error.text,
                     "directory.sql: table profile, row p99/*: has a ninth delay; all rows for the vq * have "
                     "at most eight different ones");
    import_free(directory);
    image_free(image);
}

Test(daemon_import, agents_and_places_have_a_capacity_of_the_site_or_none, .timeout = 10)
{
    struct seen seen = {0};
    struct error error = {0};
    struct image *image = site();
    const struct image *const images[] = {image};
    struct directory_import *directory = read_text(
        CAPACITIES "insert into agent values ('jean', '', null), ('marie', '', 'blended'), ('paul', '', '');", &error);
    cr_assert_not_null(directory, "%s", error.text);
    events(directory, on_event, &seen);
    cr_expect_str_eq(seen.capacities, "marie:blended ");
    cr_expect(import_check(directory, "directory.sql", images, 1, &error), "%s", error.text);
    import_free(directory);
    refused(CAPACITIES "insert into agent values ('marie', '', zeroblob(3));",
            ":2: table agent, row marie: column capacity is ; expected a capacity of the site");
    directory = read_text(CAPACITIES "insert into agent values ('marie', '', 'blnded');", &error);
    cr_assert_not_null(directory, "%s", error.text);
    cr_expect_not(import_check(directory, "directory.sql", images, 1, &error));
    cr_expect_str_eq(error.text, "directory.sql: table agent, row marie: no site of the configured strategies has the "
                                 "capacity blnded; did you mean blended?");
    import_free(directory);
    directory = read_text("create table place (name text primary key, capacity text);\n"
                          "insert into place values ('desk 1', 'blended'), ('desk 2', null), ('desk 3', 'blend');",
                          &error);
    cr_assert_not_null(directory, "%s", error.text);
    cr_expect_not(import_check(directory, "directory.sql", images, 1, &error));
    cr_expect_str_eq(error.text, "directory.sql: table place, row desk 3: no site of the configured strategies has the "
                                 "capacity blend; did you mean blended?");
    import_free(directory);
    image_free(image);
}

Test(daemon_import, groups_have_places_that_are_there, .timeout = 10)
{
#define PLACES                                                                                                         \
    "create table \"group\" (name text primary key);\ncreate table place (name text primary key);\n"                   \
    "create table group_place (\"group\" text, place text, primary key (\"group\", place));\n"                         \
    "insert into \"group\" values ('night'), ('day'); insert into place values ('hall'), ('window');\n"
    struct error error = {0};
    struct seen seen = {0};
    struct directory_import *directory =
        read_text(PLACES "insert into group_place values ('night', 'window'), ('day', 'hall');", &error);
    cr_assert_not_null(directory, "%s", error.text);
    events(directory, on_event, &seen);
    cr_expect_not_null(strstr(seen.keys, "group_place:day/hall group_place:night/window "), "%s", seen.keys);
    import_free(directory);
    refused(PLACES "insert into group_place values ('night', 'attic');",
            "table group_place, row night/attic: names place attic, which is not in table place");
    refused(PLACES "insert into group_place values ('nigth', 'hall');",
            "table group_place, row nigth/hall: names group nigth, which is not in table group");
}

Test(daemon_import, reasons_have_a_name_and_what_people_call_them, .timeout = 10)
{
    struct error error = {0};
    struct seen seen = {0};
    struct directory_import *directory =
        read_text("create table reason (name text primary key, display text);\n"
                  "insert into reason values ('lunch', 'Lunch break'), ('tr', 'Training');",
                  &error);
    cr_assert_not_null(directory, "%s", error.text);
    events(directory, on_event, &seen);
    cr_expect_str_eq(seen.keys, "reason:lunch reason:tr ");
    import_free(directory);
    refused("create table reason (name text, display text); insert into reason values ('tr', 'a'), ('tr', 'b');",
            "table reason, row tr");
    refused("create table reason (name text, display text); insert into reason values ('tr', '');",
            "table reason, row tr: column display");
    refused("create table reason (name text, display text);\n"
            "insert into reason values ('tr', '12345678901234567890123456789012345678901234567890123456789012345');",
            "table reason, row tr: column display");
}

#define CAMPAIGNS                                                                                                      \
    TABLES "create table \"group\" (name text primary key);\n"                                                         \
           "create table rule_set (name text primary key, wait_ms integer, of_day integer);\n"                         \
           "create table campaign (name text primary key, mode text, agents text, rule_set text, \"order\" text);\n"   \
           "insert into dn values ('reminders', 'routing_point');\n"                                                   \
           "insert into routing_point (dn, strategy) values ('reminders', 'remind');\n"                                \
           "insert into \"group\" values ('sales'); insert into rule_set values ('strict', 1000, 3);\n"

static void on_campaign(void *self, struct span frame)
{
    struct message message;
    struct kv_value value;
    char *said = self;
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    if (message.kind != KIND_DirectoryRow) return;
    struct span row = message_text(&message, DirectoryRow_row);
    if (kv_get(row, "wait_ms", &value)) sprintf(said + strlen(said), "wait_ms %lld ", (long long)value.word);
    if (kv_get(row, "lines", &value)) sprintf(said + strlen(said), "lines %lld ", (long long)value.word);
    if (message_u(&message, DirectoryRow_table) != table_campaign) return;
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(row, &at, &pair);)
        sprintf(said + strlen(said), "%.*s=%.*s ", (int)pair.key.length, (const char *)pair.key.bytes,
                (int)pair.value.span.length, (const char *)pair.value.span.bytes);
}

Test(daemon_import, campaigns_have_a_rule_set_whose_missing_columns_are_as_usual, .timeout = 10)
{
    struct error error = {0};
    struct seen seen = {0};
    char said[512] = "";
    struct directory_import *directory = read_text(
        CAMPAIGNS "insert into campaign values ('reminders', 'predictive', 'sales', 'strict', null);", &error);
    cr_assert_not_null(directory, "%s", error.text);
    events(directory, on_event, &seen);
    cr_expect_not_null(strstr(seen.keys, "rule_set:strict campaign:reminders "), "%s", seen.keys);
    events(directory, on_campaign, said);
    cr_expect_str_eq(said, "wait_ms 1000 lines 100 name=reminders mode=predictive agents=sales rule_set=strict ");
    import_free(directory);
    directory = read_text(CAMPAIGNS "insert into campaign values ('reminders', 'power', null, '', 'n desc');", &error);
    cr_assert_not_null(directory, "%s: nothing is named where a name is left out", error.text);
    import_free(directory);
    refused(CAMPAIGNS "insert into campaign values ('reminders', 'none', null, null, null);",
            "table campaign, row reminders: column mode is none; expected preview, progressive, predictive, "
            "push_preview or power");
    refused(CAMPAIGNS "insert into campaign values ('reminders', 'power', 'sale', null, null);",
            "names agents sale, which is not in table group");
    refused(CAMPAIGNS "insert into campaign values ('reminders', 'power', null, 'stricter', null);",
            "names rule_set stricter, which is not in table rule_set");
    refused(CAMPAIGNS "insert into campaign values ('remind', 'power', null, null, null);",
            "names name remind, which is not in table routing_point");
    refused(CAMPAIGNS "insert into rule_set values ('lax', 60001, 0);",
            "table rule_set, row lax: column wait_ms is 60001; expected a number from 0 to 60000");
    refused(CAMPAIGNS "insert into rule_set values ('lax', 'long', 0);",
            "table rule_set, row lax: column wait_ms is long; expected a number from 0 to 60000");
}

Test(daemon_import, a_campaign_names_a_schedule_that_is_there, .timeout = 10)
{
    struct error error = {0};
    char said[512] = "";
#define HOURS                                                                                                          \
    CAMPAIGNS                                                                                                          \
    "create table schedule (name text primary key, value text); insert into schedule values ('day', 'open');"          \
    "alter table campaign add column schedule text; alter table campaign add column zone text;\n"
    struct directory_import *directory = read_text(
        HOURS "insert into campaign values ('reminders', 'power', null, null, null, 'day', 'Asia/Tokyo');", &error);
    cr_assert_not_null(directory, "%s", error.text);
    events(directory, on_campaign, said);
    cr_expect_not_null(strstr(said, "schedule=day zone=Asia/Tokyo "), "%s", said);
    import_free(directory);
    refused(HOURS "insert into campaign values ('reminders', 'power', null, null, null, 'night', 'Asia/Tokyo');",
            "names schedule night, which is not in table schedule");
}

Test(daemon_import, a_rule_set_in_a_sheet_has_the_columns_that_it_needs, .timeout = 10)
{
    sheets_refused("rule_set.csv", "name,abandoned_permille,window_s\nlaw,30,60\n",
                   "rule_set.csv:2: row law: column window_s is 60; expected a number from 61 to 2592000");
    sheets_refused("rule_set.csv", "name,abandoned\nlaw,30\n",
                   "rule_set.csv:1: table rule_set has no column abandoned");
}
