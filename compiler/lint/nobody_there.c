/* compiler/lint/nobody_there.c - Finds a line of a selection that no agent of the directory could serve; the
 * directory is the directory.sql of gcxvm(8), loaded into memory.
 *
 *     select in vq service { skill French >= 8; }    // the best one there speaks it at level 5
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiler/lint/lint.h"
#include "runtime/sql/lite.h"
#include "base/memory.h"

enum { DIRECTORY_LIMIT = 64 * 1024 * 1024 };

static char *directory_read_all(const char *path, const char **why)
{
    struct stat status;
    FILE *file = source_open(path, &status, why);
    char *text = NULL;
    size_t length = 0, room = 0;
    if (!file) return NULL;
    do {
        room = room * 2 + 65536;
        char *grown = memory_grown(text, room, 1);
        text = grown;
        length += fread(text + length, 1, room - 1 - length, file);
    } while (length == room - 1 && room < DIRECTORY_LIMIT);
    *why = ferror(file) ? "it cannot be read" : length == room - 1 ? "it is too large" : NULL;
    fclose(file);
    text[length] = '\0';
    if (*why) free(text);
    return *why ? NULL : text;
}

bool lint_directory_open(struct lint *lint, const char **why)
{
    char *text = directory_read_all(lint->directory, why);
    if (!text) return false;
    if (sqlite3_open(":memory:", &lint->people) != SQLITE_OK) abort();
    /* the file can attach no other database, so it writes nowhere else */
    sqlite3_limit(lint->people, SQLITE_LIMIT_ATTACHED, 0);
    bool good = lite_do(lint->people, "%s", text) &&
                lite_do(lint->people, "select agent, skill, level from agent_skill; select agent from group_member");
    if (!good) *why = arena_printf(lint->arena, "%s", sqlite3_errmsg(lint->people));
    free(text);
    if (!good) lint_directory_close(lint);
    return good;
}

void lint_directory_close(struct lint *lint)
{
    sqlite3_close(lint->people);
    lint->people = NULL;
}

static int count_rows(const struct lint *lint, const char *table)
{
    sqlite3_int64 number;
    lite_has(lint->people, &number, "select count(*) from %s", table);
    return (int)number;
}

/* Counts the agents that meet all conditions: each skill is one SQL statement, which keeps some of the agents left
 * by the earlier ones. */
static int count_able(const struct lint *lint, const struct lint_levels *levels)
{
    lite_do(lint->people, "create temp table if not exists able (name text); delete from able;"
                          "insert into able select name from agent");
    for (size_t i = 0; i < levels->count; i++)
        lite_do(lint->people,
                "delete from able where name not in (select agent from agent_skill where skill = %Q and level between "
                "%lld and %lld)",
                levels->of[i].skill, (long long)levels->of[i].least, (long long)levels->of[i].most);
    return count_rows(lint, "able");
}

/* Has the group agents, or places where agents may sit? */
static bool has_members(const struct lint *lint, const char *group)
{
    return lite_has(lint->people, NULL, "select 1 from group_member where \"group\" = %Q", group) ||
           lite_has(lint->people, NULL, "select 1 from group_place where \"group\" = %Q", group);
}

void lint_nobody_there(struct lint *lint)
{
    if (!lint->people) return;
    int agents = count_rows(lint, "agent");
    EACH_OF (lint, line, NODE_LINE) {
        const struct node *target = line->line.target;
        struct lint_levels levels = lint_levels(target);
        bool group = target->kind == NODE_KIND_NAME && target->kind_name.kind == KIND_GROUP;
        bool empty = group && !has_members(lint, target->kind_name.name.text);
        if (levels.count > 0 && !levels.impossible) empty = count_able(lint, &levels) == 0;
        if (empty) lint_report(lint, NOBODY_THERE, target->span, agents, lint->directory);
    }
}
